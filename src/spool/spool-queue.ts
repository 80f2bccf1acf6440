/** The queue that lives on disk, as far as it is longer than what memory should hold. */

import type { LogFile, Waiter } from '../disk/event-log.js';
import type { Batch } from '../queue/batch.js';
import type { Refusal } from '../queue/delivery-state.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import type { Queue, QueueOwner } from '../queue/queue.js';
import type { DropReason } from '../report.js';
import { Guardian } from './guardian.js';
import { KnownBatches } from './known-batches.js';
import type { Lane } from './lane.js';
import { MemoryBounds } from './memory-bounds.js';
import { ReadAhead } from './read-ahead.js';
import type { FoundQueue, SpoolShare } from './share.js';
import { Taken } from './taken.js';
import { Waiting } from './waiting.js';

/** So much waits for the next commit at most. */
const MAX_COMMIT_BYTES = 2 ** 20;

/**
 * Events go through memory, and to disk with the next commit unless they were settled before. What is beyond the window
 * is let go of in memory, and read back when its turn comes. While there is no disk, it is a queue in memory.
 */
export class SpoolQueue implements Queue, Waiter {
  readonly isDurable = true;
  readonly name: string;
  /** Of itself only: shared by all events that nobody else waits for. */
  readonly alone: readonly SpoolQueue[] = [this];
  /** Whether it is known what is on disk of it. */
  isAttached = false;
  /** Events among the dead letters, and their bytes. */
  readonly dead = { events: 0, bytes: 0 };
  /** Files in which something has changed for it since the last commit. */
  changedFiles = new Set<LogFile>();
  /** Events that it has on disk, and dead letters. */
  readonly onDisk = { events: 0, dead: 0 };
  /** Events that it ever had there. */
  ever = 0;
  readonly #share: SpoolShare<SpoolQueue>;
  readonly #waiting: Waiting;
  readonly lanes: Waiting['lanes'];
  readonly #taken = new Taken((event) => this.#waiting.isStored(event));
  /** Events that went before they were written. */
  readonly #evicted = new Set<number>();
  readonly guardian: Guardian;
  /** Of the youngest event. */
  #lastSeq = -1;
  #abandonedEvents = 0;
  readonly #memory: MemoryBounds;
  readonly #readAhead: ReadAhead;
  readonly #knownBatches: KnownBatches<SpoolQueue>;

