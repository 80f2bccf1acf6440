/** One of the two lists of events in a spooled queue: those of type logging, or all others. */

import type { EncodedEvent } from '../queue/encoded-event.js';

/** A run of events that lie in one value on disk. */
export interface Chunk {
  /** Goes up by one within a lane, over restarts; -1 while no version of it is on disk. */
  number: number;
  /** `undefined` while they are on disk only. */
  events: EncodedEvent[] | undefined;
  /** Index of the first that was not taken. */
  next: number;
  waitingEvents: number;
  waitingBytes: number;
  /** Of the events that were not taken. */
  firstSeq: number;
  lastSeq: number;
  /** When the first and the last event came, by the clock of the spool. */
  readonly oldestMs: number;
  youngestMs: number;
  following: Chunk | undefined;
}

/** What was in a chunk. */
export interface Evicted {
  readonly count: number;
  readonly bytes: number;
  readonly firstSeq: number;
  /** `undefined` when they were not in memory. */
  readonly events: readonly EncodedEvent[] | undefined;
}

/** From this size on a chunk takes no more events; until then each commit writes it anew. */
const CHUNK_BYTES = 32 * 1024;
/** Neither does it take more when it is older: its oldest event must not wait for the youngest to be too old. */
const CHUNK_AGE_MS = 10_000;

/** Chunks in order. Their events are taken from the first, and added to the last while that is open. */
export class Lane {
  readonly key: 'l' | 'a';
  first: Chunk | undefined;
  /** The first chunk that has events which are not on disk. */
  firstUnstored: Chunk | undefined;
  /** Waiting events that are in no commit yet. */
  uncommitted = { events: 0, bytes: 0 };
  /** Events up to this `seq` are on disk, if they have to be. */
  storedSeq = Number.NEGATIVE_INFINITY;
  /** Events up to this `seq` are on disk or on their way. */
  committedSeq = Number.NEGATIVE_INFINITY;
  /** Chunks whose events were all taken but are not all settled, in order. */
  spent: Chunk[] = [];
  /** Chunks that are not needed any more. */
  doomed: Chunk[] = [];
  /** Those that the commit under way deletes. */
  dying: Chunk[] = [];
  nextNumber = 0;
  /** `seq` of the youngest event there ever was. */
  lastSeq = Number.NEGATIVE_INFINITY;
  #last: Chunk | undefined;
  #unloadFrom: Chunk | undefined;
  #isLastOpen = false;

  constructor(key: 'l' | 'a') {
    this.key = key;
  }

  /** `seq` of the oldest waiting event. */
  get firstSeq(): number {
    return this.first?.firstSeq ?? Number.POSITIVE_INFINITY;
  }

  add(event: EncodedEvent, nowMs: number): void {
    const last = this.#isLastOpen ? this.#last : undefined;
    const isYoung = last !== undefined && nowMs - last.oldestMs < CHUNK_AGE_MS;
    const chunk = isYoung ? last : this.#addChunk(event.seq, nowMs);
    chunk.events?.push(event);
    chunk.waitingEvents++;
    chunk.waitingBytes += event.bytes;
    this.#count(event, +1);
    chunk.lastSeq = event.seq;
    chunk.youngestMs = nowMs;
    this.lastSeq = event.seq;
    this.firstUnstored ??= chunk;
    if (chunk.waitingBytes >= CHUNK_BYTES) this.#isLastOpen = false;
  }

  /** Puts chunks in front that were found on disk. `nextNumber`: the first number that was not in use there */
  addFound(chunks: readonly Chunk[], nextNumber: number): void {
    this.nextNumber = nextNumber;
    for (const chunk of chunks.toReversed()) {
      chunk.following = this.first;
      this.first = chunk;
      this.#last ??= chunk;
    }
  }

  /** Takes the first event, whose chunk must be in memory. */
  take(): EncodedEvent {
    const chunk = this.first as Chunk & { events: EncodedEvent[] };
    const event = chunk.events[chunk.next++] as EncodedEvent;
    this.#count(event, -1);
    chunk.waitingEvents--;
    chunk.waitingBytes -= event.bytes;
    chunk.firstSeq = chunk.events[chunk.next]?.seq ?? chunk.lastSeq;
    if (chunk.waitingEvents === 0) this.#spendFirst();
    return event;
  }

