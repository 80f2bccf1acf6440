/** Those who wait until everything accepted before a certain point is settled. */

/** A wait for the events up to a point. */
export interface Flush {
  /** Resolves once none of them is pending: to `true` when none was lost meanwhile. */
  readonly settled: Promise<boolean>;
  /** Nobody waits any more. */
  cancel(): void;
}

interface Waiter {
  readonly seq: number;
  hasLosses: boolean;
  readonly resolve: (allDelivered: boolean) => void;
}

/** Waiters for the events up to a `seq`; each learns whether all of them were delivered. */
export class FlushWaiters {
  readonly #waiters = new Set<Waiter>();

  get size(): number {
    return this.#waiters.size;
  }

  wait(seq: number): Flush {
    let waiter: Waiter | undefined;
    const settled = new Promise<boolean>((resolve) => {
      waiter = { seq, hasLosses: false, resolve };
      this.#waiters.add(waiter);
    });
    return { settled, cancel: () => void (waiter && this.#waiters.delete(waiter)) };
  }

  /** Events, from `oldestSeq` on, were settled without having been delivered. */
  lost(oldestSeq: number): void {
    for (const waiter of this.#waiters) waiter.hasLosses ||= oldestSeq <= waiter.seq;
  }

  /** Answers those who waited for nothing that is still pending. */
  check(oldestPendingSeq: number): void {
    for (const waiter of this.#waiters) {
      if (waiter.seq >= oldestPendingSeq) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(!waiter.hasLosses);
    }
  }

  /** What they wait for will not be delivered. */
  abandon(): void {
    for (const waiter of this.#waiters) waiter.resolve(false);
    this.#waiters.clear();
  }
}
