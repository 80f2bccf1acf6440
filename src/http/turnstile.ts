/** Lets requests through for so many milliseconds in a turn of the event loop, and no longer. */

import { HttpError } from './envelope.js';

/** What a turn may spend on requests: the service works in between. Reading them from their sockets comes on top. */
const BUDGET_MS = 5;
/** Beyond so many it is kinder to say so than to let them wait. */
const MAX_WAITING = 2000;

/**
 * One after the other: the next is let in when the one before has done all that it can do for now. A thousand clients
 * that ask in one instant are answered over several turns.
 */
export class Turnstile {
  readonly #waiting: (() => void)[] = [];
  /** Those who have been let in before. */
  readonly #returning: (() => void)[] = [];
  #isTurning = false;
  #untilMs = 0;

  /**
   * Resolves when it is the caller's turn, in the order of the calls.
   * @returns rejects with an HttpError 503 when too many wait
   */
  async pass(): Promise<void> {
    if (this.#waiting.length >= MAX_WAITING) {
      throw new HttpError(503, 'Too many ask at the same time', { 'retry-after': '1' });
    }
    await this.#queueIn(this.#waiting);
  }

  /** Resolves when it is the turn of a caller that had to wait for something else: those who began go first. */
  async passAgain(): Promise<void> {
    await this.#queueIn(this.#returning);
  }

  #queueIn(queue: (() => void)[]): Promise<void> {
    return new Promise((resolve) => {
      queue.push(resolve);
      if (!this.#isTurning) void this.#turn();
    });
  }

  async #turn(): Promise<void> {
    this.#isTurning = true;
    for (let next = this.#next(); next; next = this.#next()) {
      if (performance.now() >= this.#untilMs) {
        await new Promise(setImmediate);
        this.#untilMs = performance.now() + BUDGET_MS;
      }
      next();
      // Ticks come after everything that the request could do without waiting.
      await new Promise<void>((resolve) => process.nextTick(resolve));
    }
    this.#isTurning = false;
  }

  #next(): (() => void) | undefined {
    return this.#returning.shift() ?? this.#waiting.shift();
  }
}
