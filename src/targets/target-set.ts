/** The running targets: gives events to those that want them, applies reloads, and closes them all. */

import type { TargetStatus } from '../delivery/status.js';
import { Target } from '../delivery/target.js';
import { encodeTruncated } from '../formats/truncate.js';
import { MAX_TIMER_MS } from '../model/duration.js';
import type { Event, LifecycleEvent, LoggingEvent, OperationEvent } from '../model/event.js';
import { type Level, levels } from '../model/level.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import { MemoryQueue } from '../queue/memory-queue.js';
import type { OpenQueue, QueueBounds } from '../queue/queue.js';
import type { DropReason, ReloadResult, Reporter } from '../report.js';
import type { LogTargetSettings } from '../settings/schema.js';
import type { DeadLetter, DeadLetterSelection } from '../spool/dead-letters.js';
import { createSpool, type Spool, type SpoolLocation } from '../spool/spool.js';
import type { SpoolQueue } from '../spool/spool-queue.js';
import { Intake } from './intake.js';
import { planReload } from './plan.js';
import { type Route, Router } from './router.js';
import { Tap } from './tap.js';

/** What became of an event at the moment it was accepted. */
export interface Receipt {
  /** Names of the targets whose queue holds it. */
  readonly queued: string[];
  /** Whether all of those queues are on disk. */
  readonly durable: boolean;
  /** Targets that wanted it but could not take it. */
  readonly dropped: { readonly target: string; readonly reason: DropReason }[];
}

/** What `flush` found out. */
export interface FlushResult {
  /** Whether everything that had been accepted before the call was delivered. */
  readonly delivered: boolean;
  /** How many of those events are still pending, over all targets. */
  readonly pending: number;
}

/** Bounds and time limits that all targets share. */
export interface TargetSetOptions {
  /** Of queues in memory. */
  readonly bounds: QueueBounds;
  /** Where and how queues are on disk instead. */
  readonly spool: SpoolLocation | undefined;
  /** Longest that a removed target drains. */
  readonly drainTimeoutMs: number;
  readonly report: Reporter;
}

/**
 * Targets by name. Removed ones stay, draining, until they are empty or their time is up; a name that comes back
 * meanwhile finds its queue as it was.
 */
