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
  /** Events were lost for which nobody waited at the time. */
  #hasUntoldLosses = false;

  get size(): number {
    return this.#waiters.size;
  }

  /** @param earlierToo whether losses count for which nobody waited */
  wait(seq: number, earlierToo: boolean): Flush {
    let waiter: Waiter | undefined;
    const settled = new Promise<boolean>((resolve) => {
      waiter = { seq, hasLosses: earlierToo && this.#hasUntoldLosses, resolve };
      this.#waiters.add(waiter);
    });
    if (earlierToo) this.#hasUntoldLosses = false;
    return { settled, cancel: () => void (waiter && this.#waiters.delete(waiter)) };
  }

  /** Events, from `oldestSeq` on, were settled without having been delivered. */
  lost(oldestSeq: number): void {
    let isTold = false;
    for (const waiter of this.#waiters) {
      if (oldestSeq > waiter.seq) continue;
      waiter.hasLosses = true;
      isTold = true;
    }
    if (!isTold) this.#hasUntoldLosses = true;
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
