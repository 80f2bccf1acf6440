/**
 * What lies in the directory of a spool: the specification, and the code that reads and writes it.
 *
 * A spool is a directory of mode 0700. Its files have mode 0600 and names of the form `KIND-NUMBER-OWNER`:
 *
 * | kind      | holds                                                                              |
 * | --------- | ---------------------------------------------------------------------------------- |
 * | `logging` | events of type logging                                                             |
 * | `audit`   | events of all other types                                                          |
 * | `dead`    | dead letters                                                                       |
 * | `state`   | what became of them: the journal, and the only thing that is read at a start       |
 *
 * `NUMBER` goes up within a kind; of two files the one with the higher number is younger. `OWNER` is made up by each
 * process that opens the directory, so that no two ever write into one file. Beside them are `owner`, a symbolic link
 * that names the socket of the process that owns the directory (see `ownership.ts`), and `synced` (see `tail-note.ts`).
 * Whatever else lies there belongs to somebody else and is left alone.
 *
 * Every file is a row of frames, without anything between them. Numbers are little-endian.
 *
 * | offset | bytes | field                                                                           |
 * | ------ | ----- | ------------------------------------------------------------------------------- |
 * | 0      | 4     | magic: `WLT1`. The digit is the version; a file of another version is not read    |
 * | 4      | 4     | CRC-32 of all that follows in the frame                                         |
 * | 8      | 4     | length of the whole frame                                                       |
 * | 12     | 8     | number (double): contiguous in a journal; of a commit, in the other files       |
 * | 20     | 8     | position (double) of the first event                                            |
 * | 28     | 8     | time (double): milliseconds by the spool's own clock                            |
 * | 36     | 4     | events                                                                          |
 * | 40     | 4     | bytes of the JSON                                                               |
 * | 44     |       | JSON, rows of 20 bytes for each event, texts each followed by one free byte      |
 *
 * The first frame of each file is its header: its JSON is a `FileHeader`, and it has no events. In a `state` file
 * further frames are a `Change` each, of which the first is whole (see `state.ts`), with `synced`: number of the last
 * commit that was on disk for certain by then. In the others they have events, and their JSON is an `EventsFrame`:
 * names of targets, sets of them, names of formats, and what only some events have.
 *
 * | row offset | bytes | field                                                     |
 * | ---------- | ----- | --------------------------------------------------------- |
 * | 0          | 4     | position, from that of the first event                    |
 * | 4          | 4     | bytes of the text                                         |
 * | 8          | 8     | when it was accepted (double), milliseconds since 1970    |
 * | 16         | 1     | type: 0 lifecycle, 1 logging, 2 operation                 |
 * | 17         | 1     | format, as index of `formats`                             |
 * | 18         | 2     | who waits for it, as index of `sets`                      |
 *
 * Invariants. Positions go up within a log, and over both logs in the order in which events were accepted. An event is
 * written once, whoever waits for it. A commit is done when its frame in the journal is on disk and so is what that
 * frame says of the other files; what lies behind that is no part of the spool. A log's file is removed as a whole,
 * once a commit that is on disk says that nobody waits for anything in it. The journal says how many events of whom
 * are in each file: fewer than that is damage, whatever a file looks like.
 *
 * A reader that meets bytes that are no frame looks for the next place that is one.
 */

import { crc32 } from 'node:zlib';
import type { EventType } from '../model/event.js';
import { EncodedEvent } from '../queue/encoded-event.js';
import { Table, Texts } from './frame-parts.js';

export type LogKind = 'logging' | 'audit' | 'dead';
export type FileKind = LogKind | 'state';

const MAGIC = 'WLT1';
const FRAME_BYTES = 44;
const ROW_BYTES = 20;
const eventTypes: readonly EventType[] = ['lifecycle', 'logging', 'operation'];
/** A frame holds no more than this of texts, unless one event alone is larger. */
export const MAX_FRAME_BYTES = 2 ** 20;
/** Nothing that is longer is taken for a frame. */
const MAX_LENGTH = 2 ** 31 - 1;

/** What a file says about itself. */
export interface FileHeader {
  /** The spool that it belongs to, by a name made up when that began. */
  readonly spool: string;
  readonly kind: FileKind;
}

/** What the events of a frame have in common. */
interface EventsFrame {
  readonly queues: readonly string[];
  readonly sets: readonly (readonly number[])[];
  readonly formats: readonly string[];
  /** By index of the event. */
  readonly extras: Readonly<Record<number, EventExtra>>;
}

/** What only some events have. */
interface EventExtra {
  readonly id?: string;
  readonly isReturned?: true;
  /** Of a dead letter. */
  readonly letter?: LetterNote;
}

