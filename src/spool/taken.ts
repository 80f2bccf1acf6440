/** The events that were taken from a queue and are not settled. */

import type { EncodedEvent } from '../queue/encoded-event.js';

/** Those that are nowhere but in memory are counted on their own. */
export class Taken {
  /** Bytes of all of them. */
  bytes = 0;
  readonly unstored = { events: 0, bytes: 0 };
  readonly #isStored: (event: EncodedEvent) => boolean;
  readonly #events = new Map<number, EncodedEvent>();

  constructor(isStored: (event: EncodedEvent) => boolean) {
    this.#isStored = isStored;
  }

  get size(): number {
    return this.#events.size;
  }

  has({ seq }: EncodedEvent): boolean {
    return this.#events.has(seq);
  }

  all(): Iterable<EncodedEvent> {
    return this.#events.values();
  }

  add(event: EncodedEvent): void {
    this.#events.set(event.seq, event);
    this.bytes += event.bytes;
    this.#count(event, 1);
  }

  /** `false` when it was not among them. */
  delete(event: EncodedEvent): boolean {
    if (!this.#events.delete(event.seq)) return false;
    this.bytes -= event.bytes;
    this.#count(event, -1);
    return true;
  }

  /** What is on disk has changed. */
  recount(): void {
    [this.unstored.events, this.unstored.bytes] = [0, 0];
    for (const event of this.#events.values()) this.#count(event, 1);
  }

  #count(event: EncodedEvent, change: 1 | -1): void {
    if (this.#isStored(event)) return;
    this.unstored.events += change;
    this.unstored.bytes += change * event.bytes;
  }
}
