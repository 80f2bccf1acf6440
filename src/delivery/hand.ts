/** The batches that a courier sends next, before anything new is taken. */

import type { Batch } from '../queue/batch.js';
import type { EncodedEvent } from '../queue/encoded-event.js';

/** Keeps them by age. */
export class Hand {
  #batches: Batch[] = [];

  get batches(): readonly Batch[] {
    return this.#batches;
  }

  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  add(...batches: readonly Batch[]): void {
    this.#batches.push(...batches);
    this.#batches.sort((a, b) => (a.events[0]?.seq ?? 0) - (b.events[0]?.seq ?? 0));
  }

  /** Takes the oldest one. */
  take(): Batch | undefined {
    return this.#batches.shift();
  }

  /** Lets go of those whose events are all of a kind; returns the events. */
  drop(isOfKind: (event: EncodedEvent) => boolean): EncodedEvent[] {
    const dropped = this.#batches.filter(({ events }) => events.every(isOfKind));
    if (dropped.length > 0) this.#batches = this.#batches.filter((batch) => !dropped.includes(batch));
    return dropped.flatMap(({ events }) => [...events]);
  }

  /** Lets go of all of them. */
  clear(): void {
    this.#batches = [];
  }
}
