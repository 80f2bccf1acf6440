/** The running targets: applies reloads to them, waits for them, and closes them all. */

import { Counters } from '../delivery/counters.js';
import type { TransportStatus } from '../delivery/status.js';
import { Target } from '../delivery/target.js';
import type { Formats } from '../formats/formats.js';
import { MAX_TIMER_MS } from '../model/duration.js';
import type { LifecycleEvent } from '../model/event.js';
import { within } from '../model/within.js';
import { MemoryQueue } from '../queue/memory-queue.js';
import type { OpenQueue, QueueBounds } from '../queue/queue.js';
import type { ReloadResult, Reporter } from '../report.js';
import type { Outbound } from '../sending/outbound.js';
import { type PingResult, ping } from '../sending/ping.js';
import { checkSecretFiles } from '../sending/secret-files.js';
import type { LogTargetSettings } from '../settings/schema.js';
import { createSpool } from '../spool/create-spool.js';
import type { SpoolLocation } from '../spool/open-disk.js';
import type { Spool } from '../spool/spool.js';
import { cutOff } from './cut-off.js';
import type { Dispatcher } from './dispatcher.js';
import { Letters } from './letters.js';
import { type Measures, offerMeasures, type TargetMeasures } from './measures.js';
import { parkedStatus } from './parked-status.js';
import { planReload } from './plan.js';
import { offerSteering } from './steering.js';
import { offerTap } from './tap.js';

/** A disk is given so long to take what is left, however little time there is. */
const MIN_DISK_MS = 1000;

/** What `flush` found out. */
export interface FlushResult {
  /** Whether everything that had been accepted before the call was delivered: nothing pending, dropped or refused. */
  readonly delivered: boolean;
  /** How many of those events are still pending, over all targets. */
  readonly pending: number;
}

/** Bounds and time limits that all targets share. */
export interface TargetSetOptions {
  /** Gives events to the targets. */
  readonly dispatcher: Dispatcher;
  /** Of queues in memory. */
  readonly bounds: QueueBounds;
  /** Where and how queues are on disk instead. */
  readonly spool: SpoolLocation | undefined;
  /** Longest that a removed target drains. */
  readonly drainTimeoutMs: number;
  readonly outbound: Outbound;
  readonly report: Reporter;
  /** Those that targets may have. */
  readonly formats: Formats;
}

/**
 * Targets by name. Removed ones stay, draining, until they are empty or their time is up; a name that comes back
 * meanwhile finds its queue as it was.
 */
export class TargetSet {
  readonly letters: Letters;
  readonly #options: TargetSetOptions;
  readonly #spool: Spool | undefined;
  readonly #active = new Map<string, Target>();
  readonly #draining = new Map<string, { readonly target: Target; readonly deadline: NodeJS.Timeout }>();
  readonly #dispatcher: Dispatcher;
  #takesNoMore = false;
  #isClosing = false;
  #isClosed = false;
  #ended: Promise<void> | undefined;

  /** @throws SpoolError when the spool's directory cannot be made or written */
  constructor(options: TargetSetOptions) {
    this.#options = options;
    const { dispatcher, spool, bounds, report } = options;
    this.#dispatcher = dispatcher;
    this.#spool = spool && createSpool(spool, bounds, report);
    this.letters = new Letters({
      desk: this.#spool?.letters,
      check: (name) => this.checkName(name),
      active: (name) => this.#active.get(name),
      nextSeq: () => dispatcher.nextSeq(),
    });
  }

  /** Resolves when the queues are open; rejects with a SpoolError when those on disk cannot be. */
  get ready(): Promise<void> {
    return this.#spool?.opened ?? Promise.resolve();
  }

  /** Whether waiting would get nothing delivered: nothing is pending where it could be. */
  get isIdle(): boolean {
    this.#dispatcher.handOn();
    return this.#all().every((target) => target.pendingEvents === 0 || !target.canDeliver);
  }

