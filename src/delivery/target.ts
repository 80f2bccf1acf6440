/** The pipeline of one log target: what it accepts, holds and has got rid of. */

import { createHash } from 'node:crypto';
import { maxBodyBytes } from '../formats/format.js';
import { timerMs } from '../model/duration.js';
import { type Batch, bodyBytes } from '../queue/batch.js';
import type { DeliveryState, Recovery, Refusal } from '../queue/delivery-state.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import type { OpenQueue, Queue, QueueOwner } from '../queue/queue.js';
import type { DropReason, Reporter } from '../report.js';
import type { Outcome } from '../sending/outcome.js';
import type { LogTargetSettings } from '../settings/schema.js';
import { Batcher, type BatchLimits } from './batcher.js';
import { Counters } from './counters.js';
import { type Consignor, Courier } from './courier.js';
import { type Flush, FlushWaiters } from './flush-waiters.js';
import type { TargetState, TargetStatus } from './status.js';

/**
 * `open` -> `draining` (removed or closing: gets rid of what it holds) -> `closed`. A draining target becomes
 * `open` again when its name comes back.
 */
type Life = 'open' | 'draining' | 'closed';

/** Accepts events, batches them, hands the batches to its courier and keeps account of every event. */
export class Target implements Consignor, QueueOwner {
  readonly name: string;
  readonly #report: Reporter;
  readonly #counters: Counters;
  readonly #queue: Queue;
  readonly #batcher: Batcher;
  readonly #courier: Courier;
  readonly #waiters = new FlushWaiters();
  #settings: LogTargetSettings;
  /** Bytes of the largest body that settings and format allow. */
  #maxBytes: number;
  #life: Life = 'open';
  #lastSeq = -1;
  /** Once a body was too large: bytes of the largest one that was accepted since, and of the smallest refused. */
  #fitting: { accepted: number; readonly refused: number } | undefined;
  #workScheduled: NodeJS.Immediate | undefined;
  /** Batches that were not settled when the target was closed. */
  #left: readonly Batch[] = [];

  constructor(settings: LogTargetSettings, openQueue: OpenQueue, report: Reporter) {
    this.name = settings.name;
    this.#report = report;
    this.#settings = settings;
    this.#maxBytes = Math.min(settings.batch_bytes, maxBodyBytes(settings));
    this.#counters = new Counters(settings.name, report);
    this.#queue = openQueue(settings.name, this);
    this.#batcher = new Batcher(this.#queue, this.#limits(), () => this.#courier.work());
    this.#courier = new Courier(settings, this, report);
    this.#queue.open();
  }

  get settings(): LogTargetSettings {
    return this.#settings;
  }

  get pendingEvents(): number {
    return this.#queue.events;
  }

  /** Bytes of the largest event that fits into a body. */
  get maxEventBytes(): number {
    return this.#maxBytes - bodyBytes(1, 0);
  }

  /** Whether waiting could get rid of what this target holds. */
  get canDeliver(): boolean {
    return this.#settings.enabled && !this.#courier.health.isGone;
  }

