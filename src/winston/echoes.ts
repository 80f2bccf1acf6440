/** Tells the records that listeners of reports log: what the transport reports must not come back to it as events. */

import { bufferedRecords } from '../audit/buffered-records.js';
import type { AttachedLogger } from './attached-loggers.js';

type Write = (this: unknown, info: unknown, ...rest: unknown[]) => unknown;

/** A key, since formats copy those; what it leads to is the number of those whose listeners logged the record. */
const MARK = Symbol('winston-log-targets.echo');
/**
 * So long nobody takes what the listeners of another transport log that took from this one, itself or by way of others:
 * reports of reports would go round for ever.
 */
const HEARD_MS = 60_000;

/** Whose listeners run. */
let speaking: Echoes | undefined;
/** Those that have marked records in a buffer, by their numbers. */
const onTheirWay = new Map<unknown, WeakRef<Echoes>>();
let created = 0;

/**
 * Most records come to the transport inside of the log call, and so while the listener runs. Beside a transport that
 * is slower than the logger they come much later: those carry a mark, which costs nothing while nobody listens.
 */
export class Echoes {
  readonly #loggers: Iterable<AttachedLogger>;
  /** When this took what listeners of others logged, as `performance.now()`. */
  readonly #heardAtMs = new Map<Echoes, number>();
  readonly #number = ++created;

  constructor(loggers: Iterable<AttachedLogger>) {
    this.#loggers = loggers;
  }

  /** Calls listeners. Must not throw. */
  during(listen: () => void): void {
    const loggers = [...this.#loggers];
    const unhook = loggers.map((logger) => this.#hook(logger));
    const before = speaking;
    speaking = this;
    try {
      listen();
    } finally {
      speaking = before;
      for (const each of unhook) each();
      if (loggers.some((logger) => bufferedRecords(logger) > 0))
        onTheirWay.set(this.#number, new WeakRef(this));
      else onTheirWay.delete(this.#number);
    }
  }

  /** Whether a listener logged `record`, of this transport or of one that may tell of what came from this one. */
  has(record: object): boolean {
    if (speaking === undefined && onTheirWay.size === 0) return false;
    const source = speaking ?? sourceOf(record);
    if (source === undefined) return false;
    if (source.#sources.has(this)) return true;
    this.#forgetOld();
    this.#heardAtMs.set(source, performance.now());
    return false;
  }

  /** Itself, and all of whose listeners it took something of late, also by way of others. */
  get #sources(): ReadonlySet<Echoes> {
    const sources = new Set<Echoes>([this]);
    for (const source of sources) {
      source.#forgetOld();
      for (const heard of source.#heardAtMs.keys()) sources.add(heard);
    }
    return sources;
  }

  #forgetOld(): void {
    for (const [heard, atMs] of this.#heardAtMs) {
      if (performance.now() - atMs >= HEARD_MS) this.#heardAtMs.delete(heard);
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
      if (Object.getPrototypeOf(info) === Object.prototype) return { ...info, [MARK]: this.#number };
      (info as Record<symbol, unknown>)[MARK] = this.#number;
    } catch {
      // It is hostile: what is in the buffers for long will not be told from other records.
    }
    return info;
  }
}

/** A mark of which nothing is on its way any more is of long ago: the caller logs the same object again. */
function sourceOf(record: object): Echoes | undefined {
  try {
    return onTheirWay.get((record as Record<symbol, unknown>)[MARK])?.deref();
  } catch {
    return undefined;
  }
}
