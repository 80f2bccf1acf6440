/** Remembers the counts of the last five minutes, so that a page which is opened now can show them. */

import type { TargetStatus } from '../delivery/status.js';

const INTERVAL_MS = 5000;
/** Five minutes, and the sample before them. */
const MAX_SAMPLES = 61;

/** Counts of one target at some moments, the oldest first; all lists are of the same length. */
export interface TargetHistory {
  /** Milliseconds since the epoch. */
  readonly at: number[];
  readonly accepted: number[];
  readonly delivered: number[];
  /** Events dropped and refused. */
  readonly lost: number[];
  readonly pending: number[];
}

const none: TargetHistory = { at: [], accepted: [], delivered: [], lost: [], pending: [] };

/** Looks at all targets every five seconds; keeps no process alive. */
export class History {
  readonly #look: () => readonly TargetStatus[];
  readonly #timer: NodeJS.Timeout;
  #histories = new Map<string, TargetHistory>();

  constructor(look: () => readonly TargetStatus[]) {
    this.#look = look;
    this.#timer = setInterval(() => this.#sample(), INTERVAL_MS).unref();
    this.#sample();
  }

  /** Of the target with this name; empty while there is none. */
  of(name: string): TargetHistory {
    return this.#histories.get(name) ?? none;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Targets that are gone are forgotten. */
  #sample(): void {
    const at = Date.now();
    const histories = new Map<string, TargetHistory>();
    for (const { name, accepted, delivered, dropped, dead, pending } of this.#look()) {
      const history = this.#histories.get(name) ?? structuredClone(none);
      const lost = Object.values(dropped).reduce((sum, count) => sum + count, dead);
      push(history, { at, accepted, delivered, lost, pending: pending.events });
      histories.set(name, history);
    }
    this.#histories = histories;
  }
}

function push(history: TargetHistory, sample: Record<keyof TargetHistory, number>): void {
  for (const key of Object.keys(sample) as (keyof TargetHistory)[]) {
    history[key].push(sample[key]);
    if (history[key].length > MAX_SAMPLES) history[key].shift();
  }
}
