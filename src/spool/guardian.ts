/** Whom a queue belongs to, and what stands in for the owner while there is none. */

import { laneOf } from '../disk/state.js';
import type { DeliveryState } from '../queue/delivery-state.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import type { QueueOwner } from '../queue/queue.js';
import type { DropReason } from '../report.js';
import type { FoundQueue } from './share.js';

/** A target's state and its losses survive it, until its name comes back. */
export class Guardian {
  /** Events that were lost while nobody owned them. */
  readonly dropped: Partial<Record<DropReason, number>> = {};
  readonly #report: (reason: DropReason, events: number) => void;
  #owner: QueueOwner | undefined;
  /** Who had it last: its account is shown until somebody else has the queue, or nobody asks any more. */
  #former: QueueOwner | undefined;
  #parked: DeliveryState = { batches: [], attempt: undefined, type: 'webhook', address: '' };

  /** @param report told of losses where there is no owner, nor ever was one */
  constructor(report: (reason: DropReason, events: number) => void) {
    this.#report = report;
  }

  get isParked(): boolean {
    return this.#owner === undefined;
  }

  /** What of the target must survive. */
  get state(): DeliveryState {
    return this.#owner?.state() ?? this.#parked;
  }

  adopt(owner: QueueOwner): void {
    this.#owner = owner;
    this.#former = undefined;
  }

  park(): void {
    this.#parked = this.state;
    this.#former = this.#owner ?? this.#former;
    this.#owner = undefined;
  }

  /** Adds what was found on disk. */
  found(found: FoundQueue): void {
    this.#parked = { ...found, batches: [...found.batches, ...this.#parked.batches] };
  }

  /** Lets go of the batches that are not on their way, and of which all events came up to these positions, by lane. */
  expire(positions: readonly [number, number], base: number): readonly EncodedEvent[] {
    const isTooOld = (event: EncodedEvent) => event.seq + base <= positions[laneOf(event)];
    if (this.#owner) return this.#owner.expire(isTooOld);
    const { batches } = this.#parked;
    const expired = batches.filter(({ events }) => events.every(isTooOld));
    if (expired.length === 0) return [];
    this.#parked = { ...this.#parked, batches: batches.filter((batch) => !expired.includes(batch)) };
    return expired.flatMap(({ events }) => events);
  }

  /** Tells the owner what there is. */
  tell(events: number, dead: number, lastSeq: number): void {
    const { batches, attempt } = this.#parked;
    if (events === 0 && dead === 0 && attempt === undefined) return;
    // One that closed before its queue was open shows what there is, and sends none of it.
    if (this.#owner) this.#owner.recovered({ events, batches, attempt, dead, lastSeq });
    else this.#former?.recovered({ events, batches: [], attempt: undefined, dead, lastSeq });
  }

  /** Events that once were here are not found: they count, as what they are. */
  missing(events: number): void {
    const told = this.#owner ?? this.#former;
    told?.recovered({ events, batches: [], attempt: undefined, dead: 0, lastSeq: -1 });
    this.lost('damaged', events, -1);
  }

  lost(reason: DropReason, events: number, oldestSeq: number): void {
    if (this.isParked) this.dropped[reason] = (this.dropped[reason] ?? 0) + events;
    const told = this.#owner ?? this.#former;
    if (told) told.lost(reason, events, oldestSeq);
    else this.#report(reason, events);
  }

  forgotten(events: number, reason?: DropReason): void {
    if (events > 0) (this.#owner ?? this.#former)?.forgotten(events, reason);
  }

  readable(): void {
    this.#owner?.readable();
  }
}
