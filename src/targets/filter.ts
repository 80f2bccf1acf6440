/** What a log target wants to receive. */

import type { EventType } from '../model/event.js';
import { matchesGlob } from '../model/glob.js';
import { type Level, severity } from '../model/level.js';

/** The part of a log target's settings that chooses events. */
export interface FilterSettings {
  readonly enabled: boolean;
  readonly scopes: readonly EventType[];
  /** Least severe logging event. */
  readonly level: Level;
  /** Globs of lifecycle actions; none means all. */
  readonly lifecycle_actions: readonly string[];
}

/** Chooses events by scope, level and action. */
export class Filter {
  /** The least severe level of the logging events that are wanted, or `undefined` when none are. */
  readonly loggingLevel: Level | undefined;
  /** Whether operation events are wanted, whatever the level. */
  readonly wantsOperations: boolean;
  readonly #wantsAction: (action: string) => boolean;

  constructor({ enabled, scopes, level, lifecycle_actions: globs }: FilterSettings) {
    const wants = (type: EventType) => enabled && scopes.includes(type);
    this.loggingLevel = wants('logging') ? level : undefined;
    this.wantsOperations = wants('operation');
    if (!wants('lifecycle')) this.#wantsAction = () => false;
    else if (globs.length === 0) this.#wantsAction = () => true;
    else this.#wantsAction = (action) => globs.some((glob) => matchesGlob(glob, action));
  }

  /** Whether a logging event of `level` is wanted. */
  wantsLogging(level: Level): boolean {
    return this.loggingLevel !== undefined && severity[level] >= severity[this.loggingLevel];
  }

  /** Whether a lifecycle event with `action` is wanted, whatever the level. */
  wantsLifecycle(action: string): boolean {
    return this.#wantsAction(action);
  }
}
