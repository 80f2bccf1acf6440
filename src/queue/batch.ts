/** A batch: the events of one request, with the bytes and the id that all its attempts share. */

import { randomUUID } from 'node:crypto';
import type { BodyFormat, Envelope, Frame } from '../formats/envelope.js';
import { builtIn } from '../formats/formats.js';
import type { EncodedEvent } from './encoded-event.js';

/** What one request carries. Never changes, so that a receiver can remove duplicates by `id`. */
export interface Batch {
  /** Value of `webhook-id`. */
  readonly id: string;
  readonly format: BodyFormat;
  readonly envelope: Envelope;
  /** Before compression. */
  readonly body: Buffer;
  readonly events: readonly EncodedEvent[];
  /** Whether there may be others in its queue that lay between its events and are settled: a receiver has taken them. */
  readonly isSifted: boolean;
}

/**
 * Makes a batch of events of one format.
 * @param id of one that was made before, of the same events. Default: one of its own
 * @param envelope Default: that of their format, as far as it does not depend on options
 * @param isSifted whether others between them are settled
 */
export function createBatch(
  events: readonly EncodedEvent[],
  format: BodyFormat,
  id = `msg_${randomUUID()}`,
  envelope = builtIn.createLooseEnvelope(events[0]?.format ?? '', format),
  isSifted = false,
): Batch {
  return { id, format, envelope, body: createBody(events, envelope.frame), events, isSifted };
}

/** Two batches with ids of their own, in order: the events of one that was refused as a whole. */
export function halve({ events, format, envelope, isSifted }: Batch): [Batch, Batch] {
  const middle = Math.ceil(events.length / 2);
  const half = (part: readonly EncodedEvent[]) => createBatch(part, format, undefined, envelope, isSifted);
  return [half(events.slice(0, middle)), half(events.slice(middle))];
}

/** Bytes that a frame puts around all events of a body, and between two of them. */
export interface FrameBytes {
  readonly around: number;
  readonly between: number;
}

/** How many they are. */
export function frameBytes({ open, separator, close }: Frame): FrameBytes {
  return {
    around: Buffer.byteLength(open) + Buffer.byteLength(close),
    between: Buffer.byteLength(separator),
  };
}

/** Bytes of a body with at least one event. */
export function bodyBytes(eventCount: number, eventBytes: number, { around, between }: FrameBytes): number {
  return eventBytes + around + between * (eventCount - 1);
}

/**
 * Most of a body is a few runs of texts that lie one behind the other: with a separator in the byte that is free
 * behind each, a run is copied in one go. A separator of more bytes goes between runs of one text each. The one behind the last one gives way to the end of the body.
 */
function createBody(events: readonly EncodedEvent[], { open, separator, close }: Frame): Buffer {
  const [openBytes, between, closeBytes] = [open, separator, close].map((text) => Buffer.from(text)) as [
    Buffer,
    Buffer,
    Buffer,
  ];
  const textBytes = events.reduce((sum, { bytes }) => sum + bytes, 0);
  const frameBytes = openBytes.length + closeBytes.length + between.length * (events.length - 1);
  const body = Buffer.allocUnsafe(textBytes + frameBytes);
  let offset = openBytes.copy(body);
  let runStart = 0;
  let runEnd = 0;
  let block: Buffer | undefined;
  const endRun = () => {
    offset += block?.copy(body, offset, runStart, runEnd) ?? 0;
  };
  for (const event of events) {
    if (event.block !== block || event.start !== runEnd) {
      endRun();
      if (block && between.length > 1) offset += between.copy(body, offset);
      block = event.block;
      runStart = event.start;
    }
    runEnd = event.start + event.bytes;
    if (between.length === 1) block[runEnd++] = between[0] as number;
  }
  endRun();
  closeBytes.copy(body, body.length - closeBytes.length);
  return body;
}
