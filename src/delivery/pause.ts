/** A wait that others can cut short. */

import { MAX_TIMER_MS } from '../model/duration.js';

/** Waits that keep no process alive and that `end` ends all at once. */
export class Pause {
  readonly #waits = new Set<() => void>();

  /** Resolves after `ms` milliseconds, or as soon as `end` is called. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const over = () => {
        clearTimeout(timer);
        this.#waits.delete(over);
        resolve();
      };
      const timer = setTimeout(over, Math.min(ms, MAX_TIMER_MS)).unref();
      this.#waits.add(over);
    });
  }

  end(): void {
    for (const over of this.#waits) over();
  }
}
