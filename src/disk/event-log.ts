/** A log of events: files that are appended to, and removed as a whole once nobody waits for anything in them. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { OwnFile, syncDirectory } from './files.js';
import {
  type Encoded,
  encodeEvents,
  encodeJson,
  type FileHeader,
  fileName,
  type LogKind,
  MAX_FRAME_BYTES,
  type NewEvent,
} from './layout.js';
import type { Amount, FileState } from './state.js';

/** Whoever waits for events; compared, and asked to note that something of it has changed. */
export interface Waiter {
  readonly name: string;
  /** What is in `file` for it is not what it was: `events` more. */
  changed(file: LogFile, events: number): void;
}

/** Distance between places in a file at which reading can begin. */
const INDEX_BYTES = 2 ** 16;

/** One file, and what in it is waited for. */
export class LogFile {
  readonly name: string;
  readonly kind: LogKind;
  readonly number: number;
  bytes: number;
  textBytes: number;
  first: number;
  last: number;
  oldestMs: number;
  youngestMs: number;
  /** Where it goes when it is not needed any more: it is damaged. */
  aside: string | undefined;
  readonly live = new Map<Waiter, { events: number; bytes: number }>();
  readonly #weighed: (change: number) => void;
  readonly #index: { readonly position: number; readonly offset: number }[] = [];
  #liveBytes = 0;

  /** @param weighed is told when `weight` changes */
  constructor(name: string, state: FileState, weighed: (change: number) => void = () => {}) {
    this.#weighed = weighed;
    this.name = name;
    this.kind = state.kind;
    this.number = state.number;
    this.bytes = state.bytes;
    this.textBytes = state.textBytes;
    this.first = state.first;
    this.last = state.last;
    this.oldestMs = state.oldestMs;
    this.youngestMs = state.youngestMs;
    this.aside = state.aside;
  }

  /** Bytes of texts that somebody waits for. Where several do, perhaps not for the same ones, it is an upper bound. */
  get weight(): number {
    return Math.min(this.#liveBytes, this.textBytes);
  }

  get state(): FileState {
    const { kind, number, bytes, textBytes, first, last, oldestMs, youngestMs, aside } = this;
    return {
      kind,
      number,
      bytes,
      textBytes,
      first,
      last,
      oldestMs,
      youngestMs,
      ...(aside !== undefined && { aside }),
    };
  }

  amountOf(waiter: Waiter): Amount {
    const { events, bytes } = this.live.get(waiter) ?? { events: 0, bytes: 0 };
    return [events, bytes];
  }

  add(waiter: Waiter, events: number, bytes: number): void {
    const amount = this.live.get(waiter);
    if (amount === undefined) this.live.set(waiter, { events, bytes });
    else {
      amount.events += events;
      amount.bytes += bytes;
      if (amount.events === 0) this.live.delete(waiter);
    }
    const before = this.weight;
    this.#liveBytes += bytes;
    this.#weighed(this.weight - before);
    waiter.changed(this, events);
  }

  /** Its last event is at `last` now. */
  reach(last: number, textBytes: number): void {
    const before = this.weight;
    this.last = last;
    this.textBytes = textBytes;
    this.#weighed(this.weight - before);
  }

  /** Where to begin reading for `position`. */
  offsetOf(position: number): number {
    return this.#index.findLast((place) => place.position <= position)?.offset ?? 0;
  }

  /** A frame begins at `offset`. */
  addPlace(position: number, offset: number): void {
    const last = this.#index.at(-1);
    if (last === undefined || offset - last.offset >= INDEX_BYTES) this.#index.push({ position, offset });
  }
}

/** Something to be written to a log with the next commit. */
export interface Plan {
  readonly file: LogFile;
  readonly isNew: boolean;
  /** Of the file before, and when it is written. */
  readonly before: FileState;
  readonly state: FileState;
  readonly bytes: Buffer;
  readonly places: readonly { readonly position: number; readonly offset: number }[];
}

/** How a log is used. */
export interface EventLogOptions {
  readonly directory: string;
  readonly owner: string;
  readonly header: FileHeader & { readonly kind: LogKind };
  /** A file that has so many bytes gets no more. */
  readonly maxFileBytes: number;
  /** Neither does one whose first event is older. */
  readonly maxSpanMs: number;
  /** What makes a position of a `seq`. */
  readonly base: number;
}

/** All files of one kind. */
export class EventLog {
  readonly #options: EventLogOptions;
  readonly #files: LogFile[];
  #nextNumber: number;
  #usedBytes = 0;
  #open: { readonly file: LogFile; readonly handle: OwnFile } | undefined;

  /** @param found files by name, the oldest first @param nextNumber the first that no file has */
  constructor(
    options: EventLogOptions,
    found: readonly (readonly [string, FileState])[],
    nextNumber: number,
  ) {
    this.#options = options;
    this.#files = found.map(([name, state]) => this.#create(name, state));
    this.#nextNumber = nextNumber;
  }

  /** The oldest first. */
  get files(): readonly LogFile[] {
    return this.#files;
  }

