/** The journal: the `state` files, in which each commit is a frame. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ClockReading } from './clock.js';
import { codeOf, OwnFile, readFrames, syncDirectory } from './files.js';
import { decodeJson, encodeJson, type FileHeader, fileName } from './layout.js';
import { type Change, emptyState, fold, type SpoolState, wholeChange } from './state.js';
import type { TailNote } from './tail-note.js';

/** A file has room for so much from the start: a full disk must not keep a journal from telling what was delivered. */
const MIN_FILE_BYTES = 2 ** 16;
/** ... and for so many times the state as a whole. */
const ROOM_FACTOR = 4;

/** What journals said. */
export interface ReadJournal {
  /** Name of the spool; `undefined`: nothing can be read, or there is nothing. */
  readonly spool: string | undefined;
  readonly state: SpoolState;
  /** The state before the last commit. */
  readonly before: SpoolState;
  /** Number of the last commit; 0: none. */
  readonly number: number;
  /** Whether commits before the last one are missing. */
  readonly isDamaged: boolean;
  /** Files that must be kept until there is another journal. */
  readonly needed: readonly string[];
}

/**
 * Reads the state. Nothing on disk changes.
 * @param names of all `state` files, the oldest first
 * @param note how far it was on disk, as far as that is known
 */
export async function readJournals(
  directory: string,
  names: readonly string[],
  note: TailNote | undefined,
): Promise<ReadJournal> {
  const read = await Promise.all(
    names.map(async (name) => ({ name, ...(await readChanges(join(directory, name))) })),
  );
  const spool = read.findLast((file) => file.header !== undefined)?.header?.spool;
  const ours = read.filter(({ header }) => header === undefined || header.spool === spool);
  // Files take turns, so the one with the higher number may have been begun earlier.
  ours.sort((a, b) => (a.changes[0]?.number ?? 0) - (b.changes[0]?.number ?? 0));
  const entries = ours.flatMap(({ name, changes }) => changes.map((change) => ({ name, ...change })));
  const starts = entries.filter(({ change }) => change.isWhole).sort((a, b) => a.number - b.number);
  const start = starts.at(-1);
  let state = start ? fold(emptyState, start.change) : emptyState;
  let [before, number, isDamaged] = [state, start?.number ?? 0, start === undefined && names.length > 0];
  const needed = new Set(start ? [start.name] : []);
  const rest = entries.filter((entry) => entry.number > number && !entry.change.isWhole);
  const noted = note?.spool === spool ? (note?.number ?? 0) : 0;
  const synced = Math.max(noted, ...entries.map(({ change }) => change.synced));
  // Where a commit failed, its number was used again: the later one counts.
  const latest = new Map(rest.map((entry) => [entry.number, entry]));
  for (const entry of [...latest.values()].sort((a, b) => a.number - b.number)) {
    if (entry.number !== number + 1) {
      // The machine stopped before it had all that was written.
      if (number >= synced) break;
      isDamaged = true;
    }
    before = state;
    state = fold(state, entry.change);
    number = entry.number;
    needed.add(entry.name);
  }
  return { spool, state, before, number, isDamaged, needed: [...needed] };
}

/** As it is written. */
interface WrittenChange extends Change {
  /** Number of the last commit that was on disk for certain by then. A young spool has no note on disk that says so. */
  readonly synced: number;
}

async function readChanges(path: string) {
  let header: FileHeader | undefined;
  const changes: { number: number; change: WrittenChange }[] = [];
  try {
    await readFrames(path, 0, Number.POSITIVE_INFINITY, (frames) => {
      for (const frame of frames) {
        const json = decodeJson(frame) as WrittenChange | FileHeader;
        if ('spool' in json) header = json;
        // What is left of an earlier use of the file comes behind what is younger.
        else if (frame.number >= (changes.at(-1)?.number ?? 0))
          changes.push({ number: frame.number, change: json });
      }
      return true;
    });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ELOOP') throw error;
  }
  return { header, changes };
}

/** A frame that is to be written. */
export interface Entry {
  readonly state: SpoolState;
  readonly frame: Buffer;
}

interface JournalFile {
  readonly name: string;
  readonly file: OwnFile;
  /** Bytes that are laid out for it. */
  readonly size: number;
}

/** Where a journal goes on. */
export interface JournalStart {
  readonly spool: string;
  readonly state: SpoolState;
  /** Of the last commit. */
  readonly number: number;
  /** The first file number that is free. */
  readonly fileNumber: number;
  /** Files of former owners that have been of use until now. */
  readonly obsolete: readonly string[];
}

