/** The listeners that see the same events. */

import type { Event, EventType } from '../model/event.js';
import type { TapListener } from '../targets/tap.js';
import type { Framing } from './frame.js';
import { MAX_BYTES, type Piece } from './outbox.js';
import { isSelected, type Selection } from './selection.js';

/** Bounds of what is written in one go: large enough to save system calls, small enough to see progress. */
const PIECE_BYTES = 64 * 1024;
const PIECE_EVENTS = 250;
/** What a turn of the event loop may spend on handing over: a thousand listeners take several. */
const BUDGET_MS = 5;

/** One client of the stream, whatever it speaks. */
export interface Listening {
  send(piece: Piece): void;
  /** Sends what is left, then says goodbye. */
  end(): void;
  /** Sends nothing more: it has no right to it. */
  sendAway(): void;
}

/** One handing over, to those who listened when it began. */
interface Round {
  readonly pieces: readonly Piece[];
  readonly listeners: readonly Listening[];
  next: number;
}

/**
 * Gathers the frames of a turn of the event loop, and hands them to each listener in the next: fifty listeners cost
 * fifty writes a turn, however many events there were. Where there are too many listeners for a turn, it goes on in the
 * next; what comes meanwhile is gathered for the round after that.
 */
export class Audience implements TapListener {
  readonly #selection: Selection;
  readonly #framing: Framing;
  readonly #listeners = new Set<Listening>();
  #frames: Buffer[] = [];
  #frameBytes = 0;
  #pieces: Piece[] = [];
  #pieceBytes = 0;
  #turn: NodeJS.Immediate | undefined;
  /** What is being handed over, and who has still to get it. */
  #round: Round | undefined;

  constructor(selection: Selection, framing: Framing) {
    this.#selection = selection;
    this.#framing = framing;
  }

  get types(): readonly EventType[] {
    return this.#selection.types;
  }

  get isEmpty(): boolean {
    return this.#listeners.size === 0;
  }

  add(listener: Listening): void {
    this.#listeners.add(listener);
  }

  delete(listener: Listening): void {
    this.#listeners.delete(listener);
  }

  take(event: Event): void {
    if (!isSelected(this.#selection, event)) return;
    const frame = this.#framing.frameOf(event);
    this.#frames.push(frame);
    this.#frameBytes += frame.length;
    if (this.#frameBytes >= PIECE_BYTES || this.#frames.length >= PIECE_EVENTS) this.#cut();
    // A turn that does not end must not fill the memory: by then whoever is so far behind is dropped.
    if (this.#pieceBytes >= MAX_BYTES) this.#handOverAll();
    else this.#turn ??= setImmediate(() => this.#handOver());
  }

  /** Sends what is left, then says goodbye to all. */
  end(): void {
    this.#handOverAll();
    for (const listener of this.#listeners) listener.end();
  }

  #cut(): void {
    if (this.#frames.length === 0) return;
    const bytes = Buffer.concat(this.#frames, this.#frameBytes);
    this.#pieces.push({ bytes, events: this.#frames.length, gatheredAtMs: performance.now() });
    this.#pieceBytes += bytes.length;
    this.#frames = [];
    this.#frameBytes = 0;
  }

  #handOver(): void {
    this.#turn = undefined;
    this.#round ??= this.#nextRound();
    if (this.#proceed(performance.now() + BUDGET_MS)) this.#round = undefined;
    if (this.#round || this.#frames.length > 0 || this.#pieces.length > 0) {
      this.#turn = setImmediate(() => this.#handOver());
    }
  }

  /** Leaves nothing for another turn. */
  #handOverAll(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    if (this.#round) this.#proceed(Number.POSITIVE_INFINITY);
    this.#round = this.#nextRound();
    this.#proceed(Number.POSITIVE_INFINITY);
    this.#round = undefined;
  }

  #nextRound(): Round {
    this.#cut();
    this.#framing.forget();
    const round = { pieces: this.#pieces, listeners: [...this.#listeners], next: 0 };
    this.#pieces = [];
    this.#pieceBytes = 0;
    return round;
  }

  /** Whether everybody has got it by then. */
  #proceed(untilMs: number): boolean {
    const round = this.#round;
    for (; round && round.next < round.listeners.length; round.next++) {
      if (performance.now() >= untilMs) return false;
      for (const piece of round.pieces) round.listeners[round.next]?.send(piece);
    }
    return true;
  }
}