/** What is kept of a refusal. */
export interface LetterNote {
  readonly id: string;
  readonly atMs: number;
  readonly status?: number;
  readonly response: string;
}

/** An event that is to be written, and who waits for it. */
export interface NewEvent {
  readonly event: EncodedEvent;
  readonly queues: readonly { readonly name: string }[];
  readonly letter?: LetterNote | undefined;
}

/** An event, its place in the spool, and who waits for it. */
export interface StoredEvent {
  readonly position: number;
  readonly event: EncodedEvent;
  /** Names of targets. */
  readonly waiters: readonly string[];
  readonly letter?: LetterNote | undefined;
}

/** A frame as it was read. */
export interface Frame {
  /** Bytes from the start of what was read. */
  readonly offset: number;
  readonly length: number;
  readonly number: number;
  readonly position: number;
  readonly ms: number;
  readonly events: number;
  /** All of it. */
  readonly bytes: Buffer;
}

/** `logging-00000012-4f2a...`; numbers sort as text. */
export function fileName(kind: FileKind, number: number, owner: string): string {
  return `${kind}-${String(number).padStart(10, '0')}-${owner}`;
}

export function parseFileName(name: string): { kind: FileKind; number: number; owner: string } | undefined {
  const [, kind, number, owner] = /^(logging|audit|dead|state)-(\d{10})-([0-9a-f]{16})$/.exec(name) ?? [];
  return kind === undefined || owner === undefined
    ? undefined
    : { kind: kind as FileKind, number: Number(number), owner };
}

/** A frame without events. */
export function encodeJson(json: object, number: number, ms: number): Buffer {
  const text = Buffer.from(JSON.stringify(json));
  const frame = Buffer.allocUnsafe(FRAME_BYTES + text.length);
  text.copy(frame, FRAME_BYTES);
  return seal(frame, { number, position: 0, ms, events: 0, jsonBytes: text.length });
}

/** A frame that can be written: several to one buffer, so that nothing is copied twice. */
export interface Encoded {
  readonly length: number;
  /** Fills a buffer of that length. */
  write(frame: Buffer): Buffer;
}

/** A frame of events, in order of their positions. `base`: what makes a position of a `seq` */
export function encodeEvents(events: readonly NewEvent[], base: number, number: number, ms: number): Encoded {
  const queues = new Table<string>();
  const sets = new Table<string>();
  const formats = new Table<string>();
  const extras: Record<number, EventExtra> = {};
  const texts = new Texts();
  let [lastQueues, set] = [undefined as NewEvent['queues'] | undefined, 0];
  const rows = Buffer.allocUnsafe(events.length * ROW_BYTES);
  const first = events[0]?.event.seq ?? 0;
  let offset = 0;
  for (const { event, queues: waiters, letter } of events) {
    const { id, isReturned } = event;
    if (id !== undefined || letter !== undefined || isReturned)
      extras[offset / ROW_BYTES] = {
        ...(id !== undefined && { id }),
        ...(isReturned && { isReturned }),
        ...(letter && { letter }),
      };
    if (waiters !== lastQueues) {
      lastQueues = waiters;
      set = sets.indexOf(waiters.map(({ name }) => queues.indexOf(name)).join());
    }
    offset = rows.writeUInt32LE(event.seq - first, offset);
    offset = rows.writeUInt32LE(event.bytes, offset);
    offset = rows.writeDoubleLE(event.acceptedAtMs, offset);
    offset = rows.writeUInt8(eventTypes.indexOf(event.type), offset);
    offset = rows.writeUInt8(formats.indexOf(event.format), offset);
    offset = rows.writeUInt16LE(set, offset);
    texts.add(event);
  }
  const json: EventsFrame = {
    queues: queues.values,
    sets: sets.values.map((text) => text.split(',').map(Number)),
    formats: formats.values,
    extras,
  };
  const text = Buffer.from(JSON.stringify(json));
  const rowsAt = FRAME_BYTES + text.length;
  const textsAt = rowsAt + rows.length;
  const fields = { number, position: first + base, ms, events: events.length, jsonBytes: text.length };
  return {
    length: textsAt + texts.bytes,
    write(frame) {
      text.copy(frame, FRAME_BYTES);
      rows.copy(frame, rowsAt);
      texts.copy(frame, textsAt);
      return seal(frame, fields);
    },
  };
}

/** The JSON of a frame. */
export function decodeJson(frame: Frame): unknown {
  const length = frame.bytes.readUInt32LE(40);
  return JSON.parse(frame.bytes.toString('utf8', FRAME_BYTES, FRAME_BYTES + length));
}

