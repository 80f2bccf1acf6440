/** Decides when the waiting events of a target make a batch, by count, bytes and wait, and which go into it. */

import { bodyBytes, type FrameBytes } from '../queue/batch.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import type { Queue } from '../queue/queue.js';

/** When a batch is full, and how long it may take to fill. */
export interface BatchLimits {
  readonly maxEvents: number;
  /** Bytes of the body, before compression. */
  readonly maxBytes: number;
  readonly frame: FrameBytes;
  /** Longest that the first event of a batch waits for company, in milliseconds; 0: not at all. */
  readonly waitMs: number;
}

/**
 * Watches over a queue. A batch is due when it is full, when its first event has waited long enough, or when it
 * was made due. One timer at most; none while nothing waits.
 */
export class Batcher {
  readonly #queue: Queue;
  readonly #onDue: () => void;
  #limits: BatchLimits;
  #timer: NodeJS.Timeout | undefined;
  /** Events up to this `seq` have waited long enough. */
  #dueSeq = -1;

  /** `onDue` is called from a timer, when a wait is over. */
  constructor(queue: Queue, limits: BatchLimits, onDue: () => void) {
    this.#queue = queue;
    this.#limits = limits;
    this.#onDue = onDue;
  }

  /** Waits that have begun go on under the new limits. */
  set limits(limits: BatchLimits) {
    this.#limits = limits;
    this.stop();
    this.added();
  }

  /** Whether `take` would return a batch. */
  get isDue(): boolean {
    const { waitingEvents, waitingBytes } = this.#queue;
    if (waitingEvents === 0) return false;
    return (
      waitingEvents >= this.#limits.maxEvents ||
      bodyBytes(waitingEvents, waitingBytes, this.#limits.frame) >= this.#limits.maxBytes ||
      this.#limits.waitMs === 0 ||
      this.#isWaitOver
    );
  }

  /** To be called after an event was added: starts the wait of a first event. */
  added(): void {
    if (this.#timer === undefined && this.#limits.waitMs > 0 && !this.#isWaitOver) this.#startWait();
  }

  get #isWaitOver(): boolean {
    return (this.#queue.peek()?.seq ?? Number.POSITIVE_INFINITY) <= this.#dueSeq;
  }

  /** Makes all events up to `seq` due at once. */
  makeDue(seq: number): void {
    this.#dueSeq = Math.max(this.#dueSeq, seq);
  }

  /** The events of the next batch, of one format; `undefined` while none is due. */
  take(): EncodedEvent[] | undefined {
    if (!this.isDue) return undefined;
    const events: EncodedEvent[] = [];
    let bytes = 0;
    const first = this.#queue.peek();
    const lastSeq = first ? this.#queue.lastSeqWith(first) : 0;
    for (let next = first; next !== undefined; next = this.#queue.peek()) {
      const full = events.length >= this.#limits.maxEvents;
      if (
        events.length > 0 &&
        (full ||
          bodyBytes(events.length + 1, bytes + next.bytes, this.#limits.frame) > this.#limits.maxBytes ||
          next.format !== first?.format ||
          next.seq > lastSeq)
      )
        break;
      this.#queue.take();
      events.push(next);
      bytes += next.bytes;
    }
    this.stop();
    this.added();
    return events.length > 0 ? events : undefined;
  }

  /** Ends the timer. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The timer keeps no process alive: whoever closes hurries. A clock that jumps changes a wait, never beyond its length. */
  #startWait(): void {
    const first = this.#queue.peek();
    if (first === undefined) return;
    const waitedMs = Date.now() - first.acceptedAtMs;
    const leftMs = Math.min(Math.max(this.#limits.waitMs - waitedMs, 0), this.#limits.waitMs);
    this.#timer = setTimeout(this.#waited, leftMs).unref();
  }

  readonly #waited = (): void => {
    this.#timer = undefined;
    this.#dueSeq = Math.max(this.#dueSeq, this.#queue.peek()?.seq ?? -1);
    this.#onDue();
  };
}
