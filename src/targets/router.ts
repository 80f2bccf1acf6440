/** Chooses the targets that want an event, grouped by format and its options, so that each encodes it once. */

import type { Target } from '../delivery/target.js';
import { createEncode, type Encode } from '../formats/format.js';
import type { EventFormat, FormatSettings } from '../model/event-format.js';
import { Filter } from '../model/filter.js';
import { type Level, levels } from '../model/level.js';

/** An encoder, and the format that it writes. */
interface Encoder {
  readonly format: EventFormat;
  readonly encode: Encode;
}

/** Targets that get the same text. */
export interface Route extends Encoder {
  readonly targets: readonly Target[];
}

interface Candidate {
  readonly target: Target;
  readonly filter: Filter;
  /** One for all targets of the same format and options. */
  readonly encoder: Encoder;
}

/** Made anew for each set of targets, so that a log call only looks its route up. */
export class Router {
  /** The least severe level that any target takes as a logging event; `undefined` when none takes any. */
  readonly loggingLevel: Level | undefined;
  /** For operation events, whatever they tell of. */
  readonly operations: readonly Route[];
  readonly #logging: Readonly<Record<Level, readonly Route[]>>;
  readonly #candidates: readonly Candidate[];

  constructor(targets: Iterable<Target>) {
    const encoders = new Map<string, Encoder>();
    this.#candidates = [...targets].map((target) => ({
      target,
      filter: new Filter(target.settings),
      encoder: encoderOf(target.settings, encoders),
    }));
    const wanted = this.#candidates.flatMap(({ filter: { loggingLevel } }) => loggingLevel ?? []);
    this.loggingLevel = levels.find((level) => wanted.includes(level));
    const logging = levels.map((level) => [level, this.#routes((filter) => filter.wantsLogging(level))]);
    this.#logging = Object.fromEntries(logging) as Record<Level, readonly Route[]>;
    this.operations = this.#routes((filter) => filter.wantsOperations);
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
    const groups = new Map<Encoder, Target[]>();
    for (const { target, filter, encoder } of this.#candidates) {
      if (wants(filter)) groups.set(encoder, [...(groups.get(encoder) ?? []), target]);
    }
    return [...groups].map(([encoder, targets]) => ({ ...encoder, targets }));
  }
}

function encoderOf(settings: FormatSettings, encoders: Map<string, Encoder>): Encoder {
  const key = JSON.stringify([settings.event_format, settings.format_options]);
  const encoder = encoders.get(key) ?? { format: settings.event_format, encode: createEncode(settings) };
  encoders.set(key, encoder);
  return encoder;
}
