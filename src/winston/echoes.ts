/** Tells the records that listeners of reports log: what the transport reports must not come back to it as events. */

import { bufferedRecords } from '../audit/buffered-records.js';
import type { AttachedLogger } from './attached-loggers.js';

type Write = (this: unknown, info: unknown, ...rest: unknown[]) => unknown;

/**
 * Most records come to the transport inside of the log call, and so while the listener runs. Beside a transport that
 * is slower than the logger they come much later: those carry a mark, which costs nothing while nobody listens.
 */
export class Echoes {
  readonly #loggers: Iterable<AttachedLogger>;
  /** A key, since formats copy those. */
  readonly #mark = Symbol('winston-log-targets.echo');
  #isListening = false;
  #areOnTheirWay = false;

  constructor(loggers: Iterable<AttachedLogger>) {
    this.#loggers = loggers;
  }

  /** Calls listeners. Must not throw. */
  during(listen: () => void): void {
    const loggers = [...this.#loggers];
    const unhook = loggers.map((logger) => this.#hook(logger));
    this.#isListening = true;
    try {
      listen();
    } finally {
      this.#isListening = false;
      for (const each of unhook) each();
      this.#areOnTheirWay = loggers.some((logger) => bufferedRecords(logger) > 0);
    }
  }

  /** Whether a listener logged `record`. */
  has(record: object): boolean {
    return this.#isListening || (this.#areOnTheirWay && this.#isMarked(record));
  }

  #isMarked(record: object): boolean {
    try {
      return (record as Record<symbol, unknown>)[this.#mark] === true;
    } catch {
      return false;
    }
  }

  /** Marks what a logger and its children are given from now on; returns what ends that. */
  #hook(logger: AttachedLogger): () => void {
    const hooked = logger as unknown as { write?: Write };
    const { write } = hooked;
    if (typeof write !== 'function') return () => {};
    const isOwn = Object.hasOwn(hooked, 'write');
    const mark = (info: unknown) => this.#marked(info);
    const marking: Write = function (info, ...rest) {
      return write.call(this, mark(info), ...rest);
    };
    hooked.write = marking;
    return () => {
      if (hooked.write !== marking) return;
      if (isOwn) hooked.write = write;
      else Reflect.deleteProperty(hooked, 'write');
    };
  }

  /** A copy where there can be one: the caller may log the same object again. */
  #marked(info: unknown): unknown {
    if (typeof info !== 'object' || info === null) return info;
    try {
      if (Object.getPrototypeOf(info) === Object.prototype) return { ...info, [this.#mark]: true };
      (info as Record<symbol, unknown>)[this.#mark] = true;
    } catch {
      // It is hostile: what is in the buffers for long will not be told from other records.
    }
    return info;
  }
}
