/** The queue that lives on disk, as far as it is longer than what memory should hold. */

import type { Batch } from '../queue/batch.js';
import type { DeliveryState, Refusal } from '../queue/delivery-state.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import type { Queue, QueueBounds, QueueOwner } from '../queue/queue.js';
import type { DropReason } from '../report.js';
import { type Chunk, type Evicted, Lane } from './lane.js';
import { ReadAhead } from './window.js';

/** So much of a queue is held in memory although it is on disk: what is sent next. */
const WINDOW_BYTES = 4 * 2 ** 20;
/** So much waits for the next commit at most. */
const MAX_COMMIT_BYTES = 2 ** 20;

/** What all queues of a spool share. */
export interface SpoolShare {
  /** `undefined` while nothing can be read or written. */
  readonly disk: SpoolDisk | undefined;
  /** Whether it is not known yet what is on disk: that comes first. */
  readonly isOpening: boolean;
  /** Bytes of all its events. */
  usedBytes: number;
  readonly maxBytes: number;
  /** Bounds of what is nowhere but in memory, for each queue. */
  readonly memory: QueueBounds;
  /** Milliseconds, by a clock that never jumps. */
  readonly nowMs: number;
  /** Evicts events of whatever queue, so that `bytes` more fit; `false` when that cannot be. */
  makeRoom(bytes: number, isLogging: boolean): boolean;
  /** Has `queue` written: at once, or within 50 ms. */
  commit(queue: SpoolQueue, when: 'now' | 'soon'): void;
  /** Resolves once the commit is over that has what is in the queues now; to whether it was written. */
  committed(): Promise<boolean>;
  /** Events of a queue that nobody owns were lost. */
  lost(queue: SpoolQueue, reason: DropReason, events: number): void;
  /** Events could not be read. */
  damaged(events: number): void;
  /** Keeps a dead letter; `false` when it cannot. */
  bury(queue: SpoolQueue, event: EncodedEvent, refusal: Refusal): boolean;
}

/** Reads chunks. */
export interface SpoolDisk {
  /** Empty lists in place of those that are damaged; fewer lists when the disk does not answer. Never rejects. */
  read(queue: SpoolQueue, lane: Lane, chunks: readonly Chunk[]): Promise<(EncodedEvent[] | undefined)[]>;
}

/** What was found on disk of one lane. */
export interface FoundLane {
  /** Those with waiting events. */
  readonly chunks: readonly Chunk[];
  /** Those with events of batches only. */
  readonly spent: readonly Chunk[];
  /** Those with nothing. */
  readonly doomed: readonly Chunk[];
  /** The first number that was not in use. */
  readonly nextNumber: number;
}

/** What was found on disk of one queue. */
export interface Found {
  readonly base: number;
  readonly lanes: readonly FoundLane[];
  readonly state: DeliveryState;
  readonly dead: { events: number; bytes: number };
}

/**
 * Events go through memory, and to disk with the next commit unless they were settled before. What is beyond the window
 * is let go of in memory, and read back when its turn comes. While there is no disk, it is a queue in memory.
 */
export class SpoolQueue implements Queue {
  readonly isDurable = true;
  readonly name: string;
  readonly lanes = [new Lane('l'), new Lane('a')] as const;
  /** What makes a position, which goes on over restarts, of a `seq`; known once the disk has been looked at. */
  base: number | undefined;
  /** Events among the dead letters, and their bytes. */
  dead = { events: 0, bytes: 0 };
  /** Events that were lost while nobody owned it. */
  readonly dropped: Partial<Record<DropReason, number>> = {};
  readonly #share: SpoolShare;
  readonly #taken = new Map<number, EncodedEvent>();
  #owner: QueueOwner | undefined;
  #waitingEvents = 0;
  #waitingBytes = 0;
  #takenBytes = 0;
  /** Nowhere but in memory: not yet in a commit, and in the commit that is under way. */
  #unstored = { events: 0, bytes: 0 };
  #committing = { events: 0, bytes: 0 };
  /** In memory, waiting. */
  #loadedBytes = 0;
  readonly #readAhead = new ReadAhead(
    {
      lanes: this.lanes,
      read: async (lane, chunks) => (await this.#share.disk?.read(this, lane, chunks)) ?? [],
      loaded: (lane, chunk, events) => this.#loaded(lane, chunk, events),
      readable: () => this.#owner?.readable(),
    },
    WINDOW_BYTES / 2,
  );
  #abandonedEvents = 0;
  /** Batches that have been on disk by name. */
  #knownBatches = new Set<string>();
  /** While nobody owns it. */
  #parked: DeliveryState = { batches: [], attempt: undefined, type: 'webhook', address: '' };

