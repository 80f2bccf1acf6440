/** A note that says how far the journal was on disk, so that a tail that is missing is missed. */

import { closeSync, constants, fchmodSync, lstatSync, readFileSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { openOwn } from './files.js';

/** Written after each commit, without fsync of its own: it may be behind, and never ahead. */
export interface TailNote {
  readonly spool: string;
  /** Number of the last commit that is on disk. */
  readonly number: number;
  /** Number of the last commit, which may have told what was delivered, and nothing else. */
  readonly latest: number;
  /** By target: how many events are in the spool, how many there ever were, and how many are dead letters. */
  readonly queues: Readonly<Record<string, readonly [pending: number, ever: number, dead: number]>>;
}

/** Two places in turn, so that one is whole whenever the machine stops. */
const PLACE_BYTES = 2 ** 17;

/**
 * Two files: one in the directory, and one beside it, which also tells when the whole directory was replaced by an
 * older copy, or by another.
 */
export class TailNoteFile {
  readonly #fds: readonly number[];
  #place = 0;

  private constructor(fds: readonly number[]) {
    this.#fds = fds;
  }

  /** Where a file cannot be made it is done without. */
  static open(directory: string): TailNoteFile {
    const { O_CREAT, O_WRONLY } = constants;
    const fds = placesOf(directory).flatMap((path) => {
      try {
        const fd = openOwn(path, O_WRONLY | O_CREAT);
        fchmodSync(fd, 0o600);
        return [fd];
      } catch {
        return [];
      }
    });
    return new TailNoteFile(fds);
  }

  write(note: TailNote): void {
    const json = JSON.stringify(note);
    // Too many targets for their numbers: the commit alone, then.
    const text = json.length < PLACE_BYTES - 16 ? json : JSON.stringify({ ...note, queues: {} });
    const line = Buffer.from(`${crc32(text).toString(16).padStart(8, '0')} ${text}\n`);
    for (const fd of this.#fds) {
      try {
        writeSync(fd, line, 0, line.length, this.#place);
      } catch {
        // A full disk: the note stays behind.
      }
    }
    this.#place = PLACE_BYTES - this.#place;
  }

  close(): void {
    for (const fd of this.#fds) closeSync(fd);
  }
}

/** The latest note about a directory: where they are of different spools, what lies beside it knows which it was. */
export function readTailNote(directory: string): TailNote | undefined {
  // Of whoever has the directory: somebody else may only look.
  const { uid } = lstatSync(directory);
  const [beside, within] = placesOf(directory).map((path) => {
    const bytes = readOwn(path, process.platform === 'win32' ? undefined : uid);
    return latest([0, PLACE_BYTES].flatMap((at) => noteAt(bytes, at)));
  });
  if (beside === undefined || within === undefined) return beside ?? within;
  return beside.spool === within.spool ? latest([beside, within]) : beside;
}

function latest(notes: readonly TailNote[]): TailNote | undefined {
  return [...notes].sort((a, b) => a.latest - b.latest).at(-1);
}

function placesOf(directory: string): [beside: string, within: string] {
  return [join(dirname(directory), `${basename(directory)}.synced`), join(directory, 'synced')];
}

function readOwn(path: string, uid: number | undefined): Buffer {
  try {
    const fd = openOwn(path, constants.O_RDONLY, uid);
    try {
      return readFileSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    return Buffer.alloc(0);
  }
}

function noteAt(file: Buffer, place: number): TailNote[] {
  try {
    const bytes = file.subarray(place, place + PLACE_BYTES);
    const line = bytes.toString('utf8', 0, Math.max(bytes.indexOf('\n'), 0));
    const text = line.slice(9);
    return Number.parseInt(line.slice(0, 8), 16) === crc32(text) ? [JSON.parse(text) as TailNote] : [];
  } catch {
    return [];
  }
}
