/** What the option `context` adds to every event: where a trace, a tenant, a request is known from its surroundings. */

import { type BufferingStream, bufferedRecords } from './buffered-records.js';

/** Asks a function of the user's, which may do anything. */
export class AmbientContext {
  readonly #read: () => object | undefined;
  readonly #loggers: Iterable<BufferingStream>;
  readonly #failed: (error: unknown) => void;
  #isReading = false;
  #isOff = false;

  /**
   * @param loggers those whose records have this context
   * @param failed hears of what the function throws
   */
  constructor(
    read: () => object | undefined,
    loggers: Iterable<BufferingStream>,
    failed: (error: unknown) => void,
  ) {
    this.#read = read;
    this.#loggers = loggers;
    this.#failed = failed;
  }

  /** The context at this moment; `undefined` when there is none. What is logged while it is made out has none. */
  get(): object | undefined {
    if (this.#isReading || this.#isOff) return undefined;
    const before = this.#buffered();
    this.#isReading = true;
    try {
      return objectFrom(this.#read());
    } catch (error) {
      this.#failed(error);
      return undefined;
    } finally {
      this.#isReading = false;
      if (this.#buffered() > before) this.#turnOff();
    }
  }

  /** A log call inside the function comes behind the record that it was called for, which would have no end. */
  #turnOff(): void {
    this.#isOff = true;
    this.#failed(new Error('it logs for each record, without end, and is not called any more'));
  }

  #buffered(): number {
    let sum = 0;
    for (const logger of this.#loggers) sum += bufferedRecords(logger);
    return sum;
  }
}

function objectFrom(context: unknown): object | undefined {
  if (context === undefined || context === null) return undefined;
  if (context instanceof Promise) {
    context.catch(() => {});
    throw new TypeError('expected it to return an object, got a promise');
  }
  if (typeof context === 'object') return context;
  throw new TypeError(`expected it to return an object, got \`${String(context)}\``);
}
