/** Statuses of targets as the API shows them. */

import type { TargetStatus } from '../delivery/status.js';
import { HttpError } from '../http/envelope.js';
import { maskTarget } from '../settings/masking.js';
import type { Steering } from '../targets/steering.js';
import type { History } from './history.js';
import { toSnakeCase } from './snake-case.js';

/** What a board shows. */
export interface StatusBoardOptions {
  readonly status: () => { readonly targets: readonly TargetStatus[] };
  readonly steering: Steering;
  readonly history: History;
}

/** Statuses of all targets, at one moment. */
export type Statuses = readonly TargetStatus[];

/** Looks when somebody asks. */
export class StatusBoard {
  readonly #options: StatusBoardOptions;

  constructor(options: StatusBoardOptions) {
    this.#options = options;
  }

  /** How all targets are now. */
  look(): Statuses {
    return this.#options.status().targets;
  }

  /** All targets. */
  list(statuses: Statuses, withHistory: boolean): readonly object[] {
    const { history } = this.#options;
    return statuses.map((status) => ({
      ...this.#shown(status),
      ...(withHistory && { history: history.of(status.name) }),
    }));
  }

  /**
   * One target, with its settings and its latest attempts.
   * @throws HttpError 404
   */
  show(statuses: Statuses, name: string): object {
    const { steering, history } = this.#options;
    const status = statuses.find((target) => target.name === name);
    if (status === undefined) throw noSuchTarget();
    const settings = steering.settingsOf(name);
    return {
      ...this.#shown(status),
      attempts_total: status.attempts,
      attempts: toSnakeCase(steering.attemptsOf(name)),
      // What waits in a spool for a target that is gone has none.
      settings: settings === undefined ? null : maskTarget(settings),
      history: history.of(name),
    };
  }

  /** @throws HttpError 404 when no target with this name runs */
  checkName(name: string): void {
    if (this.#options.steering.settingsOf(name) === undefined) throw noSuchTarget();
  }

  /** Of many members each has statuses of its own. */
  #shown(status: TargetStatus): object {
    const { location } = this.#options.steering;
    return { ...(location !== undefined && { location }), ...(toSnakeCase(status) as object) };
  }
}

function noSuchTarget(): HttpError {
  return new HttpError(404, 'No log target has that name');
}