  /**
   * Replaces the targets by validated ones: all, or none when it throws. Waits for nothing.
   * @throws TypeError when a format of theirs writes no text
   */
  reload(wanted: LogTargetSettings[], list?: 'targets'): ReloadResult {
    this.#options.formats.check(wanted);
    checkSecretFiles(wanted, this.#options.outbound.secretsDirectory, list);
    this.#dispatcher.handOn();
    const plan = planReload(
      [...this.#active.values()].map((target) => target.settings),
      wanted,
    );
    const route = this.#dispatcher.prepare(wanted);
    const [added, changed] = [new Set(plan.added), new Set(plan.changed)];
    for (const name of plan.removed) this.#remove(name);
    for (const settings of wanted) {
      if (added.has(settings.name)) this.#add(settings);
      else if (changed.has(settings.name)) this.#change(settings);
    }
    route(this.#active.values());
    return plan;
  }

  /** Gives an event about a change of settings to those that it cuts off, beside their queues. */
  tellCutOff(event: LifecycleEvent, acceptedAtMs: number, before: readonly LogTargetSettings[]): void {
    if (this.#isClosed) return;
    const now = [...this.#active.values()].map((target) => target.settings);
    const options = { ...this.#options, openQueue: this.#openMemoryQueue };
    const deaf = cutOff(event.action, before, now, this.#draining).map((old) => new Target(old, options));
    this.#dispatcher.tell(deaf, event, acceptedAtMs);
    for (const target of deaf) this.#drain(target);
  }

  /** Sends what waits at once, without waiting for it. */
  sendNow(): void {
    this.#dispatcher.handOn();
    for (const target of this.#active.values()) target.sendNow();
  }

  /** Retries in quick succession: somebody is about to leave. */
  retryQuickly(): void {
    this.#dispatcher.handOn();
    for (const target of this.#active.values()) target.retryQuickly();
  }

  /** Nobody leaves after all. */
  retryAsUsual(): void {
    for (const target of this.#active.values()) target.retryAsUsual();
  }

  /**
   * Waits until everything accepted so far is settled, at most `timeoutMs`.
   * @param earlierToo whether losses count of which no earlier flush has told
   */
  async flush(timeoutMs: number, earlierToo = false): Promise<FlushResult> {
    const leftMs = this.#spool?.isOpening ? await this.#spoolOpened(this.#spool, timeoutMs) : timeoutMs;
    this.#dispatcher.handOn();
    const seq = this.#dispatcher.lastSeq;
    const targets = this.#all();
    const flushes = targets.map((target) => target.flush(earlierToo));
    const limitMs = this.#isClosed ? 0 : leftMs;
    const results = await within(Promise.all(flushes.map(({ settled }) => settled)), limitMs);
    for (const flush of flushes) flush.cancel();
    return {
      delivered: results?.every((delivered) => delivered) ?? false,
      pending: targets.reduce((sum, target) => sum + target.countPending(seq), 0),
    };
  }

  /** Delivers what is left within `timeoutMs`; then drops the rest as `shutdown`, or leaves it in the spool. */
  async close(timeoutMs: number): Promise<FlushResult> {
    this.#dispatcher.handOn();
    this.#isClosing = true;
    for (const { deadline } of this.#draining.values()) clearTimeout(deadline);
    const targets = this.#all();
    const canDeliver = targets.filter((target) => target.canDeliver);
    const startedAtMs = performance.now();
    const drained = await within(Promise.all(canDeliver.map((target) => target.drain())), timeoutMs);
    const pending = targets.reduce((sum, target) => sum + target.pendingEvents, 0);
    await this.closeNow(timeoutMs - (performance.now() - startedAtMs));
    return { delivered: pending === 0 && (drained?.every((all) => all) ?? false), pending };
  }

  /** Closes, but takes nothing more from the first moment on: what comes is dropped as `shutdown`. */
  async shutDown(timeoutMs: number): Promise<FlushResult> {
    this.#dispatcher.handOn();
    this.#takesNoMore = true;
    for (const target of this.#all()) target.takeNoMore();
    return this.close(this.#spool?.isOpening ? await this.#spoolOpened(this.#spool, timeoutMs) : timeoutMs);
  }

  /** The process ends, and some targets cannot deliver what they hold: what is nowhere but in memory is dropped. */
  giveUp(): void {
    for (const target of this.#all()) {
      if (target.pendingEvents > 0 && !target.canDeliver && !target.isDurable) target.close('shutdown');
    }
  }

  /**
   * Does so without waiting for deliveries. Resolves when the disk has what is left; a disk that takes longer than
   * `timeoutMs`, and a second, is not waited for.
   */
  closeNow(timeoutMs = 0): Promise<void> {
    this.#dispatcher.handOn();
    this.#isClosed = true;
    for (const { deadline } of this.#draining.values()) clearTimeout(deadline);
    for (const target of this.#all()) target.close('shutdown');
    this.#dispatcher.tap.end();
    this.#ended ??= this.#closeSpool(Math.max(timeoutMs, MIN_DISK_MS));
    return this.#ended;
  }

  status(): TransportStatus {
    this.#dispatcher.handOn();
    const targets = this.#all();
    const parked = this.#spool?.parked ?? [];
    const absent = parked.filter(({ name }) => targets.every((target) => target.name !== name));
    return {
      accepted: this.#dispatcher.accepted,
      targets: [...targets.map((target) => target.status()), ...absent.map(parkedStatus)],
    };
  }

  /**
   * Sends a test event to a target now, past its queue.
   * @throws TypeError when there is none of this name
   */
  ping(name: string): Promise<PingResult> {
    return ping(this.checkName(name), this.#options.outbound, this.#options.formats);
  }

  /** Lets other entries of the package see inside, by the object that people hand them: `owner`, at `location`. */
  offerTo(owner: object, location: string | undefined): void {
    offerTap(owner, this.#dispatcher.tap);
    offerMeasures(owner, this.#measures);
    const check = (settings: LogTargetSettings) =>
      ping(settings, this.#options.outbound, this.#options.formats);
    offerSteering(owner, { location, find: (name) => this.#find(name), check });
  }

  get #measures(): Measures {
    const { bounds, spool } = this.#options;
    return {
      targets: () => this.status().targets.map((status) => ({ status, ...this.#countsOf(status.name) })),
      limits: {
        events: spool ? undefined : bounds.maxEvents,
        bytes: spool ? spool.maxBytes : bounds.maxBytes,
      },
      listeners: () => this.#dispatcher.tap.clients,
      spool: () => this.#spool?.measures,
    };
  }

  #countsOf(name: string): Omit<TargetMeasures, 'status'> {
    const { acceptedByType, requests, sentBytes, truncated } =
      this.#find(name)?.counts ?? new Counters(name, () => {});
    return { acceptedByType, requests, sentBytes, truncated };
  }

  /**
   * Settings of the target with this name, draining ones included.
   * @throws TypeError when there is none
   */
  checkName(name: string): LogTargetSettings {
    const target = this.#find(name);
    if (target === undefined) throw new TypeError(`No log target is named ${JSON.stringify(name)}`);
    return target.settings;
  }

  /** What is on disk has to be known before anybody can wait for it. Resolves to how much of the time is left then. */
  async #spoolOpened({ opened }: Spool, timeoutMs: number): Promise<number> {
    const startedAtMs = performance.now();
    const settled = opened.catch(() => {});
    await within(settled, timeoutMs);
    return Math.max(timeoutMs - (performance.now() - startedAtMs), 0);
  }

  /** Events that the target of this name holds. */
  pendingOf(name: string): number {
    return this.#find(name)?.pendingEvents ?? 0;
  }

  async #closeSpool(timeoutMs: number): Promise<void> {
    await this.#spool?.close(timeoutMs);
    for (const target of this.#all()) target.abandon();
  }

  #find(name: string): Target | undefined {
    return this.#active.get(name) ?? this.#draining.get(name)?.target;
  }

  #all(): Target[] {
    return [...this.#active.values(), ...[...this.#draining.values()].map(({ target }) => target)];
  }

  readonly #openQueue: OpenQueue = (name, owner) => {
    if (this.#spool) return this.#spool.queue(name).adopt(owner);
    return this.#openMemoryQueue(name, owner);
  };

  readonly #openMemoryQueue: OpenQueue = (_name, owner) =>
    new MemoryQueue(this.#options.bounds, (reason, events, oldestSeq) =>
      owner.lost(reason, events, oldestSeq),
    );

  #add(settings: LogTargetSettings): void {
    const returning = this.#draining.get(settings.name);
    if (returning) {
      clearTimeout(returning.deadline);
      this.#draining.delete(settings.name);
      returning.target.reconfigure(settings);
    }
    const target =
      returning?.target ?? new Target(settings, { ...this.#options, openQueue: this.#openQueue });
    this.#active.set(settings.name, target);
    if (this.#takesNoMore) target.takeNoMore();
    if (this.#isClosed) target.close('shutdown');
  }

  #change(settings: LogTargetSettings): void {
    const target = this.#active.get(settings.name);
    target?.reconfigure(settings);
    if (this.#isClosing) void target?.drain();
  }

  #remove(name: string): void {
    const target = this.#active.get(name);
    if (target === undefined) return;
    this.#active.delete(name);
    this.#drain(target);
  }

  /** Lets a target get rid of what it holds, and of itself. */
  #drain(target: Target): void {
    const { name } = target;
    const finish = () => {
      if (this.#draining.get(name) !== entry) return; // came back
      clearTimeout(entry.deadline);
      this.#draining.delete(name);
      target.close('target-removed');
    };
    const entry = {
      target,
      deadline: setTimeout(finish, Math.min(this.#options.drainTimeoutMs, MAX_TIMER_MS)).unref(),
    };
    this.#draining.set(name, entry);
    void target.drain().then(() => {
      if (target.pendingEvents === 0) finish();
    });
  }
}