  /** Accepts an event; says why when it had to be dropped at once. */
  push(event: EncodedEvent): DropReason | undefined {
    if (this.#life === 'closed') return this.refuse('shutdown');
    if (!this.#queue.push(event)) return this.refuse('queue-full');
    this.#counters.accepted++;
    this.#pushed(event);
    return undefined;
  }

  /** Counts an event that was meant for this target but cannot be queued. */
  refuse(reason: DropReason): DropReason {
    this.#counters.accepted++;
    this.#counters.drop(reason, 1);
    return reason;
  }

  /** Sends what waits without waiting for company. */
  hurry(): void {
    this.#batcher.hurry(this.#lastSeq);
    this.#scheduleWork();
  }

  /** Sends what waits, and tells when everything accepted so far is settled. */
  flush(): Flush {
    const flush = this.#waiters.wait(this.#lastSeq);
    this.worked();
    this.hurry();
    return flush;
  }

  /** Retries in quick succession from now on. */
  hasten(): void {
    if (!this.#courier.health.isHurried) this.#courier.health.hasten();
    this.hurry();
  }

  /** Nobody waits any more. */
  relax(): void {
    this.#courier.health.relax();
  }

  /** Delivers what is left, in a hurry. Resolves when nothing is left, or nothing can be delivered. */
  async drain(): Promise<void> {
    if (this.#life === 'closed') return;
    this.#life = 'draining';
    const { settled } = this.flush();
    this.hasten();
    await settled;
  }

  /** Goes on with new settings; the queue stays. Opens a draining target again. */
  reconfigure(settings: LogTargetSettings): void {
    if (this.#life === 'closed') return;
    this.#settings = settings;
    this.#maxBytes = Math.min(settings.batch_bytes, maxBodyBytes(settings));
    this.#life = 'open';
    this.#fitting = undefined;
    this.#batcher.limits = this.#limits();
    this.#courier.reconfigure(settings);
    this.#scheduleWork();
  }

  /** Ends all activity and drops what is left, under `reason`. */
  close(reason: DropReason): void {
    this.#life = 'closed';
    clearImmediate(this.#workScheduled);
    this.#batcher.stop();
    this.#left = this.#courier.close();
    if (!this.#queue.isDurable) {
      for (const { events } of this.#left) {
        this.#queue.settle(events);
        this.#lose(reason, events);
      }
    }
    this.#counters.drop(reason, this.#queue.close());
    this.#waiters.abandon();
    this.#counters.reportLosses();
  }

  /** The process ends: what is nowhere but in memory is lost. */
  abandon(): void {
    this.#counters.drop('shutdown', this.#queue.abandon());
    this.#counters.reportLosses();
  }

  /** Whether the event that was just pushed is on disk. */
  stored(event: EncodedEvent): Promise<boolean> | false {
    return this.#queue.stored(event);
  }

  /** Takes an event back from the dead letters; `false` when there is no room for it. */
  readmit(event: EncodedEvent): boolean {
    if (this.#life === 'closed' || !this.#queue.push(event)) return false;
    this.#counters.dead--;
    this.#pushed(event);
    return true;
  }

  /** How many of the events accepted up to `seq` are pending. */
  countPending(seq: number): number {
    const taken = this.#courier.batches.flatMap((batch) => batch.events);
    return this.#queue.countUpTo(seq) + taken.filter((event) => event.seq <= seq).length;
  }

  status(): TargetStatus {
    const { accepted, recovered, delivered, dropped, dead, attempts, lastDeliveryAtMs, lastError } =
      this.#counters;
    const { nextAttemptAtMs } = this.#courier.health;
    const oldest = this.#oldestPending();
    return {
      name: this.name,
      type: this.#settings.type,
      address: withoutSecrets(this.#settings.address),
      state: this.#state(),
      accepted,
      recovered,
      delivered,
      pending: { events: this.#queue.events, bytes: this.#queue.bytes },
      dropped,
      dead,
      attempts,
      ...(lastDeliveryAtMs !== undefined && { lastDeliveryAt: iso(lastDeliveryAtMs) }),
      ...(oldest && { oldestPendingAt: iso(oldest.acceptedAtMs) }),
      ...(nextAttemptAtMs !== undefined && { nextAttemptAt: iso(nextAttemptAtMs) }),
      ...(lastError && { lastError }),
    };
  }

  // What its courier asks and tells.

  due(): void {
    this.#scheduleWork();
  }

  get isEmpty(): boolean {
    return this.#queue.waitingEvents === 0;
  }

  take(): EncodedEvent[] | undefined {
    return this.#batcher.take();
  }

  attempted(outcome: Outcome): void {
    if (this.#life === 'closed') return;
    this.#counters.attempts++;
    if (outcome.kind === 'delivered') return;
    this.#counters.failed(outcome.error);
    this.#queue.stateChanged();
  }

  delivered({ events, body }: Batch, { ms, status }: Extract<Outcome, { kind: 'delivered' }>): void {
    this.#queue.settle(events);
    this.#counters.delivered += events.length;
    this.#counters.lastDeliveryAtMs = Date.now();
    if (this.#fitting && body.length > this.#fitting.accepted && body.length < this.#fitting.refused) {
      this.#fitting.accepted = body.length;
      this.#batcher.limits = this.#limits();
    }
    this.#report({
      type: 'batchDelivered',
      target: this.name,
      events: events.length,
      bytes: body.length,
      ms,
      status,
    });
  }

  beforeAttempt(batch: Batch): Promise<void> | undefined {
    return this.#queue.beforeAttempt(batch);
  }

  rejected({ events }: Batch, refusal: Refusal): void {
    const lost = events.filter((event) => !this.#queue.bury(event, refusal));
    this.#counters.dead += events.length - lost.length;
    this.#queue.settle(lost);
    this.#counters.drop('rejected', lost.length);
    this.#waiters.lost(events[0]?.seq ?? Number.POSITIVE_INFINITY);
    this.worked();
  }

  tooLarge(bytes: number): void {
    const refused = Math.min(this.#fitting?.refused ?? bytes, bytes);
    const accepted = this.#fitting?.accepted ?? 0;
    this.#fitting = { refused, accepted: accepted < refused ? accepted : 0 };
    this.#batcher.limits = this.#limits();
  }

  worked(): void {
    if (this.#waiters.size === 0) return;
    if (this.#courier.health.isHurried && !this.canDeliver) this.#waiters.abandon();
    this.#courier.settle();
    this.#waiters.check(this.#oldestPendingSeq());
  }

  // What its queue asks and tells.

  lost(reason: DropReason, events: number, oldestSeq: number): void {
    this.#counters.drop(reason, events);
    this.#waiters.lost(oldestSeq);
  }

  readable(): void {
    this.#batcher.added();
    this.#scheduleWork();
  }

  recovered({ events, batches, attempt, dead, lastSeq }: Recovery): void {
    this.#counters.accepted += events + dead;
    this.#counters.recovered += events + dead;
    this.#counters.dead += dead;
    this.#lastSeq = Math.max(this.#lastSeq, lastSeq);
    const isUnchanged = attempt?.fingerprint === fingerprintOf(this.#settings);
    this.#courier.restore(batches, isUnchanged ? attempt : undefined);
    this.readable();
  }

  forgotten(events: number): void {
    this.#counters.dead -= events;
    this.#counters.drop('rejected', events);
  }

  state(): DeliveryState {
    const attempt = this.#courier.health.planned;
    return {
      batches: this.#life === 'closed' ? this.#left : this.#courier.batches,
      attempt: attempt && { ...attempt, fingerprint: fingerprintOf(this.#settings) },
      type: this.#settings.type,
      address: withoutSecrets(this.#settings.address),
    };
  }

  #pushed(event: EncodedEvent): void {
    this.#lastSeq = event.seq;
    this.#batcher.added();
    if (this.#workScheduled === undefined && this.#batcher.isDue && this.#courier.isFree)
      this.#scheduleWork();
  }

  #state(): TargetState {
    const { health, isSending } = this.#courier;
    if (!this.canDeliver) return 'disabled';
    if (this.#life === 'draining') return 'draining';
    if (health.isDown) return 'down';
    if (health.isRetrying) return 'retrying';
    return isSending ? 'sending' : 'idle';
  }

  #limits(): BatchLimits {
    const { body_format, batch_size, batch_wait } = this.#settings;
    return {
      maxEvents: body_format === 'single' ? 1 : batch_size,
      maxBytes: this.#fitting
        ? Math.max(this.#fitting.accepted, Math.floor(this.#fitting.refused / 2))
        : this.#maxBytes,
      waitMs: timerMs(batch_wait),
    };
  }

  /** Batches are made outside of log calls, which may be in the middle of a burst. */
  #scheduleWork(): void {
    if (this.#life === 'closed') return;
    this.#workScheduled ??= setImmediate(() => {
      this.#workScheduled = undefined;
      this.#courier.work();
    });
  }

  #lose(reason: DropReason, events: readonly EncodedEvent[]): void {
    this.#counters.drop(reason, events.length);
    this.#waiters.lost(events[0]?.seq ?? Number.POSITIVE_INFINITY);
  }

  #oldestPendingSeq(): number {
    const taken = this.#courier.batches.map((batch) => batch.events[0]?.seq ?? Number.POSITIVE_INFINITY);
    return Math.min(...taken, this.#queue.oldestSeq);
  }

  #oldestPending(): EncodedEvent | undefined {
    const taken = this.#courier.batches.map((batch) => batch.events[0]);
    return [...taken, this.#queue.peek()].reduce(
      (oldest, event) => (event && (!oldest || event.seq < oldest.seq) ? event : oldest),
      undefined,
    );
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** One byte: enough to notice nearly every change, and useless for guessing a secret. */
function fingerprintOf(settings: LogTargetSettings): number {
  return createHash('sha256').update(JSON.stringify(settings)).digest()[0] ?? 0;
}

function withoutSecrets(address: string): string {
  const url = new URL(address);
  return `${url.origin}${url.pathname}`;
}
