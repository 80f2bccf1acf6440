/** The spool: one directory that keeps the queues of all targets over crashes, restarts and outages. */

import { createRequire } from 'node:module';
import { SpoolError } from '../errors.js';
import { MAX_TIMER_MS } from '../model/duration.js';
import type { Refusal } from '../queue/delivery-state.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import type { QueueBounds } from '../queue/queue.js';
import type { DropReason, Reporter } from '../report.js';
import { SpoolClock } from './clock.js';
import { type DeadLetter, type DeadLetterSelection, DeadLetters } from './dead-letters.js';
import { SpoolFolder } from './folder.js';
import { openSpool } from './opening.js';
import { SpoolQueue, type SpoolShare } from './spool-queue.js';
import { type Change, changesOf, clockChange, forgetChange, type SpoolStore } from './store.js';

/** How a spool is used. */
export interface SpoolOptions {
  readonly folder: SpoolFolder;
  /** Bytes of events; a tenth of it for dead letters. */
  readonly maxBytes: number;
  /** Milliseconds; Infinity: events do not get too old. */
  readonly maxAgeMs: number;
  /** Bounds of what is nowhere but in memory, for each queue. */
  readonly memory: QueueBounds;
  readonly report: Reporter;
}

/** Where a spool is, and its bounds. */
export type SpoolLocation = Pick<SpoolOptions, 'maxBytes' | 'maxAgeMs'> & {
  /** Absolute path. */
  readonly directory: string;
};

/** @throws SpoolError when the store is not installed, or the directory cannot be made or written */
export function createSpool(location: SpoolLocation, memory: QueueBounds, report: Reporter): Spool {
  const { directory, ...bounds } = location;
  try {
    createRequire(import.meta.url).resolve('classic-level');
  } catch (error) {
    const problem = 'the package `classic-level` is missing; install it: npm install classic-level';
    throw new SpoolError(directory, problem, { cause: error });
  }
  return new Spool({ ...bounds, folder: new SpoolFolder(directory), memory, report });
}

/** Logging events wait so long for others, to be written together. */
const COMMIT_WAIT_MS = 50;
/** What was delivered is written at once, too, but waits so long for an fsync: only a machine that goes down needs it. */
const SYNC_INTERVAL_MS = 1000;
/** What is found damaged within this time is reported together. */
const DAMAGE_WAIT_MS = 500;
/** A spool that cannot be used is tried again. */
const RETRY_MS = 10_000;

/**
 * `opening` -> `open`; `unavailable` while another process owns the directory or the disk does not take what is written,
 * tried again now and then; `closed` for good. In all states events go through queues in memory.
 */
