/** Makes an answer once for all who asked for it before it was begun. */

import { setTimeout as wait } from 'node:timers/promises';

/** Longest that an answer is kept which nobody asks for any more. */
const KEPT_MS = 1000;
/** The most answers that are kept: they can be large. */
const MAX_KEPT = 256;
/** Longest that the next making of an answer waits for company. */
const MAX_PAUSE_MS = 100;
/** Longest that it waits for one that may never be done: a registry asks whatever a service has put into it. */
const MAX_MAKING_MS = 10_000;

interface Shared {
  readonly answer: Promise<unknown>;
  /** Whoever asked up to then may have it. */
  readonly begunAt: number;
  /** Resolves when it may be made anew. */
  over: Promise<void> | undefined;
}

/**
 * A thousand clients that ask the same in one instant cost one look, and nobody gets what is older than their question:
 * who has changed something and asks then, sees it. Between two makings of the same answer lies as much time as the
 * first one took: where questions come one by one, that gathers them, and half of the time is left for other work.
 */
export class SharedAnswers {
  readonly #answers = new Map<string, Shared>();
  readonly #maxMakingMs: number;
  #questions = 0;

  /** @param maxMakingMs an answer that takes longer holds up no other. Default: 10,000 */
  constructor(maxMakingMs = MAX_MAKING_MS) {
    this.#maxMakingMs = maxMakingMs;
  }

  /** The place of a question among all, to be taken when it comes in. */
  asked(): number {
    return ++this.#questions;
  }

  /**
   * What `make` makes for `key`, or has made since the question was `asked`.
   * @param make gets the place of the latest question that its answer is for: what it asks for itself must not be older
   * @returns rejects with what `make` throws
   */
  async get<Answer>(
    key: string,
    asked: number,
    make: (asked: number) => Promise<Answer> | Answer,
  ): Promise<Answer> {
    let shared = this.#answers.get(key);
    while (shared?.over && shared.begunAt < asked) {
      await shared.over;
      shared = this.#answers.get(key);
    }
    if (shared === undefined || shared.begunAt < asked) shared = this.#begin(key, make);
    return shared.answer as Promise<Answer>;
  }

  #begin(key: string, make: (asked: number) => unknown): Shared {
    const begunAt = this.#questions;
    const begunMs = performance.now();
    const answer = (async () => make(begunAt))();
    const shared: Shared = { answer, begunAt, over: undefined };
    const forget = () => {
      if (this.#answers.get(key) === shared) this.#answers.delete(key);
    };
    const rest = async () => {
      const pauseMs = Math.floor(Math.min(performance.now() - begunMs, MAX_PAUSE_MS));
      if (pauseMs > 0) await wait(pauseMs, undefined, { ref: false });
      shared.over = undefined;
      setTimeout(forget, KEPT_MS).unref();
    };
    shared.over = this.#done(answer).then(rest);
    this.#answers.delete(key); // the latest is the last
    this.#answers.set(key, shared);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MAX_KEPT && oldest !== undefined) this.#answers.delete(oldest);
    return shared;
  }

  /** Resolves when it is done or failed, or has taken too long. */
  #done(answer: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#maxMakingMs).unref();
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      answer.then(done, done);
    });
  }
}
