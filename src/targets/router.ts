/** Chooses the targets that want an event, grouped by format and its options, so that each encodes it once. */

import type { Target } from '../delivery/target.js';
import type { WriteEvent } from '../formats/format.js';
import type { FormatSettings, Formats } from '../formats/formats.js';
import { JsonWriter } from '../formats/json-writer.js';
import { type Level, levels } from '../model/level.js';
import type { LogTargetSettings } from '../settings/schema.js';
import { Filter } from './filter.js';

/** A format with its options. */
interface Writing {
  /** Its name. */
  readonly format: string;
  /** Whether it shows the values of log records as what they were. */
  readonly showsTypes: boolean;
  readonly write: WriteEvent;
}

/** Targets that get the same text. */
export interface Route extends Writing {
  /**
   * Where to. The blocks of a writer hold texts of one kind for the same targets: they are let go of in the order in
   * which they were written, or none could be freed while one of its texts waits for a target that is down.
   */
  readonly json: JsonWriter;
  readonly targets: readonly Target[];
}

/** What a target wants, and how. */
interface Wish {
  readonly filter: Filter;
  /** One for all targets of the same format and options. */
  readonly writing: Writing;
}

/** By the names of targets. */
export type Wishes = ReadonlyMap<string, Wish>;

/** What targets with these settings want. Whatever can throw about routing throws here, before anything is changed. */
export function wishesOf(all: readonly LogTargetSettings[], formats: Formats): Wishes {
  const writings = new Map<string, Writing>();
  return new Map(
    all.map((settings) => [
      settings.name,
      { filter: new Filter(settings), writing: writingOf(settings, formats, writings) },
    ]),
  );
}

interface Candidate extends Wish {
  readonly target: Target;
}

/** Made anew for each set of targets, so that a log call only looks its route up. */
export class Router {
  /** The least severe level that any target takes as a logging event; `undefined` when none takes any. */
  readonly loggingLevel: Level | undefined;
  /** Whether any target shows the values of log records as what they were. */
  readonly showsTypes: boolean;
  readonly #logging: Readonly<Record<Level, readonly Route[]>>;
  readonly #candidates: readonly Candidate[];
  /** By the names of the targets that they are for. */
  readonly writers = new Map<string, JsonWriter>();
  /** Events that stay long among many that are evicted: each in a block of its own. */
  readonly #auditWriter = new JsonWriter(0);

  /** @param before the router for the targets before: its writers go on with their blocks */
  constructor(targets: Iterable<Target>, wishes: Wishes, before?: Router) {
    this.#candidates = [...targets].flatMap((target) => {
      const wish = wishes.get(target.name);
      return wish ? [{ target, ...wish }] : [];
    });
    this.showsTypes = this.#candidates.some(
      ({ filter, writing }) => filter.loggingLevel !== undefined && writing.showsTypes,
    );
    const wanted = this.#candidates.flatMap(({ filter: { loggingLevel } }) => loggingLevel ?? []);
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

  lifecycle(action: string, project: string | undefined): readonly Route[] {
    return this.#routes((filter) => filter.wantsLifecycle(action, project));
  }

  operation(project: string | undefined): readonly Route[] {
    return this.#routes((filter) => filter.wantsOperation(project));
  }

  #loggingRoutes(level: Level, earlier: ReadonlyMap<string, JsonWriter> | undefined): readonly Route[] {
    return this.#routes(
      (filter) => filter.wantsLogging(level),
      (targets) => {
        const key = targets.map(({ name }) => name).join(' ');
        const writer = this.writers.get(key) ?? earlier?.get(key) ?? new JsonWriter();
        this.writers.set(key, writer);
        return writer;
      },
    );
  }

  #routes(
    wants: (filter: Filter) => boolean,
    writerFor: (targets: readonly Target[]) => JsonWriter = () => this.#auditWriter,
  ): readonly Route[] {
    const groups = new Map<Writing, Target[]>();
    for (const { target, filter, writing } of this.#candidates) {
      if (!wants(filter)) continue;
      const group = groups.get(writing);
      if (group) group.push(target);
      else groups.set(writing, [target]);
    }
    return [...groups].map(([writing, group]) => ({ ...writing, json: writerFor(group), targets: group }));
  }
}

function writingOf(settings: FormatSettings, formats: Formats, known: Map<string, Writing>): Writing {
  const key = JSON.stringify([settings.event_format, settings.format_options]);
  const format = settings.event_format;
  const showsTypes = formats.get(format)?.showsTypes === true;
  const writing = known.get(key) ?? { format, showsTypes, write: formats.createWriter(settings) };
  known.set(key, writing);
  return writing;
}