  /** Removes the oldest waiting event that is nowhere but in memory. */
  evictUnstored(): EncodedEvent | undefined {
    for (let chunk = this.firstUnstored; chunk; chunk = chunk.following) {
      const index = chunk.events?.findIndex((event, at) => at >= chunk.next && event.seq > this.committedSeq);
      const [event] = index === undefined || index < 0 ? [] : (chunk.events?.splice(index, 1) ?? []);
      if (event === undefined) continue;
      this.#count(event, -1);
      chunk.waitingEvents--;
      chunk.waitingBytes -= event.bytes;
      chunk.firstSeq = chunk.events?.[chunk.next]?.seq ?? chunk.lastSeq;
      if (this.first?.waitingEvents === 0) this.#spendFirst();
      else if (chunk.waitingEvents === 0 && chunk !== this.#last) this.#unlink(chunk);
      return event;
    }
    return undefined;
  }

  /** Removes what waits in the first chunk. */
  evictFirst(): Evicted | undefined {
    const chunk = this.first;
    if (chunk === undefined) return undefined;
    const evicted = {
      count: chunk.waitingEvents,
      bytes: chunk.waitingBytes,
      firstSeq: chunk.firstSeq,
      events: chunk.events?.slice(chunk.next),
    };
    for (const event of evicted.events ?? []) this.#count(event, -1);
    chunk.events = chunk.events?.slice(0, chunk.next);
    // What was taken of it may still come back.
    chunk.lastSeq = chunk.events?.at(-1)?.seq ?? Number.NEGATIVE_INFINITY;
    chunk.waitingEvents = 0;
    chunk.waitingBytes = 0;
    this.#spendFirst();
    return evicted;
  }

  /** Moves spent chunks all of whose events are settled, those before `oldestTakenSeq`, to the doomed. */
  settle(oldestTakenSeq: number): void {
    while (this.spent[0] !== undefined && this.spent[0].lastSeq < oldestTakenSeq) {
      const chunk = this.spent.shift() as Chunk;
      if (chunk.number >= 0) this.doomed.push(chunk);
    }
  }

  /** A commit begins that has everything there is. */
  committing(): void {
    this.committedSeq = this.lastSeq;
    this.uncommitted = { events: 0, bytes: 0 };
    this.dying = this.doomed;
    this.doomed = [];
  }

  /** That commit failed. */
  notCommitted(): void {
    this.committedSeq = this.storedSeq;
    this.doomed.push(...this.dying);
    this.dying = [];
    this.findUnstored(this.first);
    this.uncommitted = { events: 0, bytes: 0 };
    for (const { events, next } of this.from(this.firstUnstored)) {
      for (const event of events?.slice(next) ?? []) this.#count(event, +1);
    }
  }

  /** The oldest number that is in use. */
  get firstNumber(): number {
    const used = [...this.spent, ...this.doomed, ...(this.first ? [this.first] : [])];
    return Math.min(...used.map(({ number }) => number).filter((number) => number >= 0), this.nextNumber);
  }

  /** The chunks that are all on disk since this was asked last. */
  takeStored(): Chunk[] {
    const stored: Chunk[] = [];
    for (const chunk of this.from(this.#unloadFrom ?? this.first)) {
      this.#unloadFrom = chunk;
      if (chunk.lastSeq > this.storedSeq || this.isOpen(chunk)) break;
      if (chunk.waitingEvents > 0) stored.push(chunk);
    }
    return stored;
  }

  /** Whether a chunk takes more events. */
  isOpen(chunk: Chunk): boolean {
    return this.#isLastOpen && chunk === this.#last;
  }

  /** After a commit: looks for the first chunk with events that are not on disk, from `chunk` on. */
  findUnstored(chunk: Chunk | undefined): void {
    this.firstUnstored = chunk;
    while (this.firstUnstored && this.firstUnstored.lastSeq <= this.storedSeq) {
      this.firstUnstored = this.firstUnstored.following;
    }
  }

  /** The chunks with waiting events, from `chunk` on. */
  *from(chunk: Chunk | undefined): Generator<Chunk> {
    for (let each = chunk; each; each = each.following) yield each;
  }

  #count({ seq, bytes }: EncodedEvent, change: 1 | -1): void {
    if (seq <= this.committedSeq) return;
    this.uncommitted.events += change;
    this.uncommitted.bytes += change * bytes;
  }

  #addChunk(seq: number, nowMs: number): Chunk {
    const chunk: Chunk = {
      number: -1,
      events: [],
      next: 0,
      waitingEvents: 0,
      waitingBytes: 0,
      firstSeq: seq,
      lastSeq: seq,
      oldestMs: nowMs,
      youngestMs: nowMs,
      following: undefined,
    };
    if (this.#last) this.#last.following = chunk;
    else this.first = chunk;
    this.#last = chunk;
    this.#isLastOpen = true;
    return chunk;
  }

  /** Removes a chunk that was emptied while others still wait before it. */
  #unlink(chunk: Chunk): void {
    for (const before of this.from(this.first)) {
      if (before.following !== chunk) continue;
      before.following = chunk.following;
      if (this.firstUnstored === chunk) this.firstUnstored = chunk.following;
      if (chunk.number >= 0) this.doomed.push(chunk);
      return;
    }
  }

  /** With it go those behind it that were emptied by evictions. */
  #spendFirst(): void {
    for (let chunk = this.first; chunk?.waitingEvents === 0; chunk = this.first) {
      if (this.firstUnstored === chunk) this.firstUnstored = chunk.following;
      this.first = chunk.following;
      this.spent.push(chunk);
    }
    if (this.first !== undefined) return;
    this.#last = undefined;
    this.#isLastOpen = false;
  }
}
