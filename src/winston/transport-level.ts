/** What a transport's `level` tells Winston: the least severe level that anybody takes, under the cap. */

import type { Dispatcher } from '../targets/dispatcher.js';
import type { LevelMap } from './levels.js';

/** Defines `level` on a transport. Setting it sets the cap. */
export class TransportLevel {
  readonly #levels: LevelMap;
  readonly #dispatcher: Dispatcher;
  #name: string | undefined;

  constructor(transport: object, levels: LevelMap, dispatcher: Dispatcher) {
    this.#levels = levels;
    this.#dispatcher = dispatcher;
    Object.defineProperty(transport, 'level', {
      get: () => this.#name,
      set: (cap: string | undefined) => {
        levels.cap = cap;
        this.update();
      },
      enumerable: true,
      configurable: true,
    });
    this.update();
  }

  /** To be called when targets, listeners or loggers have changed. */
  update(): void {
    this.#name = this.#levels.nameFor(this.#dispatcher.loggingLevel);
  }
}
