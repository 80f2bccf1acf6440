/** Keeps account of what a client has still to get. */

import type { Writable } from 'node:stream';

/** Frames that were gathered in one go: the same memory for all clients that get them. */
export interface Piece {
  readonly bytes: Buffer;
  readonly events: number;
  /** As `performance.now()`. */
  readonly gatheredAtMs: number;
}

/** From so many events on a client is behind. Incus keeps as many. */
const MAX_EVENTS = 1000;
/** The memory that a client can hold on to, but for the last piece. */
export const MAX_BYTES = 8 * 2 ** 20;
/** LXD gives a write so long. */
const MAX_AGE_MS = 5000;
/** How often the client's place is looked at. */
const LOOK_INTERVAL_MS = 500;

/**
 * Pieces in order, one in the hands of the socket at a time: what the system takes of it is then known.
 *
 * A client is behind when events or age say so at two looks in a row. At one look it need not be the client that is
 * slow: a burst of events, or a process that was busy, looks the same until the client had its chance.
 */
export class Outbox {
  readonly #socket: Writable;
  readonly #behind: () => void;
  readonly #looks: NodeJS.Timeout;
  readonly #pieces: Piece[] = [];
  #events = 0;
  #bytes = 0;
  #isWriting = false;
  #isClosed = false;
  #wasBehind = false;
  #emptied: (() => void) | undefined;

  /** @param behind called when the client is too far behind */
  constructor(socket: Writable, behind: () => void) {
    this.#socket = socket;
    this.#behind = behind;
    this.#looks = setInterval(() => this.#look(), LOOK_INTERVAL_MS).unref();
  }

  add(piece: Piece): void {
    if (this.#isClosed || this.#emptied) return;
    if (this.#bytes >= MAX_BYTES) {
      this.#behind();
      return;
    }
    this.#pieces.push(piece);
    this.#events += piece.events;
    this.#bytes += piece.bytes.length;
    this.#writeNext();
  }

  /** Takes no more, and calls `emptied` once the client has got all that is here. */
  finish(emptied: () => void): void {
    this.#emptied = emptied;
    this.#writeNext();
  }

  /** Writes no more. */
  close(): void {
    this.#isClosed = true;
    this.#pieces.length = 0;
    clearInterval(this.#looks);
  }

  #writeNext(): void {
    if (this.#isWriting || this.#isClosed) return;
    const [piece] = this.#pieces;
    if (piece === undefined) {
      this.#emptied?.();
      return;
    }
    this.#isWriting = true;
    this.#socket.write(piece.bytes, (error) => {
      this.#isWriting = false;
      if (error || this.#isClosed) return; // the socket tells of its end by itself
      this.#pieces.shift();
      this.#events -= piece.events;
      this.#bytes -= piece.bytes.length;
      this.#writeNext();
    });
  }

  #look(): void {
    const [oldest] = this.#pieces;
    const ageMs = oldest === undefined ? 0 : performance.now() - oldest.gatheredAtMs;
    const isBehind = this.#events >= MAX_EVENTS || ageMs >= MAX_AGE_MS - LOOK_INTERVAL_MS;
    if (isBehind && this.#wasBehind) this.#behind();
    this.#wasBehind = isBehind;
  }
}
