/** Keeps lifecycle events behind the records that were logged before them but are still on their way to us. */

import type { Readable } from 'node:stream';

/** A transform stream of `readable-stream`, as Winston's loggers are. */
export interface BufferingStream extends Readable {
  readonly _writableState?: { readonly length: number; readonly ending: boolean };
  readonly _readableState?: { readonly length: number };
}

/** Longest that an event waits for records that another transport holds up. */
const MAX_WAIT_MS = 1000;

/**
 * Calls `act` once the records have been handed on that `loggers` have buffered because one of their transports is
 * slower than they are: at once when there are none, which is the rule, and after a second at the latest, since that
 * transport may have stopped for good.
 * @returns what `act` returns
 */
export function afterBufferedRecords<Value>(
  loggers: Iterable<BufferingStream>,
  act: () => Value | Promise<Value>,
): Promise<Value> {
  const buffering = [...loggers].filter((logger) => bufferedRecords(logger) > 0);
  if (buffering.length === 0) return Promise.resolve(act());
  return new Promise((resolve) => {
    let left = buffering.length;
    const passed = () => {
      if (--left === 0) resolve(act());
    };
    for (const logger of buffering) countdownOf(logger).add(passed);
  });
}

/** How many records a logger holds that it has not handed on. */
export function bufferedRecords(logger: BufferingStream): number {
  return (logger._writableState?.length ?? 0) + (logger._readableState?.length ?? 0);
}

const countdowns = new WeakMap<BufferingStream, Countdown>();

function countdownOf(logger: BufferingStream): Countdown {
  const countdown = countdowns.get(logger) ?? new Countdown(logger);
  countdowns.set(logger, countdown);
  return countdown;
}

/** Counts the records that a logger hands on, with one listener, as long as somebody waits for some. */
class Countdown {
  readonly #logger: BufferingStream;
  readonly #waiting: { readonly due: number; readonly passed: () => void; readonly timer: NodeJS.Timeout }[] =
    [];
  #handedOn = 0;

  constructor(logger: BufferingStream) {
    this.#logger = logger;
  }

  /** Calls `passed` after what the logger has buffered now. */
  add(passed: () => void): void {
    if (this.#waiting.length === 0) this.#logger.on('data', this.#count);
    const due = this.#handedOn + bufferedRecords(this.#logger);
    this.#waiting.push({ due, passed, timer: setTimeout(() => this.#release(due), MAX_WAIT_MS) });
  }

  readonly #count = (): void => {
    this.#handedOn++;
    this.#release(this.#handedOn);
  };

  /** In order: who came first waits for no more than those behind. */
  #release(due: number): void {
    while (this.#waiting[0] !== undefined && this.#waiting[0].due <= due) {
      const { passed, timer } = this.#waiting.shift() ?? {};
      clearTimeout(timer);
      passed?.();
    }
    if (this.#waiting.length === 0) this.#logger.off('data', this.#count);
  }
}
