/** How a run of events lies on disk: one value, with a checksum over all of it. */

import { crc32 } from 'node:zlib';
import { type EventType, eventTypes } from '../model/event.js';
import type { EncodedEvent } from '../queue/encoded-event.js';

/** The formats that have a number on disk: append only. Others are there by name, see `Notes`. */
const eventFormats = ['migration-manager', 'lxd', 'ibm-resource-lifecycle', 'cloudevents'];
const BY_NAME = 255;

/** Bytes before a value: its checksum. */
const SEAL_BYTES = 4;

/**
 * Puts a checksum before a value. The store has checksums of its own, but does not look at them when it reads, and
 * skips what it finds damaged in its log.
 */
function seal(value: Buffer): Buffer {
  const sealed = Buffer.allocUnsafe(SEAL_BYTES + value.length);
  sealed.writeUInt32LE(crc32(value));
  value.copy(sealed, SEAL_BYTES);
  return sealed;
}

/** The value, or `undefined` when it is not what was sealed. */
function unseal(sealed: Buffer | undefined): Buffer | undefined {
  if (sealed === undefined || sealed.length < SEAL_BYTES) return undefined;
  const value = sealed.subarray(SEAL_BYTES);
  return crc32(value) === sealed.readUInt32LE() ? value : undefined;
}

/** A value that can be written as JSON. */
export function sealJson(value: unknown): Buffer {
  return seal(Buffer.from(JSON.stringify(value)));
}

export function unsealJson(sealed: Buffer | undefined): unknown {
  const value = unseal(sealed);
  return value && JSON.parse(value.toString());
}

/** Of events by their place in the chunk: ids that they have already, and formats that have no number. */
type Notes = Readonly<Record<number | `format ${number}`, string>>;

/** Of the frame before the texts: position of the first event, their number, bytes of the ids. */
const HEAD_BYTES = 8 + 4 + 4;
/** Of each event: distance from the first position, bytes, time of acceptance, type, format. */
const ROW_BYTES = 4 + 4 + 8 + 1 + 1;

/**
 * @param base what makes a position of an event's `seq`: positions go on over restarts
 */
export function encodeChunk(events: readonly EncodedEvent[], base: number): Buffer {
  const ids = Object.fromEntries(
    events.flatMap(({ id, format }, index) => [
      ...(id === undefined ? [] : [[index, id]]),
      ...(eventFormats.includes(format) ? [] : [[`format ${index}`, format]]),
    ]),
  );
  const idBytes = Buffer.from(JSON.stringify(ids));
  const textsStart = SEAL_BYTES + HEAD_BYTES + idBytes.length + events.length * ROW_BYTES;
  const chunk = Buffer.allocUnsafe(events.reduce((sum, { bytes }) => sum + bytes + 1, textsStart));
  const firstSeq = events[0]?.seq ?? 0;
  let offset = chunk.writeDoubleLE(firstSeq + base, SEAL_BYTES);
  offset = chunk.writeUInt32LE(events.length, offset);
  offset = chunk.writeUInt32LE(idBytes.length, offset);
  offset += idBytes.copy(chunk, offset);
  let textOffset = textsStart;
  for (const { seq, bytes, acceptedAtMs, type, format, block, start } of events) {
    offset = chunk.writeUInt32LE(seq - firstSeq, offset);
    offset = chunk.writeUInt32LE(bytes, offset);
    offset = chunk.writeDoubleLE(acceptedAtMs, offset);
    offset = chunk.writeUInt8(eventTypes.indexOf(type), offset);
    offset = chunk.writeUInt8(eventFormats.includes(format) ? eventFormats.indexOf(format) : BY_NAME, offset);
    textOffset += block.copy(chunk, textOffset, start, start + bytes);
    // The byte that stays free behind each text.
    chunk[textOffset++] = 0;
  }
  chunk.writeUInt32LE(crc32(chunk.subarray(SEAL_BYTES)));
  return chunk;
}

/** The events of a chunk, with their texts where they were read to; `undefined` when it is damaged. */
export function decodeChunk(sealed: Buffer | undefined, base: number): EncodedEvent[] | undefined {
  const chunk = unseal(sealed);
  if (chunk === undefined || chunk.length < HEAD_BYTES) return undefined;
  const firstSeq = chunk.readDoubleLE() - base;
  const count = chunk.readUInt32LE(8);
  const idBytes = chunk.readUInt32LE(12);
  const ids = JSON.parse(chunk.toString('utf8', HEAD_BYTES, HEAD_BYTES + idBytes)) as Notes;
  const events: EncodedEvent[] = [];
  let row = HEAD_BYTES + idBytes;
  let start = row + count * ROW_BYTES;
  for (let index = 0; index < count; index++, row += ROW_BYTES) {
    const bytes = chunk.readUInt32LE(row + 4);
    const id = ids[index];
    events.push({
      seq: firstSeq + chunk.readUInt32LE(row),
      type: eventTypes[chunk.readUInt8(row + 16)] as EventType,
      format: ids[`format ${index}`] ?? (eventFormats[chunk.readUInt8(row + 17)] as string),
      acceptedAtMs: chunk.readDoubleLE(row + 8),
      block: chunk,
      start,
      bytes,
      ...(id !== undefined && { id }),
    });
    start += bytes + 1;
  }
  return events;
}
