/** Those who wait until everything accepted before a certain point is settled. */

import type { EncodedEvent } from './queue.js';

interface Waiter {
  readonly seq: number;
  lost: number;
  readonly resolve: (allDelivered: boolean) => void;
}

/** Waiters for the events up to a `seq`; each learns whether all of them were delivered. */
export class FlushWaiters {
  readonly #waiters = new Set<Waiter>();

  get size(): number {
    return this.#waiters.size;
  }

  /** Resolves once no event up to `seq` is pending: to `true` when none of them was lost meanwhile. */
  wait(seq: number): Promise<boolean> {
    return new Promise((resolve) => this.#waiters.add({ seq, lost: 0, resolve }));
  }

  /** Events were settled without having been delivered. */
  lost(events: readonly EncodedEvent[]): void {
    for (const waiter of this.#waiters) {
      for (const event of events) if (event.seq <= waiter.seq) waiter.lost++;
    }
  }

  /** Answers those who waited for nothing that is still pending. */
  check(oldestPendingSeq: number): void {
    for (const waiter of this.#waiters) {
      if (waiter.seq >= oldestPendingSeq) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(waiter.lost === 0);
    }
  }

  /** What they wait for will never be delivered. */
  abandon(): void {
    for (const waiter of this.#waiters) waiter.resolve(false);
    this.#waiters.clear();
  }
}