  constructor(name: string, share: SpoolShare) {
    this.name = name;
    this.#share = share;
  }

  get isParked(): boolean {
    return this.#owner === undefined;
  }

  /** What of its target must survive. */
  get state(): DeliveryState {
    return this.#owner?.state() ?? this.#parked;
  }

  /** Gives the queue to a target: one that just started, or whose name has come back. */
  adopt(owner: QueueOwner): this {
    this.#owner = owner;
    return this;
  }

  open(): void {
    this.#tellOwner(this.events, this.dead.events);
  }

  get oldestSeq(): number {
    return this.#firstLane().firstSeq;
  }

  get events(): number {
    return this.#waitingEvents + this.#taken.size - this.#abandonedEvents;
  }

  get bytes(): number {
    return this.#waitingBytes + this.#takenBytes;
  }

  get waitingEvents(): number {
    return this.#waitingEvents;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Events that the end of the process would lose. */
  get unstoredEvents(): number {
    return this.#unstored.events + this.#committing.events;
  }

  peek(): EncodedEvent | undefined {
    if (this.#share.isOpening) return undefined;
    const chunk = this.#firstLane().first;
    if (chunk === undefined) return undefined;
    if (chunk.events === undefined) this.#readMore();
    return chunk.events?.[chunk.next];
  }

  push(event: EncodedEvent): boolean {
    const lane = this.#laneOf(event);
    if (!this.#makeRoom(event)) return false;
    lane.add(event, this.#share.nowMs);
    this.#waitingEvents++;
    this.#waitingBytes += event.bytes;
    this.#unstored.events++;
    this.#unstored.bytes += event.bytes;
    this.#loadedBytes += event.bytes;
    this.#share.usedBytes += event.bytes;
    const isUrgent = event.type !== 'logging' || this.#unstored.bytes >= MAX_COMMIT_BYTES;
    this.#share.commit(this, isUrgent ? 'now' : 'soon');
    return true;
  }

  take(): EncodedEvent | undefined {
    if (this.peek() === undefined) return undefined;
    const event = this.#firstLane().take();
    this.#waitingEvents--;
    this.#waitingBytes -= event.bytes;
    this.#loadedBytes -= event.bytes;
    this.#take(event);
    if (this.#loadedBytes < WINDOW_BYTES / 2 && this.#loadedBytes < this.#waitingBytes) this.#readMore();
    return event;
  }

  release(events: readonly EncodedEvent[]): void {
    for (const event of events) {
      if (!this.#taken.delete(event.seq)) continue;
      this.#takenBytes -= event.bytes;
      this.#share.usedBytes -= event.bytes;
      this.#forget(event);
    }
    this.#settleLanes();
  }

  stateChanged(): void {
    this.#share.commit(this, 'now');
  }

  countUpTo(seq: number): number {
    let count = 0;
    for (const lane of this.lanes) {
      for (const chunk of lane.from(lane.first)) {
        if (chunk.firstSeq > seq) break;
        count += chunk.events
          ? chunk.events.filter((event, index) => index >= chunk.next && event.seq <= seq).length
          : chunk.waitingEvents;
      }
    }
    return count;
  }

  /** A batch some of whose events are on disk must be there by its id as well: they would be sent again under another. */
  beforeAttempt(batch: Batch): Promise<void> | undefined {
    if (this.#share.disk === undefined || this.#knownBatches.has(batch.id)) return undefined;
    if (!batch.events.some((event) => event.seq <= this.#laneOf(event).committedSeq)) return undefined;
    this.#share.commit(this, 'now');
    return this.#share.committed().then(() => {});
  }

  stored(event: EncodedEvent): Promise<boolean> | false {
    if (this.#share.disk === undefined && !this.#share.isOpening) return false;
    const lane = this.#laneOf(event);
    return this.#share.committed().then(() => lane.storedSeq >= event.seq);
  }

  bury(event: EncodedEvent, refusal: Refusal): boolean {
    const isBuried = this.#share.bury(this, event, refusal);
    if (isBuried) this.release([event]);
    return isBuried;
  }

  /** Everything outlives the target; what the disk does not take in the end is told by `abandon`. */
  close(): number {
    this.#parked = this.state;
    this.#owner = undefined;
    this.#share.commit(this, 'now');
    return 0;
  }

  /** Lets go of what is nowhere but in memory; says how many events that was. */
  abandon(): number {
    const { unstoredEvents } = this;
    this.#abandonedEvents += unstoredEvents;
    this.#unstored = { events: 0, bytes: 0 };
    this.#committing = { events: 0, bytes: 0 };
    return unstoredEvents;
  }

  // What the spool does with it.

  /** Puts in front what was found on disk. */
  attach(found: Found): void {
    this.base = found.base;
    this.dead.events += found.dead.events;
    this.dead.bytes += found.dead.bytes;
    this.lanes.forEach((lane, index) => {
      const { chunks, spent, doomed, nextNumber } = found.lanes[index] as FoundLane;
      lane.addFound(chunks, nextNumber);
      lane.spent.unshift(...spent);
      // What is found has a `seq` below 0.
      lane.lastSeq = Math.max(lane.lastSeq, -1);
      lane.storedSeq = Math.max(lane.storedSeq, -1);
      lane.committedSeq = Math.max(lane.committedSeq, -1);
      lane.doomed.push(...doomed);
      for (const { waitingEvents, waitingBytes, events } of chunks) {
        this.#waitingEvents += waitingEvents;
        this.#waitingBytes += waitingBytes;
        this.#share.usedBytes += waitingBytes;
        if (events) this.#loadedBytes += waitingBytes;
      }
    });
    const inBatches = found.state.batches.flatMap(({ events }) => events).sort((a, b) => a.seq - b.seq);
    const takenLater = [...this.#taken.values()];
    this.#taken.clear();
    this.#takenBytes = 0;
    for (const event of [...inBatches, ...takenLater]) this.#take(event);
    for (const { bytes } of inBatches) this.#share.usedBytes += bytes;
    for (const { id } of found.state.batches) this.#knownBatches.add(id);
    this.#parked = { ...found.state, batches: [...found.state.batches, ...this.#parked.batches] };
    const waiting = found.lanes.flatMap(({ chunks }) => chunks.map((chunk) => chunk.waitingEvents));
    this.#tellOwner(
      waiting.reduce((sum, events) => sum + events, inBatches.length),
      found.dead.events,
    );
  }

  /** Events that it once held were not found: they count, as what they are. */
  missing(events: number): void {
    const { lastSeq } = this.lanes[0];
    this.#owner?.recovered({ events, batches: [], attempt: undefined, dead: 0, lastSeq });
    if (this.#owner) this.#owner.lost('damaged', events, lastSeq);
    else this.#lostWhileParked('damaged', events);
    this.#share.damaged(events);
  }

  /** Whether an event was taken and is not settled. */
  isTaken(event: EncodedEvent): boolean {
    return this.#taken.has(event.seq);
  }

  /** A commit begins that has everything there is. */
  committing(): void {
    for (const lane of this.lanes) lane.committing();
    this.#committing = this.#unstored;
    this.#unstored = { events: 0, bytes: 0 };
  }

  /** It is over. */
  committed(isStored: boolean, batches: readonly Batch[]): void {
    if (isStored) {
      this.#committing = { events: 0, bytes: 0 };
      this.#knownBatches = new Set(batches.map(({ id }) => id));
    } else {
      this.#unstored.events += this.#committing.events;
      this.#unstored.bytes += this.#committing.bytes;
      this.#committing = { events: 0, bytes: 0 };
    }
    for (const lane of this.lanes) {
      if (isStored) {
        lane.storedSeq = lane.committedSeq;
        lane.dying = [];
        if (this.#loadedBytes > WINDOW_BYTES) this.#unload(lane.takeStored());
        lane.findUnstored(lane.firstUnstored);
      } else {
        lane.notCommitted();
      }
    }
  }

  /** Drops what came before `limitMs`, by the clock of the spool. */
  expire(limitMs: number): void {
    for (const lane of this.lanes) {
      while (lane.first !== undefined && lane.first.youngestMs < limitMs) this.evictChunk('too-old', lane);
    }
    const isOver = this.lanes.every(({ spent }) => spent.every(({ youngestMs }) => youngestMs < limitMs));
    if (this.isParked && isOver) this.#dropParkedBatches();
  }

  /** When the next of its events are too old; those of batches only while nobody is about to send them. */
  get nextExpiryMs(): number {
    const waiting = this.lanes.map(({ first }) => first?.youngestMs ?? Number.POSITIVE_INFINITY);
    const taken = this.isParked
      ? this.lanes.flatMap(({ spent }) => spent.map((each) => each.youngestMs))
      : [];
    return Math.min(...waiting, taken.length > 0 ? Math.max(...taken) : Number.POSITIVE_INFINITY);
  }

  #dropParkedBatches(): void {
    const events = this.#parked.batches.flatMap((batch) => batch.events);
    if (events.length === 0) return;
    this.#parked = { ...this.#parked, batches: [] };
    this.release(events);
    this.#lostWhileParked('too-old', events.length);
  }

  /** Removes the oldest waiting event, with its chunk when that is not in memory; `false` when there is none. */
  evict(lane: Lane): boolean {
    if (lane.first?.events === undefined) return this.evictChunk('queue-full', lane);
    const { first } = lane;
    const event = lane.take();
    const evicted = { count: 1, bytes: event.bytes, firstSeq: event.seq, events: [event] };
    this.#evicted('queue-full', evicted, lane.first !== first);
    return true;
  }

  /** Removes the oldest chunk of waiting events; `false` when there is none. */
  evictChunk(reason: DropReason, lane: Lane): boolean {
    const evicted = lane.evictFirst();
    if (evicted) this.#evicted(reason, evicted, true);
    return evicted !== undefined;
  }

  #evicted(reason: DropReason, { count, bytes, firstSeq, events }: Evicted, isChunkOver: boolean): void {
    this.#waitingEvents -= count;
    this.#waitingBytes -= bytes;
    this.#share.usedBytes -= bytes;
    if (events) this.#loadedBytes -= bytes;
    for (const event of events ?? []) this.#forget(event);
    // While a spool is full, each event that comes evicts one: nothing to settle before its chunk is empty.
    if (isChunkOver) this.#settleLanes();
    else this.#share.commit(this, 'soon');
    if (this.#owner) this.#owner.lost(reason, count, firstSeq);
    else this.#lostWhileParked(reason, count);
  }

  #lostWhileParked(reason: DropReason, events: number): void {
    this.dropped[reason] = (this.dropped[reason] ?? 0) + events;
    this.#share.lost(this, reason, events);
  }

  #settleLanes(): void {
    let oldestTakenSeq = Number.POSITIVE_INFINITY;
    // Not always the first: what was found on disk may have been taken later.
    for (const seq of this.#taken.keys()) oldestTakenSeq = Math.min(oldestTakenSeq, seq);
    for (const lane of this.lanes) lane.settle(oldestTakenSeq);
    this.#share.commit(this, 'soon');
  }

  #tellOwner(events: number, dead: number): void {
    const { batches, attempt } = this.#parked;
    const lastSeq = Math.max(...this.lanes.map((lane) => lane.lastSeq));
    if (events === 0 && dead === 0 && attempt === undefined) return;
    this.#owner?.recovered({ events, batches, attempt, dead, lastSeq });
  }

  /** The disk answers again. */
  wake(): void {
    this.#share.commit(this, 'now');
    this.#owner?.readable();
  }

  /** Some of its dead letters had to go. */
  forgotDead(events: number): void {
    this.#owner?.forgotten(events);
  }

  #take(event: EncodedEvent): void {
    this.#taken.set(event.seq, event);
    this.#takenBytes += event.bytes;
  }

  #laneOf({ type }: EncodedEvent): Lane {
    return this.lanes[type === 'logging' ? 0 : 1];
  }

  #firstLane(): Lane {
    const [logging, audit] = this.lanes;
    return logging.firstSeq < audit.firstSeq ? logging : audit;
  }

  /** An event that is settled needs no room any more among those that are nowhere but in memory. */
  #forget(event: EncodedEvent): void {
    const lane = this.#laneOf(event);
    if (event.seq <= lane.storedSeq) return;
    const counts = event.seq <= lane.committedSeq ? this.#committing : this.#unstored;
    counts.events--;
    counts.bytes -= event.bytes;
  }

  /** Evicts nothing unless that makes enough room. */
  #makeRoom(event: EncodedEvent): boolean {
    const isLogging = event.type === 'logging';
    const evictable = this.lanes.slice(0, isLogging ? 1 : 2).map(({ uncommitted }) => uncommitted);
    if (!this.#fitsInMemory(event, evictable)) return false;
    while (!this.#fitsInMemory(event, [])) {
      const victim = this.lanes[0].evictUnstored() ?? this.lanes[1].evictUnstored();
      if (victim === undefined) return false;
      this.#waitingEvents--;
      this.#waitingBytes -= victim.bytes;
      this.#loadedBytes -= victim.bytes;
      this.#share.usedBytes -= victim.bytes;
      this.#forget(victim);
      this.#owner?.lost('queue-full', 1, victim.seq);
    }
    return this.#share.makeRoom(event.bytes, isLogging);
  }

  /** Whether there is room for `event` among those that are nowhere but in memory, without the `evicted`. */
  #fitsInMemory(
    { bytes }: EncodedEvent,
    evicted: readonly { readonly events: number; readonly bytes: number }[],
  ): boolean {
    const { memory } = this.#share;
    const events = evicted.reduce((left, each) => left - each.events, this.unstoredEvents);
    const unstoredBytes = this.#unstored.bytes + this.#committing.bytes;
    const heldBytes = evicted.reduce((left, each) => left - each.bytes, unstoredBytes);
    return events < memory.maxEvents && heldBytes + bytes <= memory.maxBytes;
  }

  /** The youngest first: the oldest are sent next. */
  #unload(chunks: readonly Chunk[]): void {
    for (const chunk of chunks.toReversed()) {
      if (this.#loadedBytes <= WINDOW_BYTES) return;
      if (chunk.events === undefined || chunk.next > 0) continue;
      chunk.events = undefined;
      this.#loadedBytes -= chunk.waitingBytes;
    }
  }

  #readMore(): void {
    if (this.#share.disk) this.#readAhead.start();
  }

  /** A chunk that is damaged has fewer events than it should have: none. */
  #loaded(lane: Lane, chunk: Chunk, events: EncodedEvent[]): void {
    if (events.length === chunk.waitingEvents) {
      chunk.events = events;
      this.#loadedBytes += chunk.waitingBytes;
    } else if (lane.first === chunk) {
      this.#share.damaged(chunk.waitingEvents);
      this.evictChunk('damaged', lane);
    }
  }
}
