/** The spool: one directory that keeps the queues of all targets over crashes, restarts and outages. */

import { LetterDesk } from '../dead-letters/letter-desk.js';
import { SpoolClock } from '../disk/clock.js';
import type { LogFile } from '../disk/event-log.js';
import type { Piece } from '../disk/event-reader.js';
import { fileOf } from '../disk/logs.js';
import { LostError } from '../disk/ownership.js';
import { SetAside } from '../disk/set-aside.js';
import { spoolError } from '../disk/spool-error.js';
import { within } from '../model/within.js';
import type { Refusal } from '../queue/delivery-state.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import type { QueueBounds } from '../queue/queue.js';
import type { DropReason } from '../report.js';
import { Agenda } from './agenda.js';
import { Availability } from './availability.js';
import { Bounds, windowBytesOf } from './bounds.js';
import { commitGroup, type Disk, removeFiles } from './group-commit.js';
import { closeDisk, openDisk, type SpoolOptions } from './open-disk.js';
import { attachQueues } from './recovery.js';
import { nothingFound, type SpoolShare } from './share.js';
import { SpoolQueue } from './spool-queue.js';
import { Unwritten } from './unwritten.js';

/** What was delivered is written at once, too, but waits so long for an fsync: only a machine that goes down needs it. */
const SYNC_INTERVAL_MS = 1000;
/** A file with so much in it that nobody waits for is not added to. */
const SPENT_BYTES = 2 ** 20;

/**
 * `opening` -> `open`; `unavailable` while another process owns the directory, or it is gone; `closed` for good. An open
 * one may be `full`: then events stay in memory, while what is on disk is read and delivered, which makes room. In all
 * states events go through queues in memory.
 */