  constructor(name: string, share: SpoolShare<SpoolQueue>) {
    this.name = name;
    this.#share = share;
    this.#waiting = new Waiting(share);
    this.lanes = this.#waiting.lanes;
    this.guardian = new Guardian((reason, events) => share.lost(this, reason, events));
    this.#knownBatches = new KnownBatches(this, share);
    this.#memory = new MemoryBounds(share.memory, this.lanes, this.#taken);
    this.#readAhead = new ReadAhead({
      name,
      lanes: this.lanes,
      share,
      damaged: (file, events, bytes) => this.#damaged(file, events, bytes),
      readable: () => this.guardian.readable(),
    });
  }

  /** Gives the queue to a target: one that just started, or whose name has come back. */
  adopt(owner: QueueOwner): this {
    this.guardian.adopt(owner);
    return this;
  }

  open(): void {
    this.guardian.tell(this.events, this.dead.events, this.#lastSeq);
  }

  get oldestSeq(): number {
    return this.#waiting.oldestSeq;
  }

  get events(): number {
    return this.#waiting.events + this.#taken.size - this.#abandonedEvents;
  }

  get bytes(): number {
    return this.#waiting.bytes + this.#taken.bytes;
  }

  get waitingEvents(): number {
    return this.#waiting.events;
  }

  get waitingBytes(): number {
    return this.#waiting.bytes;
  }

  peek(): EncodedEvent | undefined {
    if (this.#share.isOpening) return undefined;
    const lane = this.#waiting.first;
    const event = lane.peek();
    if (event === undefined && lane.disk.length > 0) this.#readAhead.start();
    return event;
  }

  /**
   * A batch is on disk as a whole or not at all. Where there was no room for a part of it, the others would come again
   * under another id.
   */
  lastSeqWith(event: EncodedEvent): number {
    return this.#waiting.lastSeqWith(event);
  }

  push(event: EncodedEvent): boolean {
    if (!this.#makeRoom(event)) return false;
    this.#waiting.push(event);
    this.#lastSeq = event.seq;
    this.#share.add(event, this);
    const isUrgent = event.type !== 'logging' || this.lanes[0].freshBytes >= MAX_COMMIT_BYTES;
    this.#share.commit(this, isUrgent ? 'now' : 'soon');
    return true;
  }

  /** Whether `event` can be pushed without any other being lost for it. */
  hasRoomFor(event: Omit<EncodedEvent, 'seq'>): boolean {
    return this.#memory.hasRoomFor(event);
  }

  take(): EncodedEvent | undefined {
    if (this.peek() === undefined) return undefined;
    const lane = this.#waiting.first;
    const event = lane.shift() as EncodedEvent;
    this.#waiting.left(1, event.bytes);
    this.#taken.add(event);
    if (lane.disk.length > 0 && lane.frontBytes < this.#share.windowBytes / 2) this.#readAhead.start();
    return event;
  }

  release(events: readonly EncodedEvent[]): void {
    let file: LogFile | undefined;
    let [count, bytes] = [0, 0];
    for (const event of events) {
      if (!this.#taken.delete(event)) continue;
      const its = this.#waiting.isPlanned(event) ? this.#share.fileOf(event) : undefined;
      if (its !== file) {
        file?.add(this, -count, -bytes);
        [file, count, bytes] = [its, 0, 0];
      }
      count++;
      bytes += event.bytes;
    }
    file?.add(this, -count, -bytes);
    this.#share.settled();
    this.#share.commit(this, 'soon');
  }

  stateChanged(): void {
    this.#share.commit(this, 'now');
  }

  countUpTo(seq: number): number {
    return this.#waiting.countUpTo(seq);
  }

  /**
   * A batch some of whose events are on disk must be there by its id as well: they would be sent again under another.
   * And what was delivered before it must be there as delivered: so no more than one batch comes twice.
   */
  beforeAttempt(batch: Batch): Promise<void> | undefined {
    if (!this.#share.isOpen || this.#knownBatches.has(batch.id)) return undefined;
    if (!batch.events.some((event) => this.#waiting.isPlanned(event))) return undefined;
    return this.#knownBatches.make(batch.id);
  }

  stored(event: EncodedEvent): Promise<boolean> | false {
    if (!this.#share.isOpen && !this.#share.isOpening) return false;
    return this.#share.committed().then((isStored) => isStored && !this.#evicted.has(event.seq));
  }

  bury(event: EncodedEvent, refusal: Refusal): boolean {
    const isBuried = this.#share.bury(this, event, refusal);
    if (isBuried) this.release([event]);
    return isBuried;
  }

  /** Everything outlives the target; what the disk does not take in the end is told by `abandon`. */
  close(): number {
    this.guardian.park();
    this.#share.commit(this, 'now');
    return 0;
  }

  /** Lets go of what is nowhere but in memory; says how many events that was. */
  abandon(): number {
    const { events } = this.#memory;
    this.#abandonedEvents += events;
    return events;
  }

  // What the spool does with it.

  changed(file: LogFile, events: number): void {
    this.changedFiles.add(file);
    this.onDisk[file.kind === 'dead' ? 'dead' : 'events'] += events;
  }

  /** Puts in front what was found on disk. */
  attach(found: FoundQueue): void {
    this.isAttached = true;
    this.dead.events += found.dead.events;
    this.dead.bytes += found.dead.bytes;
    const waiting = this.#waiting.attach(found);
    for (const { id, events } of found.batches) {
      this.#knownBatches.add(id);
      for (const event of events) this.#taken.add(event);
    }
    this.guardian.found(found);
    const taken = found.batches.reduce((sum, { events }) => sum + events.length, 0);
    this.guardian.tell(waiting + taken, found.dead.events, this.#lastSeq);
  }

  /** The directory is gone: what was only there is lost, what is in memory waits to be written again. */
  detach(): void {
    this.isAttached = false;
    this.#knownBatches.replace([]);
    const { events: dead } = this.dead;
    [this.dead.events, this.dead.bytes] = [0, 0];
    this.guardian.forgotten(dead, 'damaged');
    for (const lane of this.lanes) {
      for (const { file, events, bytes } of lane.disk.splice(0)) this.#damaged(file, events, bytes);
      for (const event of lane.restart()) this.#share.add(event, this);
    }
    this.#taken.recount();
    for (const event of this.#taken.all()) this.#share.add(event, this);
    this.changedFiles.clear();
    [this.onDisk.events, this.onDisk.dead] = [0, 0];
  }

  /** Whether an event that is not on disk has still to be delivered. */
  holds(event: EncodedEvent): boolean {
    return this.#waiting.laneOf(event).waits(event.seq) || this.#taken.has(event);
  }

  /** A commit begins. `lastSeq`: of the youngest event; `undefined` when events are not part of it */
  committing(lastSeq: number | undefined): void {
    for (const seq of this.#evicted) {
      if (this.lanes.every(({ plannedSeq }) => seq <= plannedSeq)) this.#evicted.delete(seq);
    }
    if (lastSeq === undefined) return;
    for (const lane of this.lanes) lane.write(lastSeq);
  }

  /** It is over. `files`: that it has written to, by lane; `undefined`: none of its events */
  committed(
    files: readonly (LogFile | undefined)[] | undefined,
    batches: readonly Batch[] | undefined,
  ): void {
    if (batches) this.#knownBatches.replace(batches);
    for (const [index, lane] of this.lanes.entries()) {
      if (files) lane.written(files[index], this.#share.windowBytes, this.#share.base);
      else lane.notWritten();
    }
    // What is on disk stays there.
    if (this.#taken.unstored.events > 0) this.#taken.recount();
  }

  /** Drops what waits up to a position. */
  evictUpTo(index: 0 | 1, position: number, reason: DropReason): void {
    const { base } = this.#share;
    const lane = this.lanes[index];
    while (this.#waiting.events > 0 && lane.firstSeq(base) < Number.POSITIVE_INFINITY) {
      if (lane.firstSeq(base) + base > position) return;
      const [run] = lane.disk;
      // Of what is on disk only it is not known which events those are.
      if (lane.peek() === undefined && run && run.file.last > position) return;
      this.evictFirst(lane, reason);
    }
  }

  /** Drops the batches that are not on their way, when all of their events came up to these positions, by lane. */
  expireBatches(positions: readonly [number, number]): void {
    const taken = this.guardian.expire(positions, this.#share.base);
    if (taken.length === 0) return;
    this.release(taken);
    this.guardian.lost('too-old', taken.length, taken[0]?.seq ?? 0);
  }

  /** Removes the oldest waiting event of a lane; what of its file is on disk only goes as a whole. */
  evictFirst(lane: Lane, reason: DropReason): void {
    const event = lane.shift();
    const [run] = lane.disk;
    const seq = event?.seq ?? lane.firstSeq(this.#share.base);
    const [events, bytes] = event ? [1, event.bytes] : [run?.events ?? 0, run?.bytes ?? 0];
    this.#waiting.left(events, bytes);
    if (event) this.#forget(event, true);
    else if (run) {
      run.file.add(this, -events, -bytes);
      lane.cursor = run.file.last + 1;
      lane.unleave(events, bytes);
    }
    this.#share.settled();
    this.#share.commit(this, 'soon');
    this.guardian.lost(reason, events, seq);
  }

  /** Some of its dead letters cannot be read. */
  deadDamaged(file: LogFile, events: number, bytes: number): void {
    this.dead.events -= events;
    this.dead.bytes -= bytes;
    if (events === 0) return;
    this.#share.damaged(this, file, events);
    this.guardian.forgotten(events, 'damaged');
  }

  /** An event does not wait any more, nor is it in a batch. */
  #forget(event: EncodedEvent, isEvicted = false): void {
    if (this.#waiting.isPlanned(event)) this.#share.fileOf(event)?.add(this, -1, -event.bytes);
    if (isEvicted && event.type !== 'logging' && !this.#waiting.isStored(event)) this.#evicted.add(event.seq);
  }

  #makeRoom(event: EncodedEvent): boolean {
    const hasRoom =
      this.#memory.hasRoomFor(event) ||
      this.#memory.makeRoom(event, (victim) => {
        this.#waiting.left(1, victim.bytes);
        this.#forget(victim, true);
        this.#share.settled();
        this.guardian.lost('queue-full', 1, victim.seq);
      });
    return hasRoom && this.#share.makeRoom(event);
  }

  #damaged(file: LogFile, events: number, bytes: number): void {
    file.add(this, -events, -bytes);
    this.#waiting.left(events, bytes);
    this.#share.damaged(this, file, events);
    this.guardian.lost('damaged', events, file.first - this.#share.base);
  }
}
