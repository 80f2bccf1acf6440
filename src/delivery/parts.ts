/** Takes a batch apart of which a receiver took only some events. */

import { type Batch, createBatch } from '../queue/batch.js';
import type { Refusal } from '../queue/delivery-state.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import type { PartialDelivery } from '../sending/outcome.js';

/** What becomes of the events of a batch, each list in their order. */
export interface Parts {
  readonly taken: readonly EncodedEvent[];
  /** Each in a batch of its own, with what was said of it. */
  readonly refused: readonly (readonly [Batch, Refusal])[];
  /** What is to be sent again, in a batch with an id of its own. */
  readonly again: Batch | undefined;
  /** Whether that should wait for a while. */
  readonly isPutOff: boolean;
}

/** The parts of `batch` by what its receiver answered. */
export function partsOf(batch: Batch, { refused, unreadFrom, status }: PartialDelivery): Parts {
  const { events, format, envelope } = batch;
  const batchOf = (part: readonly EncodedEvent[]) => createBatch(part, format, undefined, envelope, true);
  const untaken = new Map(refused.map((each) => [each.index, each]));
  const isUnread = (index: number) => unreadFrom !== undefined && index >= unreadFrom;
  const isAgain = (index: number) => isUnread(index) || untaken.get(index)?.retryable === true;
  const again = events.filter((_, index) => isAgain(index));
  return {
    taken: events.filter((_, index) => !isUnread(index) && !untaken.has(index)),
    refused: refused.flatMap(({ index, retryable, message, status: own = status }) => {
      const event = events[index];
      return event && !retryable ? [[batchOf([event]), { status: own, response: message }] as const] : [];
    }),
    again: again.length > 0 ? batchOf(again) : undefined,
    isPutOff: refused.some(({ retryable }) => retryable),
  };
}
