/** Events that a receiver refused one by one, until it is clear whether they or the configuration are at fault. */

import type { Batch } from '../queue/batch.js';

/** So many in a row, and it is the configuration. */
const MAX_SUSPECTS = 8;
/** How long they wait for a verdict when there is nothing else to send that could bring it. */
const VERDICT_WAIT_MS = 1000;

/** Batches of one event each, in the order in which they were refused. */
export class Suspects {
  readonly #onVerdict: (guilty: readonly Batch[]) => void;
  #batches: Batch[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** `onVerdict` gets those whose fault it was. */
  constructor(onVerdict: (guilty: readonly Batch[]) => void) {
    this.#onVerdict = onVerdict;
  }

  get batches(): readonly Batch[] {
    return this.#batches;
  }

  /** Adds more; returns all of them, acquitted, when they are too many to be at fault. */
  add(...batches: readonly Batch[]): readonly Batch[] | undefined {
    this.#batches.push(...batches);
    return this.#batches.length < MAX_SUSPECTS ? undefined : this.#release();
  }

  /** Others were accepted, or nobody can wait: it was their fault. */
  convict(): void {
    if (this.#batches.length > 0) this.#onVerdict(this.#release());
  }

  /** Circumstances have changed: gives all of them back, to be tried again. */
  acquit(): readonly Batch[] {
    return this.#release();
  }

  /** There is nothing to send at the moment: convicts after a while, unless `postpone` is called. */
  await(): void {
    if (this.#batches.length > 0) this.#timer ??= setTimeout(() => this.convict(), VERDICT_WAIT_MS).unref();
  }

  /** Something is being sent again. */
  postpone(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #release(): readonly Batch[] {
    this.postpone();
    const released = this.#batches;
    this.#batches = [];
    return released;
  }
}