export class Spool implements SpoolShare {
  readonly memory: QueueBounds;
  readonly maxBytes: number;
  usedBytes = 0;
  /** Resolves once the spool is open; rejects when it could not be opened, until it can be. */
  opened: Promise<void>;
  readonly #options: SpoolOptions;
  readonly #queues = new Map<string, SpoolQueue>();
  readonly #letters: DeadLetters;
  #store: SpoolStore | undefined;
  #clock = new SpoolClock();
  /** What has changed since it was written. */
  #dirty = new Set<SpoolQueue>();
  #waiters: ((isWritten: boolean) => void)[] = [];
  #running: Promise<void> | undefined;
  #soon: NodeJS.Timeout | undefined;
  #now: NodeJS.Immediate | undefined;
  #retry: NodeJS.Timeout | undefined;
  #expiry: NodeJS.Timeout | undefined;
  /** The latest one to open the spool. Never rejects. */
  #attempt: Promise<void>;
  #damagedEvents: number | 'unknown' | undefined;
  #damageTimer: NodeJS.Timeout | undefined;
  #syncedAtMs = Number.NEGATIVE_INFINITY;
  #replaying: Promise<unknown> = Promise.resolve();
  #isReportedUnavailable = false;
  #isClosed = false;

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.memory = options.memory;
    this.maxBytes = options.maxBytes;
    this.#letters = new DeadLetters(options.maxBytes / 10);
    this.opened = this.#open();
    // Not everybody waits for it; the report tells as well.
    this.#attempt = this.opened.catch(() => {});
  }

  /** The queue of a target. */
  queue(name: string): SpoolQueue {
    const known = this.#queues.get(name);
    if (known) return known;
    const queue = new SpoolQueue(name, this);
    this.#queues.set(name, queue);
    if (this.#store) queue.attach(nothingFound());
    return queue;
  }

  /** Queues whose targets are not there, and that hold events. */
  get parked(): SpoolQueue[] {
    return [...this.#queues.values()].filter((queue) => queue.isParked && queue.events > 0);
  }

  async deadLetters(name: string): Promise<DeadLetter[]> {
    await this.#settled();
    return this.#store ? this.#letters.list(this.#store, name) : [];
  }

  /** Puts dead letters back; `push` queues an event, and says whether there was room. Returns how many there were. */
  replay(
    name: string,
    selection: DeadLetterSelection,
    push: (event: Omit<EncodedEvent, 'seq'>) => boolean,
  ): Promise<number> {
    // One after the other: a letter goes back once.
    const replayed = this.#replaying.then(() => this.#replay(name, selection, push));
    this.#replaying = replayed.catch(() => {});
    return replayed;
  }

  async #replay(
    name: string,
    selection: DeadLetterSelection,
    push: (event: Omit<EncodedEvent, 'seq'>) => boolean,
  ): Promise<number> {
    await this.#settled();
    const queue = this.#queues.get(name);
    if (this.#store === undefined || queue === undefined) return 0;
    let count = 0;
    for (const letter of await this.#letters.select(this.#store, name, selection)) {
      if (!push(letter.event)) break;
      this.#letters.remove(queue, letter);
      count++;
    }
    this.commit(queue, 'now');
    await this.committed();
    return count;
  }

  /** Writes what is left, and lets go of the directory. */
  async close(): Promise<void> {
    await this.#attempt;
    this.#isClosed = true;
    for (const timer of [this.#soon, this.#retry, this.#expiry]) clearTimeout(timer);
    clearImmediate(this.#now);
    await this.#running;
    await this.#tellDamage();
    for (const queue of this.#queues.values()) this.#dirty.add(queue);
    if (this.#store) await this.#run();
    const store = this.#store;
    this.#store = undefined;
    if (store === undefined) return;
    await store.close().catch(() => {});
    this.#options.folder.close(
      Object.fromEntries([...this.#queues.values()].map(({ name, events }) => [name, events])),
    );
  }

  // What its queues use of it.

  get disk(): SpoolStore | undefined {
    return this.#store;
  }

  /** Bytes on disk, and whether it can be used at the moment. */
  get measures(): { readonly bytes: number; readonly isAvailable: boolean } {
    const bytes = [...this.#queues.values()].reduce((sum, queue) => sum + queue.bytes, 0);
    return { bytes, isAvailable: this.#store !== undefined };
  }

  get isOpening(): boolean {
    return this.#store === undefined && !this.#isReportedUnavailable && !this.#isClosed;
  }

  get nowMs(): number {
    return this.#clock.nowMs;
  }

  makeRoom(bytes: number, isLogging: boolean): boolean {
    if (bytes > this.maxBytes) return false;
    while (this.usedBytes + bytes > this.maxBytes) {
      const evicted = this.#evict(0) || (!isLogging && this.#evict(1));
      if (!evicted) return false;
    }
    return true;
  }

  commit(queue: SpoolQueue, when: 'now' | 'soon'): void {
    this.#dirty.add(queue);
    if (this.#store === undefined || this.#isClosed) return;
    if (when === 'now') this.#now ??= setImmediate(() => void this.#run());
    else this.#soon ??= setTimeout(() => void this.#run(), COMMIT_WAIT_MS);
  }

  committed(): Promise<boolean> {
    const isOver = this.#isClosed || (this.#store === undefined && !this.isOpening);
    if (isOver) return Promise.resolve(false);
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  bury(queue: SpoolQueue, event: EncodedEvent, refusal: Refusal): boolean {
    if (this.#store === undefined && !this.isOpening) return false;
    this.#letters.bury(queue, event, refusal);
    this.commit(queue, 'now');
    return true;
  }

  lost(queue: SpoolQueue, reason: DropReason, events: number): void {
    this.#options.report({ type: 'eventsDropped', target: queue.name, events, reason });
  }

  damaged(events: number | 'unknown'): void {
    const before = this.#damagedEvents ?? 0;
    this.#damagedEvents = events === 'unknown' || before === 'unknown' ? 'unknown' : before + events;
    this.#damageTimer ??= setTimeout(() => void this.#tellDamage(), DAMAGE_WAIT_MS).unref();
  }

  async #settled(): Promise<void> {
    await this.#attempt;
    for (const queue of this.#queues.values()) this.commit(queue, 'now');
    await this.committed();
  }

  async #open(): Promise<void> {
    const { folder } = this.#options;
    try {
      const { store, clock, found, damage } = await openSpool(folder);
      this.#clock = clock;
      for (const each of found) {
        const queue = this.#queues.get(each.name) ?? new SpoolQueue(each.name, this);
        this.#queues.set(each.name, queue);
        if (queue.base !== undefined) continue;
        queue.attach(each);
        this.#letters.add(each.dead.bytes);
      }
      for (const queue of this.#queues.values()) if (queue.base === undefined) queue.attach(nothingFound());
      this.#store = store;
      // The bounds may be smaller than they were.
      this.makeRoom(0, false);
      // Before anything of it is sent.
      this.#scheduleExpiry();
      if (damage?.isKnown === false) this.damaged('unknown');
      for (const [name, events] of damage?.lost ?? []) this.queue(name).missing(events);
      if (damage?.isKnown && damage.lost.size === 0) this.damaged(0);
    } catch (error) {
      const problem = error instanceof SpoolError ? error : spoolError(folder.directory, error);
      this.#unavailable(problem);
      throw problem;
    }
    for (const queue of this.#queues.values()) queue.wake();
  }

  #reopen(): void {
    const opened = this.#open();
    this.#attempt = opened.then(
      () => {
        this.opened = opened;
      },
      () => {},
    );
  }

  /** Damage comes in many chunks at once. */
  async #tellDamage(): Promise<void> {
    clearTimeout(this.#damageTimer);
    this.#damageTimer = undefined;
    const events = this.#damagedEvents;
    this.#damagedEvents = undefined;
    if (events === undefined) return;
    const { folder, report } = this.#options;
    const setAside = await folder.setAside();
    report({ type: 'spoolDamaged', directory: folder.directory, setAside, events });
  }

  /** One at a time; what comes meanwhile goes with the next. */
  async #run(): Promise<void> {
    clearTimeout(this.#soon);
    clearImmediate(this.#now);
    this.#soon = undefined;
    this.#now = undefined;
    if (this.#running) {
      await this.#running;
      if (this.#dirty.size > 0 || this.#waiters.length > 0)
        this.#now ??= setImmediate(() => void this.#run());
      return;
    }
    this.#running = this.#write().catch((error) => this.#fail(error));
    await this.#running;
    this.#running = undefined;
    this.#scheduleExpiry();
  }

  async #write(): Promise<void> {
    const store = this.#store;
    const queues = [...this.#dirty].filter(({ base }) => base !== undefined);
    const waiters = this.#waiters;
    this.#dirty = new Set();
    this.#waiters = [];
    const forgotten: SpoolQueue[] = [];
    let sync = false;
    const changes: Change[] = [clockChange(this.#clock.read())];
    const batches = queues.map((queue) => queue.state.batches);
    for (const queue of queues) {
      queue.committing();
      const { changes: own, hasEvents } = changesOf(queue, this.nowMs);
      sync ||= hasEvents;
      if (queue.isParked && queue.events === 0 && queue.dead.events === 0) {
        forgotten.push(queue);
        own[own.length - 1] = forgetChange(queue.name);
      }
      changes.push(...own);
    }
    const isWritten = await this.#letters.write(async (letters) => {
      try {
        const isSync = sync || letters.length > 0 || performance.now() - this.#syncedAtMs > SYNC_INTERVAL_MS;
        await store?.write([...changes, ...letters], isSync);
        if (isSync) this.#syncedAtMs = performance.now();
        return store !== undefined;
      } catch (error) {
        await this.#fail(error);
        return false;
      }
    });
    for (const [index, queue] of queues.entries()) queue.committed(isWritten, batches[index] ?? []);
    if (!isWritten) for (const queue of queues) this.#dirty.add(queue);
    for (const queue of isWritten ? forgotten : []) {
      // Its name may have come back meanwhile.
      if (queue.isParked && queue.events === 0) this.#queues.delete(queue.name);
      else this.commit(queue, 'soon');
    }
    for (const resolve of waiters) resolve(isWritten);
    if (isWritten) await this.#wentWell();
  }

  async #wentWell(): Promise<void> {
    const { folder, report } = this.#options;
    if (this.#isReportedUnavailable) report({ type: 'spoolRecovered', directory: folder.directory });
    this.#isReportedUnavailable = false;
    const store = this.#store;
    if (store === undefined || !this.#letters.isFull) return;
    const [fullest] = [...this.#queues.values()].sort((a, b) => b.dead.bytes - a.dead.bytes);
    // What cannot be read now is tried again after the next commit.
    if (fullest) await this.#letters.trim(store, fullest).catch(() => {});
  }

  /** A store that could not write once writes nothing any more: it has to be opened anew. */
  async #fail(error: unknown): Promise<void> {
    const store = this.#store;
    this.#store = undefined;
    this.#unavailable(spoolError(this.#options.folder.directory, error));
    await store?.close().catch(() => {});
  }

  #unavailable(error: SpoolError): void {
    for (const resolve of this.#waiters.splice(0)) resolve(false);
    if (!this.#isReportedUnavailable) {
      const { folder, report } = this.#options;
      const { code, message } = error;
      report({ type: 'spoolUnavailable', directory: folder.directory, error: { code, message } });
    }
    this.#isReportedUnavailable = true;
    for (const queue of this.#queues.values()) queue.wake();
    if (this.#isClosed) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#reopen(), RETRY_MS).unref();
  }

  /** Evicts from the queue that holds the most, whoever needs the room. */
  #evict(lane: 0 | 1): boolean {
    let fullest: SpoolQueue | undefined;
    for (const queue of this.#queues.values()) {
      if (queue.lanes[lane].first && queue.bytes > (fullest?.bytes ?? -1)) fullest = queue;
    }
    return fullest?.evict(fullest.lanes[lane]) ?? false;
  }

  /** One timer, for the chunk that is too old next; none while nothing waits. */
  #scheduleExpiry(): void {
    const { maxAgeMs } = this.#options;
    if (!Number.isFinite(maxAgeMs) || this.#isClosed) return;
    clearTimeout(this.#expiry);
    const limitMs = this.nowMs - maxAgeMs;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const queue of this.#queues.values()) {
      queue.expire(limitMs);
      nextMs = Math.min(nextMs, queue.nextExpiryMs);
    }
    if (!Number.isFinite(nextMs)) return;
    const delayMs = Math.min(Math.max(nextMs - limitMs, 1), MAX_TIMER_MS);
    this.#expiry = setTimeout(() => this.#scheduleExpiry(), delayMs).unref();
  }
}

function nothingFound() {
  const lane = { chunks: [], spent: [], doomed: [], nextNumber: 0 };
  const state = { batches: [], attempt: undefined, type: 'webhook', address: '' };
  return { base: 0, lanes: [lane, lane], state, dead: { events: 0, bytes: 0 } };
}

function spoolError(directory: string, error: unknown): SpoolError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return new SpoolError(directory, cause instanceof Error ? cause.message : String(cause), { cause: error });
}