/** Two files take turns: when one is full, the other begins with the state as a whole. */
export class Journal {
  readonly #directory: string;
  readonly #header: FileHeader;
  readonly #owner: string;
  #state: SpoolState;
  #number: number;
  #synced: number;
  #fileNumber: number;
  /** Of former owners; not needed any more once there are two files. */
  readonly #obsolete: string[];
  #current: JournalFile | undefined;
  #other: JournalFile | undefined;
  #offset = 0;

  constructor(directory: string, owner: string, start: JournalStart) {
    this.#directory = directory;
    this.#header = { spool: start.spool, kind: 'state' };
    this.#owner = owner;
    this.#state = start.state;
    this.#number = start.number;
    this.#synced = start.number;
    this.#fileNumber = start.fileNumber;
    this.#obsolete = [...start.obsolete];
  }

  /** Whether there is a file of it. */
  get hasBegun(): boolean {
    return this.#current !== undefined;
  }

  /** Whether somebody has removed the file that it writes to; the next commit begins another. */
  get isGone(): boolean {
    return this.#current?.file.isGone ?? false;
  }

  /** Of the last commit. */
  get number(): number {
    return this.#number;
  }

  /** Of the last commit that is on disk for certain, and of the last one. */
  get numbers(): { readonly number: number; readonly latest: number } {
    return { number: this.#synced, latest: this.#number };
  }

  /** Whether it has all the room that it needs. */
  get hasRoom(): boolean {
    return this.#current !== undefined && this.#other !== undefined;
  }

  /** Makes what is missing of both files, the first with the state as it was found. */
  async begin(clock: ClockReading): Promise<void> {
    if (this.#current === undefined) await this.#turn(clock);
    this.#other ??= await this.#create(this.#current?.size ?? 0);
  }

  /** What `accept` makes part of the state once it is written. */
  prepare(change: Change): Entry {
    return { state: fold(this.#state, change), frame: this.#encode(change, this.#number + 1) };
  }

  /** `sync`: comes back when it is on disk, with all before it. */
  async write({ frame, state }: Entry, sync: boolean): Promise<void> {
    const size = this.isGone ? 0 : (this.#current?.size ?? 0);
    if (this.#offset + frame.length > size) {
      await this.#turn(state.clock as ClockReading, frame.length);
    }
    await this.#current?.file.write(frame, this.#offset, sync);
  }

  /** `isSynced`: it is on disk, as is all before it */
  accept({ state, frame }: Entry, isSynced: boolean): void {
    this.#state = state;
    this.#number++;
    if (isSynced) this.#synced = this.#number;
    this.#offset += frame.length;
  }

  async close(): Promise<void> {
    await Promise.all([this.#current?.file.close(), this.#other?.file.close()]);
  }

  /** Goes on in the other file. What was written last stays where it is. */
  async #turn(clock: ClockReading, more = 0): Promise<void> {
    const whole = this.#encode(wholeChange(this.#state, clock), this.#number);
    const start = Buffer.concat([encodeJson(this.#header, 0, clock.ms), whole]);
    let next = this.#other;
    if (next === undefined || next.file.isGone || start.length + more > next.size) {
      next = await this.#create(ROOM_FACTOR * (start.length + more));
      await this.#other?.file.close();
      if (this.#other) this.#remove(this.#other.name);
      this.#other = next;
    }
    await next.file.write(start, 0, true);
    await syncDirectory(this.#directory);
    [this.#current, this.#other] = [next, this.#current];
    this.#offset = start.length;
    if (this.#other) for (const name of this.#obsolete.splice(0)) this.#remove(name);
  }

  #encode(change: Change, number: number): Buffer {
    const written: WrittenChange = { ...change, synced: this.#synced };
    return encodeJson(written, number, change.clock.ms);
  }

  #remove(name: string): void {
    rmSync(join(this.#directory, name), { force: true });
  }

  /** Its room is taken at once, so that later it is there. */
  async #create(bytes: number): Promise<JournalFile> {
    const size = Math.max(Math.ceil(bytes / MIN_FILE_BYTES) * MIN_FILE_BYTES, MIN_FILE_BYTES);
    const name = fileName('state', this.#fileNumber, this.#owner);
    const file = await OwnFile.create(join(this.#directory, name));
    this.#fileNumber++;
    try {
      await file.write(Buffer.alloc(size), 0, false);
    } catch (error) {
      await file.close();
      this.#remove(name);
      throw error;
    }
    return { name, file, size };
  }
}