/** The events of a frame, with their texts where they were read to. `base`: what makes a position of a `seq` */
export function decodeEvents(frame: Frame, base = 0): StoredEvent[] {
  const { bytes: block, position: first } = frame;
  const { queues, sets, formats, extras } = decodeJson(frame) as EventsFrame;
  const waiters = sets.map((set) => set.map((index) => queues[index] as string));
  let row = FRAME_BYTES + block.readUInt32LE(40);
  let start = row + frame.events * ROW_BYTES;
  const events: StoredEvent[] = [];
  for (let index = 0; index < frame.events; index++, row += ROW_BYTES) {
    const bytes = block.readUInt32LE(row + 4);
    const position = first + block.readUInt32LE(row);
    const type = eventTypes[block[row + 16] ?? 0] as EventType;
    const format = formats[block[row + 17] ?? 0] as string;
    const text = { block, start, bytes };
    const plain = new EncodedEvent(position - base, type, format, block.readDoubleLE(row + 8), text);
    const extra = extras[index];
    const who = waiters[block.readUInt16LE(row + 18)] ?? [];
    if (extra === undefined) events.push({ position, waiters: who, event: plain });
    else {
      const { letter, ...more } = extra;
      events.push({ position, waiters: who, letter, event: { ...plain, ...more } });
    }
    start += bytes + 1;
  }
  return events;
}

/** What was found in some bytes. */
export interface Parsed {
  readonly frames: readonly Frame[];
  /** Bytes up to the end of the last frame, or up to what may be the beginning of one that is not all there. */
  readonly end: number;
  /** Places that are no frame, before `end`. */
  readonly gaps: number;
  /** Bytes that what may be the beginning of a frame lacks, as far as it tells. */
  readonly missing: number;
}

/** Finds the frames in `bytes`. `isAll`: nothing follows, so that a frame that is cut off is none */
export function parseFrames(bytes: Buffer, isAll: boolean): Parsed {
  const frames: Frame[] = [];
  let [offset, end, gaps, missing] = [0, 0, 0, 0];
  while (offset < bytes.length) {
    const frame = frameAt(bytes, offset, isAll);
    if (typeof frame === 'number') {
      missing = frame;
      break;
    }
    if (frame) {
      if (offset > end) gaps++;
      frames.push(frame);
      offset += frame.length;
      end = offset;
    } else {
      const next = bytes.indexOf(MAGIC, offset + 1, 'latin1');
      // The last bytes may be the beginning of one.
      offset = next < 0 ? Math.max(bytes.length - (isAll ? 0 : MAGIC.length - 1), offset + 1) : next;
    }
  }
  if (isAll) return { frames, end, gaps, missing };
  return { frames, end: Math.min(offset, bytes.length), gaps: offset > end ? gaps + 1 : gaps, missing };
}

/** A number: so many bytes are missing at least. */
function frameAt(bytes: Buffer, offset: number, isAll: boolean): Frame | number | undefined {
  const isStart = MAGIC.startsWith(bytes.toString('latin1', offset, offset + MAGIC.length));
  if (!isStart) return undefined;
  const left = bytes.length - offset;
  if (left < FRAME_BYTES) return isAll ? undefined : FRAME_BYTES - left;
  const length = bytes.readUInt32LE(offset + 8);
  const [events, jsonBytes] = [bytes.readUInt32LE(offset + 36), bytes.readUInt32LE(offset + 40)];
  if (length > MAX_LENGTH || FRAME_BYTES + jsonBytes + events * ROW_BYTES > length) return undefined;
  if (length > left) return isAll ? undefined : length - left;
  const frame = bytes.subarray(offset, offset + length);
  if (crc32(frame.subarray(8)) !== frame.readUInt32LE(4)) return undefined;
  return {
    offset,
    length,
    number: frame.readDoubleLE(12),
    position: frame.readDoubleLE(20),
    ms: frame.readDoubleLE(28),
    events,
    bytes: frame,
  };
}

interface Fields {
  readonly number: number;
  readonly position: number;
  readonly ms: number;
  readonly events: number;
  readonly jsonBytes: number;
}

function seal(frame: Buffer, { number, position, ms, events, jsonBytes }: Fields): Buffer {
  frame.write(MAGIC, 'latin1');
  frame.writeUInt32LE(frame.length, 8);
  frame.writeDoubleLE(number, 12);
  frame.writeDoubleLE(position, 20);
  frame.writeDoubleLE(ms, 28);
  frame.writeUInt32LE(events, 36);
  frame.writeUInt32LE(jsonBytes, 40);
  frame.writeUInt32LE(crc32(frame.subarray(8)), 4);
  return frame;
}
