/** The events of a spooled queue that wait: two lanes, of which the one with the older event has its turn. */

import { laneOf } from '../disk/state.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import { Lane } from './lane.js';
import type { FoundQueue, SpoolShare } from './share.js';

/** Counts what is in both, wherever it lies. */
export class Waiting {
  readonly lanes = [new Lane(), new Lane()] as const;
  events = 0;
  bytes = 0;
  readonly #share: Pick<SpoolShare<never>, 'base'>;

  constructor(share: Pick<SpoolShare<never>, 'base'>) {
    this.#share = share;
  }

  /** The lane that has its turn. */
  get first(): Lane {
    const [logging, audit] = this.lanes;
    const { base } = this.#share;
    return logging.firstSeq(base) < audit.firstSeq(base) ? logging : audit;
  }

  /** `seq` of the oldest event, or a lower one. */
  get oldestSeq(): number {
    return this.first.firstSeq(this.#share.base);
  }

  laneOf(event: EncodedEvent): Lane {
    return this.lanes[laneOf(event)];
  }

  /** Whether an event is on disk. */
  isStored(event: EncodedEvent): boolean {
    return event.seq <= this.laneOf(event).storedSeq;
  }

  /** Whether it is, or is being written. */
  isPlanned(event: EncodedEvent): boolean {
    return event.seq <= this.laneOf(event).plannedSeq;
  }

  /** `seq` of the last event that is on disk if this one is, and not if it is not. */
  lastSeqWith(event: EncodedEvent): number {
    const { storedSeq, plannedSeq } = this.laneOf(event);
    return [storedSeq, plannedSeq].find((last) => event.seq <= last) ?? Number.POSITIVE_INFINITY;
  }

  push(event: EncodedEvent): void {
    this.laneOf(event).push(event);
    this.events++;
    this.bytes += event.bytes;
  }

  /** Events do not wait any more. */
  left(events: number, bytes: number): void {
    this.events -= events;
    this.bytes -= bytes;
  }

  /** How many have a `seq` of at most `seq`. Those on disk only are counted by whole files. */
  countUpTo(seq: number): number {
    return this.lanes.reduce((sum, lane) => sum + lane.countUpTo(seq, this.#share.base), 0);
  }

  /** Puts in front what was found on disk. Returns how many events that is */
  attach({ heads, files }: FoundQueue): number {
    const before = this.events;
    for (const [index, lane] of this.lanes.entries()) {
      lane.cursor = heads[index] ?? 0;
      lane.disk.unshift(...(files[index] ?? []).map((run) => ({ ...run })));
      lane.plannedSeq = Math.max(lane.plannedSeq, -1);
      lane.storedSeq = Math.max(lane.storedSeq, -1);
      for (const { events, bytes } of lane.disk) {
        this.events += events;
        this.bytes += bytes;
      }
    }
    return this.events - before;
  }
}
