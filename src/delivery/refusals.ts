/** What was answered to batches that a receiver refused, and what becomes of their events. */

import type { Batch } from '../queue/batch.js';
import type { Refusal } from '../queue/delivery-state.js';
import type { Queue } from '../queue/queue.js';
import type { Failure } from '../sending/outcome.js';
import type { Account } from './account.js';

/** As much as is kept of any answer. */
const MAX_RESPONSE_LENGTH = 1024;

/** Remembers the answers until it is clear whether the events are at fault. */
export class Refusals {
  readonly #queue: Queue;
  readonly #account: Account;
  readonly #answers = new WeakMap<Batch, Refusal>();

  constructor(queue: Queue, account: Account) {
    this.#queue = queue;
    this.#account = account;
  }

  /** A batch was refused: with `failure`. */
  remember(batch: Batch, failure: Failure): void {
    const response = 'response' in failure ? (failure.response ?? '') : '';
    this.note(batch, { status: failure.status, response });
  }

  /** A batch was refused: with these words. */
  note(batch: Batch, { status, response }: Refusal): void {
    this.#answers.set(batch, { status, response: response.slice(0, MAX_RESPONSE_LENGTH) });
  }

  /** The receiver will never take these events: they become dead letters, where the queue keeps any. */
  bury(batch: Batch): void {
    const { events } = batch;
    const refusal = this.#answers.get(batch) ?? { status: undefined, response: '' };
    const lost = events.filter((event) => !this.#queue.bury(event, refusal));
    const oldestSeq = events[0]?.seq ?? Number.POSITIVE_INFINITY;
    this.#queue.release(lost);
    this.#account.buried(events.length - lost.length, oldestSeq);
    this.#account.lost('rejected', lost.length, oldestSeq);
    this.#account.tellRefused(events.length, events.length - lost.length, refusal);
  }
}
