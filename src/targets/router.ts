/** Chooses the targets that want an event, grouped by format, so that each format encodes it once. */

import type { Target } from '../delivery/target.js';
import { formats, type WriteEvent } from '../formats/format.js';
import { JsonWriter } from '../formats/json-writer.js';
import type { EventFormat } from '../model/event-format.js';
import { Filter } from '../model/filter.js';
import { type Level, levels } from '../model/level.js';

/** Targets that get the same text. */
export interface Route {
  readonly write: WriteEvent;
  /**
   * Where to. The blocks of a writer hold texts of one kind for the same targets: they are let go of in the order in
   * which they were written, or none could be freed while one of its texts waits for a target that is down.
   */
  readonly json: JsonWriter;
  readonly targets: readonly Target[];
}

/** Made anew for each set of targets, so that a log call only looks its route up. */
export class Router {
  /** The least severe level that any target takes as a logging event; `undefined` when none takes any. */
  readonly loggingLevel: Level | undefined;
  readonly #logging: Readonly<Record<Level, readonly Route[]>>;
  readonly #filters: readonly (readonly [Target, Filter])[];
  /** By what they are for: format and targets. */
  readonly writers = new Map<string, JsonWriter>();
  /** Events that stay long among many that are evicted: each in a block of its own. */
  readonly #auditWriter = new JsonWriter(0);

  /** @param before the router for the targets before: its writers go on with their blocks */
  constructor(targets: Iterable<Target>, before?: Router) {
    this.#filters = [...targets].map((target) => [target, new Filter(target.settings)]);
    const wanted = this.#filters.flatMap(([, { loggingLevel }]) => loggingLevel ?? []);
    this.loggingLevel = levels.find((level) => wanted.includes(level));
    const logging = levels.map((level) => [level, this.#loggingRoutes(level, before?.writers)]);
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
    return this.#routes(
      (filter) => filter.wantsLifecycle(action),
      () => this.#auditWriter,
    );
  }

  #loggingRoutes(level: Level, earlier: ReadonlyMap<string, JsonWriter> | undefined): readonly Route[] {
    return this.#routes(
      (filter) => filter.wantsLogging(level),
      (format, targets) => {
        const key = [format, ...targets.map(({ name }) => name)].join(' ');
        const writer = this.writers.get(key) ?? earlier?.get(key) ?? new JsonWriter();
        this.writers.set(key, writer);
        return writer;
      },
    );
  }

  #routes(
    wants: (filter: Filter) => boolean,
    writerOf: (format: EventFormat, targets: readonly Target[]) => JsonWriter,
  ): readonly Route[] {
    const groups = new Map<EventFormat, Target[]>();
    for (const [target, filter] of this.#filters) {
      if (!wants(filter)) continue;
      const format = target.settings.event_format;
      groups.set(format, [...(groups.get(format) ?? []), target]);
    }
    return [...groups].map(([format, group]) => ({
      write: formats[format],
      json: writerOf(format, group),
      targets: group,
    }));
  }
}
