/** A batch: the events of one request, with the bytes and the id that all its attempts share. */

import { randomUUID } from 'node:crypto';
import type { LogTargetSettings } from '../settings/schema.js';
import type { EncodedEvent } from './encoded-event.js';

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

/** Makes a batch. `id`: of one that was made before, of the same events. Default: one of its own */
export function createBatch(
  events: readonly EncodedEvent[],
  format: BodyFormat,
  id = `msg_${randomUUID()}`,
): Batch {
  return {
    id,
    format,
    body: createBody(events, frames[format]),
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

/** What stands before, between and after the events of a body; one byte each, or nothing. */
interface Frame {
  readonly open: string;
  readonly separator: string;
  readonly close: string;
}

const frames: Readonly<Record<BodyFormat, Frame>> = {
  array: { open: '[', separator: ',', close: ']' },
  ndjson: { open: '', separator: '\n', close: '\n' },
  single: { open: '', separator: '', close: '' },
};

/**
 * Most of a body is a few runs of texts that lie one behind the other: with a separator in the byte that is free
 * behind each, a run is copied in one go. The separator behind the last one gives way to the end of the body.
 */
function createBody(events: readonly EncodedEvent[], { open, separator, close }: Frame): Buffer {
  const textBytes = events.reduce((sum, { bytes }) => sum + bytes, 0);
  const frameBytes = open.length + close.length + separator.length * (events.length - 1);
  const body = Buffer.allocUnsafe(textBytes + frameBytes);
  let offset = body.write(open);
  let runStart = 0;
  let runEnd = 0;
  let block: Buffer | undefined;
  for (const event of events) {
    if (event.block !== block || event.start !== runEnd) {
      offset += block?.copy(body, offset, runStart, runEnd) ?? 0;
      block = event.block;
      runStart = event.start;
    }
    runEnd = event.start + event.bytes;
    if (separator !== '') block[runEnd++] = separator.charCodeAt(0);
  }
  block?.copy(body, offset, runStart, runEnd);
  body.write(close, body.length - close.length);
  return body;
}
