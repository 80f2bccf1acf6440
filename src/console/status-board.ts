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

/** Looks when somebody asks. Those who ask in the same turn of the event loop share a look. */
export class StatusBoard {
  readonly #options: StatusBoardOptions;
  #look: { readonly targets: readonly TargetStatus[]; list?: readonly object[] } | undefined;

  constructor(options: StatusBoardOptions) {
    this.#options = options;
  }

  /** All targets. */
  list(withHistory: boolean): readonly object[] {
    const look = this.#current();
    look.list ??= look.targets.map((status) => this.#shown(status));
    if (!withHistory) return look.list;
    const { history } = this.#options;
    return look.list.map((status, index) => ({
      ...status,
      history: history.of(look.targets[index]?.name ?? ''),
    }));
  }

  /**
   * One target, with its settings and its latest attempts.
   * @throws HttpError 404
   */
  show(name: string): object {
    const { steering, history } = this.#options;
    const status = this.#current().targets.find((target) => target.name === name);
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

  #current() {
    if (this.#look === undefined) {
      this.#look = { targets: this.#options.status().targets };
      setImmediate(() => {
        this.#look = undefined;
      });
    }
    return this.#look;
  }
}

function noSuchTarget(): HttpError {
  return new HttpError(404, 'No log target has that name');
}
