/** Holds a spooled queue to its bounds in memory: of what is nowhere else. */

import type { EncodedEvent } from '../queue/encoded-event.js';
import type { QueueBounds } from '../queue/queue.js';
import type { Lane } from './lane.js';
import type { Taken } from './taken.js';

export class MemoryBounds {
  readonly #bounds: QueueBounds;
  readonly #lanes: readonly [logging: Lane, audit: Lane];
  readonly #taken: Taken;

  constructor(bounds: QueueBounds, lanes: readonly [logging: Lane, audit: Lane], taken: Taken) {
    this.#bounds = bounds;
    this.#lanes = lanes;
    this.#taken = taken;
  }

  /** Events that are nowhere but in memory. */
  get events(): number {
    return this.#lanes[0].unstoredEvents + this.#lanes[1].unstoredEvents + this.#taken.unstored.events;
  }

  get #bytes(): number {
    return this.#lanes[0].unstoredBytes + this.#lanes[1].unstoredBytes + this.#taken.unstored.bytes;
  }

  hasRoomFor({ bytes }: Pick<EncodedEvent, 'bytes'>): boolean {
    return this.events < this.#bounds.maxEvents && this.#bytes + bytes <= this.#bounds.maxBytes;
  }

  /** Evicts what must go for `event`, nothing unless that makes enough room; `false` when it does not. */
  makeRoom(event: EncodedEvent, evicted: (victim: EncodedEvent) => void): boolean {
    const evictable = event.type === 'logging' ? [this.#lanes[0]] : this.#lanes;
    let [events, bytes] = [this.events, this.#bytes + event.bytes];
    for (const { fresh, freshBytes } of evictable) {
      events -= fresh.length;
      bytes -= freshBytes;
    }
    if (events >= this.#bounds.maxEvents || bytes > this.#bounds.maxBytes) return false;
    while (!this.hasRoomFor(event)) {
      const victim = this.#lanes[0].shiftFresh() ?? this.#lanes[1].shiftFresh();
      if (victim === undefined) return false;
      evicted(victim);
    }
    return true;
  }
}
