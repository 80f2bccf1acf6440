/** Reads events back from the files of a spool, a piece at a time, for all queues that wait for them. */

import { join } from 'node:path';
import type { LogFile } from './event-log.js';
import { codeOf, readFrames } from './files.js';
import { decodeEvents, type StoredEvent } from './layout.js';

/** So much of texts is read at a time. */
const PIECE_BYTES = 2 ** 20;
/** Targets that are down for the same reason come back together, and read the same. */
const MAX_PIECES = 4;

/** Some events in a row. */
export interface Piece {
  readonly events: readonly StoredEvent[];
  /** Position from which on all are among them. */
  readonly from: number;
  /** Position behind the last that was looked for. */
  readonly next: number;
  /** Whether the file had no more, when it had `fileBytes`. */
  readonly isEnd: boolean;
  readonly fileBytes: number;
}

/** Remembers what was read last. */
export class EventReader {
  readonly #directory: string;
  readonly #base: number;
  readonly #pieces = new Map<string, Promise<Piece>>();

  /** @param base what makes a position of a `seq` */
  constructor(directory: string, base: number) {
    this.#directory = directory;
    this.#base = base;
  }

  /**
   * Events of a file from `position` on, perhaps with some before it. What is damaged is left out.
   * @throws the error of the file system, but for a file that is not there: that is empty
   */
  read(file: LogFile, position: number): Promise<Piece> {
    const key = `${file.name} ${file.offsetOf(position)} ${file.bytes}`;
    const known = this.#pieces.get(key);
    this.#pieces.delete(key);
    const fits = (piece: Piece) => piece.from <= position && (piece.next > position || piece.isEnd);
    const piece = known
      ? known.then((each) => (fits(each) ? each : this.#read(file, position)))
      : this.#read(file, position);
    this.#pieces.set(key, piece);
    piece.catch(() => this.#pieces.delete(key));
    for (const oldest of this.#pieces.keys()) {
      if (this.#pieces.size <= MAX_PIECES) break;
      this.#pieces.delete(oldest);
    }
    return piece;
  }

  async #read(file: LogFile, position: number): Promise<Piece> {
    const events: StoredEvent[] = [];
    const { bytes: fileBytes } = file;
    let [bytes, isEnd, next] = [0, true, position];
    try {
      await readFrames(join(this.#directory, file.name), file.offsetOf(position), fileBytes, (frames) => {
        for (const frame of frames) {
          if (frame.events === 0) continue;
          file.addPlace(frame.position, frame.offset);
          const decoded = decodeEvents(frame, this.#base);
          const last = decoded.at(-1)?.position ?? 0;
          if (last < position) continue;
          events.push(...decoded);
          next = last + 1;
          bytes += frame.length;
        }
        isEnd = bytes < PIECE_BYTES;
        return isEnd;
      });
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ELOOP') throw error;
    }
    return { events, from: position, next, isEnd, fileBytes };
  }
}