  /** Bytes of texts that somebody waits for. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** The file that has `position`. */
  find(position: number): LogFile | undefined {
    const last = this.#files.at(-1);
    if (last && position >= last.first) return last;
    let [low, high] = [0, this.#files.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#files[middle]?.last ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    return this.#files[low];
  }

  /** Lays out `events`, which are in order and not empty, behind all others. `number`: of the commit */
  plan(events: readonly NewEvent[], number: number, ms: number): Plan {
    const { base } = this.#options;
    const last = (events.at(-1)?.event.seq ?? 0) + base;
    const open = this.#open;
    const isNew = open === undefined || open.handle.isGone || this.#isOver(open.file, ms);
    const file = isNew ? this.#begin((events[0]?.event.seq ?? 0) + base, ms) : open.file;
    const header = isNew ? encodeJson(this.#options.header, 0, ms) : Buffer.alloc(0);
    const frames: Encoded[] = [];
    const places: { position: number; offset: number }[] = [];
    let end = file.bytes + header.length;
    let textBytes = file.textBytes;
    for (const run of runsOf(events)) {
      places.push({ position: (run.events[0]?.event.seq ?? 0) + base, offset: end });
      const frame = encodeEvents(run.events, base, number, ms);
      frames.push(frame);
      end += frame.length;
      textBytes += run.bytes;
    }
    const before = file.state;
    const state = { ...before, bytes: end, textBytes, last, youngestMs: ms };
    if (isNew) this.#files.push(file);
    // Found from now on: what is settled while it is being written is settled in it.
    file.reach(last, textBytes);
    return { file, isNew, before, state, places, bytes: joined(header, frames, end - file.bytes) };
  }

  /** Comes back when it is on disk. */
  async write({ file, isNew, bytes }: Plan): Promise<void> {
    const { directory } = this.#options;
    if (isNew) {
      const handle = await OwnFile.create(join(directory, file.name));
      await this.#open?.handle.close();
      this.#open = { file, handle };
    }
    const written = this.#open?.handle.write(bytes, file.bytes, true);
    await Promise.all([written, isNew ? syncDirectory(directory) : undefined]);
  }

  /** The commit is done. */
  accept({ file, state, places }: Plan): void {
    file.bytes = state.bytes;
    file.youngestMs = state.youngestMs;
    for (const { position, offset } of places) file.addPlace(position, offset);
  }

  /** The commit failed: what was written of it is no part of the spool. */
  async reject({ file, isNew, before }: Plan): Promise<void> {
    file.reach(before.last, before.textBytes);
    // Nobody shall take it for what a later commit wrote. Where that fails it stays.
    if (!isNew) await this.#open?.handle.truncate(before.bytes).catch(() => {});
    // What an fsync that failed leaves behind nobody knows: nothing is appended to that.
    await this.close();
    if (!isNew) return;
    this.#files.splice(this.#files.indexOf(file), 1);
    rmSync(join(this.#options.directory, file.name), { force: true });
  }

  /** Forgets files that nobody waits for, but for the one that is written to; says which. */
  release(): LogFile[] {
    const isOver = (file: LogFile) => file.live.size === 0 && file.name !== this.#open?.file.name;
    const released = this.#files.filter(isOver);
    if (released.length > 0)
      this.#files.splice(0, this.#files.length, ...this.#files.filter((file) => !isOver(file)));
    return released;
  }

  /** Lets go of the file that is written to when nobody waits for anything in it and it has more than `bytes`. */
  async rest(bytes: number): Promise<void> {
    const file = this.#open?.file;
    if (file && file.live.size === 0 && file.bytes > bytes) await this.close();
  }

  /** Begins a new file with the next event. */
  async close(): Promise<void> {
    await this.#open?.handle.close();
    this.#open = undefined;
  }

  #isOver({ bytes, oldestMs }: LogFile, ms: number): boolean {
    return bytes >= this.#options.maxFileBytes || ms - oldestMs >= this.#options.maxSpanMs;
  }

  #begin(first: number, ms: number): LogFile {
    const { owner, header } = this.#options;
    const number = this.#nextNumber++;
    const { kind } = header;
    const state = { kind, number, bytes: 0, textBytes: 0, first, last: first, oldestMs: ms, youngestMs: ms };
    return this.#create(fileName(kind, number, owner), state);
  }

  #create(name: string, state: FileState): LogFile {
    return new LogFile(name, state, (change) => {
      this.#usedBytes += change;
    });
  }
}

/** A header and frames behind it. */
function joined(header: Buffer, frames: readonly Encoded[], length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let offset = header.copy(bytes);
  for (const frame of frames) offset += frame.write(bytes.subarray(offset, offset + frame.length)).length;
  return bytes;
}

/** Events in runs that fit into a frame each. */
function* runsOf(events: readonly NewEvent[]): Generator<{ events: readonly NewEvent[]; bytes: number }> {
  let [start, index, bytes] = [0, 0, 0];
  for (const { event } of events) {
    if (index > start && bytes + event.bytes > MAX_FRAME_BYTES) {
      yield { events: events.slice(start, index), bytes };
      [start, bytes] = [index, 0];
    }
    bytes += event.bytes;
    index++;
  }
  yield { events: start === 0 ? events : events.slice(start), bytes };
}