export class Spool implements SpoolShare<SpoolQueue> {
  readonly memory: QueueBounds;
  readonly letters = new LetterDesk(this);
  /** Resolves once the spool is open; rejects when it could not be opened, until it can be. */
  opened: Promise<void>;
  readonly #options: SpoolOptions;
  readonly #queues = new Map<string, SpoolQueue>();
  readonly #unwritten = new Unwritten();
  readonly #bounds: Bounds;
  readonly #setAside: SetAside;
  #disk: Disk | undefined;
  #clock = new SpoolClock();
  #lastSeq = -1;
  readonly #agenda = new Agenda<SpoolQueue>(() => this.#write());
  readonly #availability: Availability;
  /** The latest one to open the spool. Never rejects. */
  #attempt: Promise<void>;
  #isFull = false;
  #syncedAtMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.memory = options.memory;
    this.#bounds = new Bounds({ ...options, queues: this.#queues, unwritten: this.#unwritten });
    this.#availability = new Availability(options.directory, options.report, () => this.#retry());
    this.#setAside = new SetAside(options.directory, options.report);
    this.opened = this.#open();
    // Not everybody waits for it; the report tells as well.
    this.#attempt = this.opened.catch(() => {});
    this.#bounds.watch(() => (this.isOpening ? undefined : this.#clock.nowMs));
  }

  /** Bytes of events that wait, each once, and whether what is accepted gets on disk. */
  get measures(): { readonly bytes: number; readonly isAvailable: boolean } {
    return { bytes: this.#bounds.usedBytes, isAvailable: this.isOpen && !this.#availability.isUnavailable };
  }

  /** The queue of a target. */
  queue(name: string): SpoolQueue {
    const queue = this.#queueOf(name);
    if (this.#disk && !queue.isAttached) queue.attach(nothingFound);
    return queue;
  }

  /** Queues whose targets are not there, and that hold something. */
  get parked(): SpoolQueue[] {
    return [...this.#queues.values()].filter((queue) => queue.guardian.isParked && queue.events > 0);
  }

  /** Calls `use` when what was asked for before is done, and the disk can be read; `undefined` where there is none. */
  async withDisk<Result>(use: (disk: Disk) => Promise<Result>): Promise<Result | undefined> {
    await this.#attempt;
    await this.written();
    return this.#disk && (await use(this.#disk));
  }

  /** Has all written that there is. */
  async written(): Promise<void> {
    for (const queue of this.#queues.values()) this.commit(queue, 'now');
    await this.committed();
  }

  /** Whether an event can be put into a queue without any other being lost for it. */
  hasRoomFor(event: Omit<EncodedEvent, 'seq'>, queue: SpoolQueue): boolean {
    return !this.#isFull && this.#bounds.hasRoomFor(event) && queue.hasRoomFor(event);
  }

  /** Writes what is left, and lets go of the directory. Waits for a slow disk until `timeoutMs` at most. */
  async close(timeoutMs = Number.POSITIVE_INFINITY): Promise<void> {
    const isInTime = await within(
      this.#finish().then(() => true),
      timeoutMs,
    );
    this.#isClosed = true;
    this.#agenda.disappoint();
    if (!isInTime) this.#setAside.tell();
  }

  // What its queues use of it.

  get base(): number {
    return this.#disk?.base ?? 0;
  }

  get isOpen(): boolean {
    return this.#disk !== undefined;
  }

  get isOpening(): boolean {
    return this.#disk === undefined && !this.#availability.isUnavailable && !this.#isClosed;
  }

  get isPatient(): boolean {
    return !this.#isClosed && this.#availability.isNew;
  }

  get windowBytes(): number {
    return windowBytesOf(this.#queues.size);
  }

  makeRoom(event: EncodedEvent): boolean {
    return this.#unwritten.has(event) || this.#bounds.makeRoom(event);
  }

  add(event: EncodedEvent, queue: SpoolQueue): void {
    this.#lastSeq = Math.max(this.#lastSeq, event.seq);
    this.#bounds.mark(event.seq, this.#clock);
    this.#unwritten.add(event, queue);
  }

  settled(): void {
    this.#unwritten.prune();
  }

  fileOf(event: EncodedEvent): LogFile | undefined {
    return this.#disk && fileOf(this.#disk.logs, event, this.base);
  }

  read(file: LogFile, position: number): Promise<Piece> {
    return this.#disk?.reader.read(file, position) ?? Promise.reject(new Error('There is no disk'));
  }

  commit(queue: SpoolQueue, when: 'now' | 'soon'): void {
    this.#agenda.add(queue);
    if (this.#disk === undefined || this.#isClosed) return;
    if (when === 'now') this.#agenda.now();
    else this.#agenda.soon();
  }

  committed(): Promise<boolean> {
    if (this.#isClosed || (this.#disk === undefined && !this.isOpening)) return Promise.resolve(false);
    return this.#agenda.wait();
  }

  bury(queue: SpoolQueue, event: EncodedEvent, refusal: Refusal): boolean {
    if (this.#disk === undefined || this.#isFull) return false;
    this.#disk.letters.bury(queue, event, refusal);
    this.commit(queue, 'now');
    return true;
  }

  lost(queue: SpoolQueue, reason: DropReason, events: number): void {
    this.#options.report({ type: 'eventsDropped', target: queue.name, events, reason });
  }

  damaged(queue: SpoolQueue, file: LogFile, events: number): void {
    const aside = this.#setAside.note({ target: queue.name, file: file.name, events }, events);
    file.aside ??= aside;
    this.#disk?.marked.add(file);
    this.commit(queue, 'now');
  }

  async #open(): Promise<void> {
    try {
      const { disk, state, taken, damage, refusal } = await openDisk(this.#options);
      this.#clock = disk.clock;
      this.#bounds.logs = disk.logs;
      this.#bounds.base = disk.base;
      this.#disk = disk;
      attachQueues(state, disk.logs, taken, disk.clock.nowMs, (name) => this.#queueOf(name));
      for (const queue of this.#queues.values()) if (!queue.isAttached) queue.attach(nothingFound);
      if (damage) {
        this.#setAside.found(damage, refusal === undefined);
        for (const [name, events] of damage.lost) this.queue(name).guardian.missing(events);
      }
      // The bounds may be smaller than they were; and before anything of it is sent.
      this.#bounds.makeRoom({ bytes: 0, type: 'lifecycle' });
      this.#bounds.expire(this.#clock.nowMs);
      if (refusal !== undefined) throw refusal;
    } catch (error) {
      this.#isFull = this.#disk !== undefined;
      throw this.#unavailable(error);
    }
    for (const queue of this.#queues.values()) this.commit(queue, 'now');
    for (const { guardian } of this.#queues.values()) guardian.readable();
  }

  #queueOf(name: string): SpoolQueue {
    const queue = this.#queues.get(name) ?? new SpoolQueue(name, this);
    this.#queues.set(name, queue);
    return queue;
  }

  #retry(): void {
    if (this.#disk) this.#tryAgain();
    else {
      const opened = this.#open();
      this.#attempt = opened.then(
        () => {
          this.opened = opened;
        },
        () => {},
      );
    }
  }

  /** Never rejects. */
  async #write(isLast = false, withEvents = !this.#isFull): Promise<void> {
    const disk = this.#disk;
    if (disk === undefined) return;
    const { dirty, isAwaited, done } = this.#agenda.take();
    const sync = isLast || isAwaited || performance.now() - this.#syncedAtMs > SYNC_INTERVAL_MS;
    const isFull = this.#isFull;
    let isWritten = false;
    try {
      disk.ownership.insist();
      for (const log of Object.values(disk.logs)) await log.rest(isLast ? 0 : SPENT_BYTES);
      this.#bounds.trimFiles();
      const of = { queues: this.#queues, unwritten: this.#unwritten, lastSeq: () => this.#lastSeq };
      const { isSynced, removed } = await commitGroup(disk, { ...of, dirty, withEvents, sync });
      // Whoever removed the directory meanwhile has removed what was written with it.
      disk.ownership.insist();
      isWritten = withEvents && !disk.journal.isGone;
      if (isSynced) this.#syncedAtMs = performance.now();
      else this.#agenda.later(SYNC_INTERVAL_MS, () => this.#sync());
      if (withEvents) this.#wentWell();
      // There is room again.
      else if (isFull && removed > 0) this.#tryAgain();
      this.#forgetQueues(dirty);
      const trimmed = await disk.letters.trim([...this.#queues.values()], this.#options.maxBytes / 10);
      if (trimmed) this.commit(trimmed, 'soon');
    } catch (error) {
      for (const queue of dirty) this.#agenda.add(queue);
      await this.#failed(disk, error);
    }
    done(isWritten);
  }

  async #failed(disk: Disk, error: unknown): Promise<void> {
    if (error instanceof LostError) {
      this.#lostDirectory(disk);
      return;
    }
    // Where not even the journal has room, files that nobody needs go before it says so.
    const removed = disk.journal.hasBegun ? 0 : await removeFiles(disk).catch(() => 0);
    if (removed > 0) this.#agenda.now();
    const wasFull = this.#isFull;
    this.#isFull = true;
    this.#unavailable(error);
    // What was delivered is told without the events.
    if (!wasFull && !this.#isClosed) this.#agenda.now();
  }

  /** Somebody has removed the directory, or taken it. */
  #lostDirectory(disk: Disk): void {
    this.#disk = undefined;
    this.#bounds.logs = undefined;
    const isGone = !disk.ownership.hasSuccessor;
    // What is lost is told now; not once more when the directory is made anew.
    const nothing = { spool: disk.spool, ...disk.journal.numbers, queues: {} };
    // In both places: the last commit's would be as young.
    if (isGone) for (const note of [disk.note, disk.note]) note.write(nothing);
    // All that they hold they add anew.
    this.#unwritten.take();
    for (const queue of this.#queues.values()) queue.detach();
    this.#unwritten.sort();
    void closeDisk(disk);
    this.#unavailable(new Error(isGone ? 'somebody removed it' : 'another process has taken it'));
  }

  #wentWell(): void {
    this.#isFull = false;
    if (this.#availability.isUnavailable) this.opened = Promise.resolve();
    this.#availability.works();
  }

  /** Queues of targets that are not there, and that hold nothing. */
  #forgetQueues(written: ReadonlySet<SpoolQueue>): void {
    for (const queue of written) {
      if (!queue.guardian.isParked || queue.events > 0 || queue.dead.events > 0) continue;
      if (!this.#agenda.has(queue)) this.#queues.delete(queue.name);
    }
  }

  #unavailable(error: unknown): Error {
    const problem = spoolError(this.#options.directory, error);
    this.#agenda.disappoint();
    this.#availability.refused(problem);
    for (const { guardian } of this.#queues.values()) guardian.readable();
    if (this.#isClosed) this.#availability.stop();
    return problem;
  }

  /** With events, although there was no room for them. */
  #tryAgain(): void {
    this.#isFull = false;
    for (const queue of this.#queues.values()) this.commit(queue, 'now');
  }

  /** It has fallen idle: what was delivered last is put on disk, and files that are not needed go. */
  #sync(): void {
    if (this.#isClosed || this.#disk === undefined) return;
    for (const queue of this.#queues.values()) this.#agenda.add(queue);
    this.#syncedAtMs = Number.NEGATIVE_INFINITY;
    this.#agenda.now();
  }

  async #finish(): Promise<void> {
    await this.#attempt;
    this.#availability.stop();
    this.#bounds.stop();
    this.#setAside.tell();
    for (const queue of this.#queues.values()) this.#agenda.add(queue);
    await this.#agenda.last(() => this.#write(true, true));
    // Once more, for the files that are not needed any more; without events where there was no room for them.
    await this.#agenda.last(() => this.#write(true));
    this.#isClosed = true;
    this.#availability.stop();
    this.#agenda.stop();
    const disk = this.#disk;
    this.#disk = undefined;
    if (disk) await closeDisk(disk);
  }
}
