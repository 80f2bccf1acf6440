/** What a transport does when the process has nothing else to do any more. */

import type { TargetSet } from '../targets/target-set.js';
import type { Finishable } from './process-exit.js';

/** Delivers what is pending, and gives up when the time for it is over. */
export class Departure implements Finishable {
  readonly #targets: TargetSet;
  readonly #timeoutMs: number;
  readonly #begins: () => void;
  #isUnderWay = false;
  /** As `performance.now()`: when the process may end with events undelivered. */
  #deadlineMs: number | undefined;

  /** @param begins called each time that the process is about to end */
  constructor(targets: TargetSet, timeoutMs: number, begins: () => void) {
    this.#targets = targets;
    this.#timeoutMs = timeoutMs;
    this.#begins = begins;
  }

  /** What is accepted now has to be sent at once, or nobody would wait for it. */
  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  finish(): void {
    this.#isUnderWay = true;
    this.#begins();
    if (this.#targets.isIdle) {
      this.#targets.giveUp();
      return;
    }
    this.#deadlineMs ??= performance.now() + this.#timeoutMs;
    const leftMs = this.#deadlineMs - performance.now();
    if (leftMs <= 0) {
      void this.#targets.closeNow();
    } else {
      this.#targets.retryQuickly();
      void this.#targets.flush(leftMs).then(({ pending }) => {
        if (pending === 0) this.#stay();
      });
    }
  }

  /** All was delivered, and the process may find something else to do. */
  #stay(): void {
    this.#isUnderWay = false;
    this.#deadlineMs = undefined;
    this.#targets.retryAsUsual();
  }
}
