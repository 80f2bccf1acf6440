/** Puts a method on a logger that all its transports have a part in, and takes it off with the last of them. */

import type { Readable } from 'node:stream';

/** `Part`: what each transport does when the method is called. */
export class LoggerMethod<Part extends object> {
  readonly #name: string;
  readonly #create: (logger: Readable, parts: ReadonlySet<Part>) => object;
  readonly #installed = new WeakMap<Readable, Set<Part>>();

  /** `create` makes the method; `parts` always has those that are on the logger at the moment. */
  constructor(name: string, create: (logger: Readable, parts: ReadonlySet<Part>) => object) {
    this.#name = name;
    this.#create = create;
  }

  /** Gives `logger`, and so its children, the method, with one part more. */
  install(logger: Readable, part: Part): void {
    const others = this.#installed.get(logger);
    if (others) {
      others.add(part);
      return;
    }
    const parts = new Set([part]);
    this.#installed.set(logger, parts);
    const value = this.#create(logger, parts);
    Object.defineProperty(logger, this.#name, { value, configurable: true, writable: true });
  }

  /** Takes one part away, and the method too when it was the last. */
  uninstall(logger: Readable, part: Part): void {
    const parts = this.#installed.get(logger);
    parts?.delete(part);
    if (parts?.size !== 0) return;
    this.#installed.delete(logger);
    Reflect.deleteProperty(logger, this.#name);
  }
}
