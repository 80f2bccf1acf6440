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
  /** Projects of lifecycle and operation events; none means all. */
  readonly lifecycle_projects: readonly string[];
}

/** Chooses events by scope, level, action and project. */
export class Filter {
  /** The least severe level of the logging events that are wanted, or `undefined` when none are. */
  readonly loggingLevel: Level | undefined;
  readonly #wantsOperations: boolean;
  readonly #wantsAction: (action: string) => boolean;
  readonly #projects: ReadonlySet<string>;

  constructor({ enabled, scopes, level, lifecycle_actions: globs, lifecycle_projects }: FilterSettings) {
    const wants = (type: EventType) => enabled && scopes.includes(type);
    this.loggingLevel = wants('logging') ? level : undefined;
    this.#wantsOperations = wants('operation');
    this.#projects = new Set(lifecycle_projects);
    if (!wants('lifecycle')) this.#wantsAction = () => false;
    else if (globs.length === 0) this.#wantsAction = () => true;
    else this.#wantsAction = (action) => globs.some((glob) => matchesGlob(glob, action));
  }

  /** Whether a logging event of `level` is wanted. */
  wantsLogging(level: Level): boolean {
    return this.loggingLevel !== undefined && severity[level] >= severity[this.loggingLevel];
  }

  /** Whether a lifecycle event with `action` is wanted, whatever the level. */
  wantsLifecycle(action: string, project?: string): boolean {
    return this.#wantsProject(project) && this.#wantsAction(action);
  }

  /** Whether an operation event is wanted, whatever the level. */
  wantsOperation(project?: string): boolean {
    return this.#wantsOperations && this.#wantsProject(project);
  }

  /** What belongs to no project is for all. */
  #wantsProject(project: string | undefined): boolean {
    return !project || this.#projects.size === 0 || this.#projects.has(project);
  }
}