export class TargetSet {
  /** Where others see what is accepted. */
  readonly tap: Tap;
  readonly #options: TargetSetOptions;
  readonly #spool: Spool | undefined;
  readonly #active = new Map<string, Target>();
  readonly #draining = new Map<string, { readonly target: Target; readonly deadline: NodeJS.Timeout }>();
  readonly #intake = new Intake((event, acceptedAtMs) =>
    this.#accept(event, this.#router.logging(event.level), acceptedAtMs),
  );
  #router = new Router([]);
  #isClosing = false;
  #isClosed = false;
  #ended: Promise<void> | undefined;
  #seq = 0;
  #accepted = 0;

  /** @throws SpoolError when the spool's directory cannot be made or written */
  constructor(options: TargetSetOptions) {
    this.#options = options;
    const { spool, bounds, report } = options;
    this.tap = new Tap(report, () => this.#intake.empty());
    this.#spool = spool && createSpool(spool, bounds, report);
  }

  /** Resolves when the queues are open; rejects with a SpoolError when those on disk cannot be. */
  get ready(): Promise<void> {
    return this.#spool?.opened ?? Promise.resolve();
  }

  /** The least severe level that anybody takes as a logging event; `undefined` when nobody takes any. */
  get loggingLevel(): Level | undefined {
    return this.tap.wantsLogging ? levels[0] : this.#router.loggingLevel;
  }

  /** Whether anybody takes logging events of `level`. */
  wantsLogging(level: Level): boolean {
    return this.#router.wantsLogging(level) || this.tap.wantsLogging;
  }

  /** Whether waiting would get nothing delivered: nothing is pending where it could be. */
  get isIdle(): boolean {
    this.#intake.empty();
    return this.#all().every((target) => target.pendingEvents === 0 || !target.canDeliver);
  }

  /** Replaces the targets by validated ones. Waits for nothing. */
  reload(wanted: readonly LogTargetSettings[]): ReloadResult {
    this.#intake.empty();
    const plan = planReload(
      [...this.#active.values()].map((target) => target.settings),
      wanted,
    );
    for (const name of plan.removed) this.#remove(name);
    for (const settings of wanted) {
      if (plan.added.includes(settings.name)) this.#add(settings);
      else if (plan.changed.includes(settings.name)) this.#change(settings);
    }
    this.#router = new Router(this.#active.values(), this.#router);
    return plan;
  }

  /** Gives a logging event to the targets that want it, by the end of this turn of the event loop. */
  acceptLogging(event: LoggingEvent, acceptedAtMs: number): void {
    this.#intake.add(event, acceptedAtMs);
  }

  /** Counts a log record of `level` that could not be made into an event. */
  refuseLogging(level: Level, reason: DropReason): void {
    const targets = this.#router.logging(level).flatMap((route) => route.targets);
    if (targets.length > 0) this.#accepted++;
    for (const target of targets) target.refuse(reason);
  }

  /** Gives a lifecycle event to the targets that want it. */
  acceptLifecycle(event: LifecycleEvent, acceptedAtMs: number): Receipt | Promise<Receipt> {
    this.#intake.empty();
    const queued: string[] = [];
    const dropped: { target: string; reason: DropReason }[] = [];
    const stored: (Promise<boolean> | false)[] = [];
    this.#accept(event, this.#router.lifecycle(event.action), acceptedAtMs, (target, reason, encoded) => {
      if (reason !== undefined) dropped.push({ target: target.name, reason });
      else queued.push(target.name);
      if (reason === undefined && encoded) stored.push(target.stored(encoded));
    });
    const receipt = { queued, durable: false, dropped };
    const writes = stored.filter((each) => each !== false);
    if (stored.length === 0 || writes.length < stored.length) return receipt;
    return Promise.all(writes).then((results) => ({
      ...receipt,
      durable: results.every((isStored) => isStored),
    }));
  }

  /** Gives an operation event to the targets that want it. */
  acceptOperation(event: OperationEvent, acceptedAtMs: number): void {
    this.#intake.empty();
    this.#accept(event, this.#router.operations, acceptedAtMs);
  }

  /** Sends what waits at once, without waiting for it. */
  hurry(): void {
    this.#intake.empty();
    for (const target of this.#active.values()) target.hurry();
  }

  /** Retries in quick succession: somebody is about to leave. */
  hasten(): void {
    this.#intake.empty();
    for (const target of this.#active.values()) target.hasten();
  }

  /** Nobody leaves after all. */
  relax(): void {
    for (const target of this.#active.values()) target.relax();
  }

  /** Waits until everything accepted so far is settled, at most `timeoutMs`. */
  async flush(timeoutMs: number): Promise<FlushResult> {
    // What is on disk has to be known.
    if (this.#spool?.isOpening)
      await within(
        this.#spool.opened.catch(() => {}),
        timeoutMs,
      );
    this.#intake.empty();
    const seq = this.#seq - 1;
    const targets = this.#all();
    const flushes = targets.map((target) => target.flush());
    const results = await within(Promise.all(flushes.map(({ settled }) => settled)), timeoutMs);
    for (const flush of flushes) flush.cancel();
    return {
      delivered: results?.every((delivered) => delivered) ?? false,
      pending: targets.reduce((sum, target) => sum + target.countPending(seq), 0),
    };
  }

  /** Delivers what is left within `timeoutMs`; then drops the rest as `shutdown`, or leaves it in the spool. */
  async close(timeoutMs: number): Promise<void> {
    this.#intake.empty();
    this.#isClosing = true;
    for (const { deadline } of this.#draining.values()) clearTimeout(deadline);
    const canDeliver = this.#all().filter((target) => target.canDeliver);
    await within(Promise.all(canDeliver.map((target) => target.drain())), timeoutMs);
    await this.closeNow();
  }

  /** Does so without waiting for deliveries. Resolves when the disk has what is left. */
  closeNow(): Promise<void> {
    this.#intake.empty();
    this.#isClosed = true;
    for (const { deadline } of this.#draining.values()) clearTimeout(deadline);
    for (const target of this.#all()) target.close('shutdown');
    this.tap.end();
    this.#ended ??= this.#closeSpool();
    return this.#ended;
  }

  status(): { accepted: number; targets: TargetStatus[] } {
    this.#intake.empty();
    const targets = this.#all();
    const parked = this.#spool?.parked ?? [];
    const absent = parked.filter(({ name }) => targets.every((target) => target.name !== name));
    return {
      accepted: this.#accepted,
      targets: [...targets.map((target) => target.status()), ...absent.map(parkedStatus)],
    };
  }

  /** What receivers refused of a target's events, the oldest first. */
  async deadLetters(name: string): Promise<DeadLetter[]> {
    return (await this.#spool?.deadLetters(name)) ?? [];
  }

  /** Queues dead letters of a running target again; returns how many. */
  async replay(name: string, selection: DeadLetterSelection): Promise<number> {
    const push = (event: Omit<EncodedEvent, 'seq'>) => {
      const target = this.#active.get(name);
      return target?.readmit({ ...event, seq: this.#seq++ }) ?? false;
    };
    return (await this.#spool?.replay(name, selection, push)) ?? 0;
  }

  /**
   * Settings of the target with this name, draining ones included.
   * @throws TypeError when there is none
   */
  checkName(name: string): LogTargetSettings {
    const target = this.#active.get(name) ?? this.#draining.get(name)?.target;
    if (target === undefined) throw new TypeError(`No log target is named ${JSON.stringify(name)}`);
    return target.settings;
  }

  async #closeSpool(): Promise<void> {
    await this.#spool?.close();
    for (const target of this.#all()) target.abandon();
  }

  #all(): Target[] {
    return [...this.#active.values(), ...[...this.#draining.values()].map(({ target }) => target)];
  }

  readonly #openQueue: OpenQueue = (name, owner) => {
    if (this.#spool) return this.#spool.queue(name).adopt(owner);
    return new MemoryQueue(this.#options.bounds, (reason, events, oldestSeq) =>
      owner.lost(reason, events, oldestSeq),
    );
  };

  #add(settings: LogTargetSettings): void {
    const returning = this.#draining.get(settings.name);
    if (returning) {
      clearTimeout(returning.deadline);
      this.#draining.delete(settings.name);
      returning.target.reconfigure(settings);
    }
    const target = returning?.target ?? new Target(settings, this.#openQueue, this.#options.report);
    this.#active.set(settings.name, target);
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

  #accept(
    event: Event,
    routes: readonly Route[],
    acceptedAtMs: number,
    tell?: (target: Target, reason: DropReason | undefined, encoded: EncodedEvent | undefined) => void,
  ): void {
    if (this.tap.isOpen) this.tap.take(event);
    if (routes.length === 0) return;
    this.#accepted++;
    const seq = this.#seq++;
    for (const route of routes) {
      const encoded = encode(event, route, seq, acceptedAtMs);
      for (const target of route.targets) {
        const fitting =
          encoded && encoded.bytes > target.maxEventBytes
            ? this.#cutDown(event, encoded, route, target)
            : encoded;
        const reason = fitting ? target.push(fitting) : target.refuse('unserializable');
        tell?.(target, reason, fitting);
      }
    }
  }

  #cutDown(event: Event, whole: EncodedEvent, { write }: Route, target: Target): EncodedEvent | undefined {
    const text = encodeTruncated(event, write, whole.bytes, target.maxEventBytes);
    if (text === undefined) return undefined;
    const [originalBytes, { bytes }] = [whole.bytes, text];
    this.#options.report({ type: 'eventTruncated', target: target.name, originalBytes, bytes });
    return { ...whole, ...text };
  }
}

/** A queue that waits for its target to come back. */
function parkedStatus({ name, events, bytes, dead, dropped, state }: SpoolQueue): TargetStatus {
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  const accepted = events + dead.events + lost;
  return {
    name,
    type: state.type,
    address: state.address,
    state: 'disabled',
    accepted,
    recovered: accepted,
    delivered: 0,
    pending: { events, bytes },
    dropped: { ...dropped },
    dead: dead.events,
    attempts: 0,
  };
}

/** `undefined` when the event cannot be written down, for instance because its text would be too long for a string. */
function encode(
  event: Event,
  { format, write, json }: Route,
  seq: number,
  acceptedAtMs: number,
): EncodedEvent | undefined {
  try {
    json.begin();
    write(event, json);
    const { block, start, bytes } = json.end();
    return { seq, type: event.type, format, acceptedAtMs, block, start, bytes };
  } catch {
    return undefined;
  }
}

/** The value of `promise`, or `undefined` after `timeoutMs`. Keeps the process alive meanwhile. */
async function within<Value>(promise: Promise<Value>, timeoutMs: number): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, Math.min(timeoutMs, MAX_TIMER_MS), undefined);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
