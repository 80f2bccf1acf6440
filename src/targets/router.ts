/** Chooses the targets that want an event, grouped by format, so that each format encodes it once. */

import type { Target } from '../delivery/target.js';
import { type Encode, encoders } from '../formats/format.js';
import { Filter } from '../model/filter.js';
import { type Level, levels } from '../model/level.js';

/** Targets that get the same text. */
export interface Route {
  readonly encode: Encode;
  readonly targets: readonly Target[];
}

/** Made anew for each set of targets, so that a log call only looks its route up. */
export class Router {
  /** The least severe level that any target takes as a logging event; `undefined` when none takes any. */
  readonly loggingLevel: Level | undefined;
  readonly #logging: Readonly<Record<Level, readonly Route[]>>;
  readonly #filters: readonly (readonly [Target, Filter])[];

  constructor(targets: Iterable<Target>) {
    this.#filters = [...targets].map((target) => [target, new Filter(target.settings)]);
    const wanted = this.#filters.flatMap(([, { loggingLevel }]) => loggingLevel ?? []);
    this.loggingLevel = levels.find((level) => wanted.includes(level));
    const logging = levels.map((level) => [level, this.#routes((filter) => filter.wantsLogging(level))]);
    this.#logging = Object.fromEntries(logging) as Record<Level, readonly Route[]>;
  }

  /** Whether any target takes logging events of `level`. */
  wantsLogging(level: Level): boolean {
    return this.#logging[level].length > 0;
  }

  logging(level: Level): readonly Route[] {
    return this.#logging[level];
  }

  lifecycle(action: string): readonly Route[] {
    return this.#routes((filter) => filter.wantsLifecycle(action));
  }

  #routes(wants: (filter: Filter) => boolean): readonly Route[] {
    const groups = new Map<Encode, Target[]>();
    for (const [target, filter] of this.#filters) {
      if (!wants(filter)) continue;
      const encode = encoders[target.settings.event_format];
      groups.set(encode, [...(groups.get(encode) ?? []), target]);
    }
    return [...groups].map(([encode, targets]) => ({ encode, targets }));
  }
}
