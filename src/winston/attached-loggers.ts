/** The loggers that a transport is added to: who they are, and who of them is leaving. */

import type { EventEmitter } from 'node:events';
import type { BufferingStream } from '../audit/buffered-records.js';
import type { WinstonLevels } from './levels.js';

/** What a Winston logger is to its transports; any other stream may be piped in as well. */
export interface AttachedLogger extends BufferingStream {
  readonly levels?: WinstonLevels;
  level?: string;
}

/** Loggers in the order in which they were attached. */
export class AttachedLoggers {
  readonly #loggers = new Set<AttachedLogger>();
  /** Loggers whose `end()` has been taken note of. */
  readonly #released = new WeakSet<AttachedLogger>();

  get size(): number {
    return this.#loggers.size;
  }

  [Symbol.iterator](): Iterator<AttachedLogger> {
    return this.#loggers.values();
  }

  /** `false` when it was attached already. */
  add(logger: AttachedLogger): boolean {
    if (this.#loggers.has(logger)) return false;
    this.#loggers.add(logger);
    this.#released.delete(logger);
    changeMaxListeners(logger, +1);
    return true;
  }

  /** `false` when it was not attached. */
  delete(logger: AttachedLogger): boolean {
    if (!this.#loggers.delete(logger)) return false;
    changeMaxListeners(logger, -1);
    return true;
  }

  /**
   * A logger that is ending while others go on; each is returned once. `undefined` when none is, or when all are:
   * then the transport itself can end.
   */
  releaseLeaving(): AttachedLogger | undefined {
    const loggers = [...this.#loggers];
    if (loggers.every(isEnding)) return undefined;
    const leaving = loggers.find((logger) => isEnding(logger) && !this.#released.has(logger));
    if (leaving) this.#released.add(leaving);
    return leaving;
  }
}

/** Whether `end()` was called on a logger. */
export function isEnding(logger: AttachedLogger): boolean {
  return logger._writableState?.ending === true;
}

/** Each transport listens to its logger: ten of them are no leak. */
function changeMaxListeners(emitter: EventEmitter, change: number): void {
  const max = emitter.getMaxListeners();
  if (max > 0) emitter.setMaxListeners(max + change);
}
