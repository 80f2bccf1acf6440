/** A batch: the events of one request, with the bytes and the id that all its attempts share. */

import { randomUUID } from 'node:crypto';
import type { LogTargetSettings } from '../settings/schema.js';
import type { EncodedEvent } from './queue.js';

/** How events are put together in a body. */
export type BodyFormat = LogTargetSettings['body_format'];

/** What one request carries. Never changes, so that a receiver can remove duplicates by `id`. */
export interface Batch {
  /** Value of `webhook-id`. */
  readonly id: string;
  readonly format: BodyFormat;
  /** Before compression. */
  readonly body: Buffer;
  readonly events: readonly EncodedEvent[];
}

/** `content-type` of each body format. */
export const contentTypes: Readonly<Record<BodyFormat, string>> = {
  array: 'application/json',
  single: 'application/json',
  ndjson: 'application/x-ndjson',
};

/** Makes a batch with an id of its own. */
export function createBatch(events: readonly EncodedEvent[], format: BodyFormat, idPrefix = 'msg'): Batch {
  return {
    id: `${idPrefix}_${randomUUID()}`,
    format,
    body: Buffer.from(joinTexts(events, format)),
    events,
  };
}

/** Two batches with ids of their own, in order: the events of one that was refused as a whole. */
export function halve({ events, format }: Batch): [Batch, Batch] {
  const middle = Math.ceil(events.length / 2);
  return [createBatch(events.slice(0, middle), format), createBatch(events.slice(middle), format)];
}

/** Bytes of a body around and between its events: at most one for each event and one more. */
export function bodyBytes(eventCount: number, eventBytes: number): number {
  return eventBytes + eventCount + 1;
}

function joinTexts(events: readonly EncodedEvent[], format: BodyFormat): string {
  const texts = events.map((event) => event.text);
  switch (format) {
    case 'array':
      return `[${texts.join(',')}]`;
    case 'ndjson':
      return `${texts.join('\n')}\n`;
    case 'single':
      return texts.join('');
  }
}
