/** The pipeline of one log target: what it accepts, holds and has got rid of. */

import { createHash } from 'node:crypto';
import type { Formats } from '../formats/formats.js';
import type { EventType } from '../model/event.js';
import type { Batch } from '../queue/batch.js';
import type { DeliveryState, Recovery } from '../queue/delivery-state.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import type { OpenQueue, Queue } from '../queue/queue.js';
import type { DropReason, Reporter } from '../report.js';
import type { Outbound } from '../sending/outbound.js';
import { viaOf } from '../sending/proxy.js';
import type { LogTargetSettings } from '../settings/schema.js';
import { Account } from './account.js';
import type { Attempt } from './attempt-log.js';
import type { Counters } from './counters.js';
import { Courier } from './courier.js';
import type { Flush } from './flush-waiters.js';
import type { TargetState, TargetStatus } from './status.js';

/**
 * `open` -> `draining` (removed or closing: gets rid of what it holds) -> `closed`. A draining target becomes
 * `open` again when its name comes back.
 */
type Life = 'open' | 'draining' | 'closed';

/** What all targets of a transport share. */
export interface TargetOptions {
  readonly openQueue: OpenQueue;
  readonly report: Reporter;
  readonly outbound: Outbound;
  /** Those that it may have. */
  readonly formats: Formats;
}

/** Accepts events into its queue, has its courier deliver them, and answers for all of them in its account. */
export class Target {
  readonly name: string;
  readonly #account: Account;
  readonly #queue: Queue;
  readonly #courier: Courier;
  readonly #outbound: Outbound;
  #settings: LogTargetSettings;
  #life: Life = 'open';
  #takesNoMore = false;
  /** Batches that were not settled when the target was closed, and that outlive it. */
  #left: readonly Batch[] = [];

  constructor(settings: LogTargetSettings, options: TargetOptions) {
    const { openQueue, report, outbound } = options;
    this.name = settings.name;
    this.#settings = settings;
    this.#outbound = outbound;
    const account = new Account(settings.name, report);
    this.#account = account;
    this.#queue = openQueue(settings.name, {
      lost: (reason, events, oldestSeq) => account.lost(reason, events, oldestSeq),
      forgotten: (events, reason) => account.forgotten(events, reason),
      readable: () => this.#courier.readable(),
      recovered: (recovery) => this.#recovered(recovery),
      state: () => this.#deliveryState,
      expire: (isTooOld) => {
        const expired = this.#courier.expire(isTooOld);
        if (expired.length > 0) this.#courier.readable(); // whoever waits for them need not wait
        return expired;
      },
    });
    this.#courier = new Courier(settings, { ...options, queue: this.#queue, account });
    this.#queue.open();
  }

  get settings(): LogTargetSettings {
    return this.#settings;
  }

  get pendingEvents(): number {
    return this.#queue.events;
  }

  /** Whether what it holds outlives the process. */
  get isDurable(): boolean {
    return this.#queue.isDurable;
  }

  /** Bytes of the largest event that fits into a body. */
  get maxEventBytes(): number {
    return this.#courier.maxEventBytes;
  }

  /** Whether waiting could get rid of what this target holds. */
  get canDeliver(): boolean {
    return this.#courier.canDeliver;
  }

  /** Accepts an event; says why when it had to be dropped at once. */
  push(event: EncodedEvent): DropReason | undefined {
    if (this.#takesNoMore || this.#life === 'closed') return this.refuse(event.type, 'shutdown');
    if (!this.#queue.push(event)) return this.refuse(event.type, 'queue-full');
    this.#account.accepted(event);
    this.#courier.added();
    return undefined;
  }

  /** Counts an event that was meant for this target but cannot be queued. */
  refuse(type: EventType, reason: DropReason): DropReason {
    return this.#account.refused(type, reason);
  }

  /** Counts an event that was cut down to what this target takes. */
  truncated(): void {
    this.#account.counters.truncated++;
  }

  /** Sends what waits without waiting for company. */
  sendNow(): void {
    this.#courier.sendNow();
  }

  /** Events that come from now on are dropped, as `shutdown`. */
  takeNoMore(): void {
    this.#takesNoMore = true;
  }

  /**
   * Sends what waits, and tells when everything accepted so far is settled.
   * @param earlierToo whether a loss counts of which no earlier flush has told
   */
  flush(earlierToo: boolean): Flush {
    if (this.#life !== 'closed' || this.pendingEvents === 0) return this.#courier.flush(earlierToo);
    const flush = this.#account.wait(earlierToo);
    this.#account.disappointWaiters();
    return flush;
  }

  /** Retries in quick succession from now on: somebody is about to leave. */
  retryQuickly(): void {
    this.#courier.retryQuickly();
  }

  /** Makes the next attempt now instead of when it is due. */
  retryNow(): void {
    this.#courier.retryNow();
  }

  /** The latest attempts, the newest first. */
  attempts(): Attempt[] {
    return this.#account.attempts.list();
  }

  /** Nobody leaves after all. */
  retryAsUsual(): void {
    this.#courier.retryAsUsual();
  }

  /**
   * Delivers what is left, retrying quickly. Resolves when nothing is left, or nothing can be delivered: to whether
   * all was.
   */
  async drain(): Promise<boolean> {
    if (this.#life === 'closed') return this.pendingEvents === 0;
    this.#life = 'draining';
    const { settled } = this.#courier.flush();
    this.#courier.retryQuickly();
    return settled;
  }

  /** Goes on with new settings; the queue stays. Opens a draining target again. */
  reconfigure(settings: LogTargetSettings): void {
    if (this.#life === 'closed') return;
    this.#settings = settings;
    this.#life = 'open';
    this.#courier.reconfigure(settings);
  }

  /** Ends all activity and drops what is left, under `reason`. */
  close(reason: DropReason): void {
    if (this.#life === 'closed') return;
    this.#life = 'closed';
    this.#left = this.#courier.close();
    if (!this.#queue.isDurable) {
      for (const { events } of this.#left) {
        this.#queue.release(events);
        this.#account.lost(reason, events.length, events[0]?.seq);
      }
      this.#left = [];
    }
    this.#account.lost(reason, this.#queue.close());
    this.#account.disappointWaiters();
    this.#account.close();
  }

  /** The process ends: what is nowhere but in memory is lost. */
  abandon(): void {
    this.#account.lost('shutdown', this.#queue.abandon());
    this.#account.close();
  }

  /** Whether the event that was just pushed is on disk. */
  stored(event: EncodedEvent): Promise<boolean> | false {
    return this.#queue.stored(event);
  }

  /** Takes an event back from the dead letters; `false` when there is no room for it. */
  readmit(event: EncodedEvent): boolean {
    if (this.#life === 'closed' || !this.#queue.push(event)) return false;
    this.#account.readmitted(event);
    this.#courier.added();
    return true;
  }

  /** How many of the events accepted up to `seq` are pending. */
  countPending(seq: number): number {
    const taken = this.#batches.flatMap((batch) => batch.events);
    return this.#queue.countUpTo(seq) + taken.filter((event) => event.seq <= seq).length;
  }

  status(): TargetStatus {
    const { accepted, recovered, delivered, dropped, dead, attempts, lastDeliveryAtMs, lastError } =
      this.#account.counters;
    const { nextAttemptAtMs, oldestPending } = this.#courier;
    const via = viaOf(this.#settings, this.#outbound.proxy);
    return {
      name: this.name,
      type: this.#settings.type,
      address: withoutSecrets(this.#settings.address),
      ...(via !== undefined && { via }),
      state: this.#state,
      accepted,
      recovered,
      delivered,
      pending: { events: this.#queue.events, bytes: this.#queue.bytes },
      dropped,
      dead,
      attempts,
      ...(lastDeliveryAtMs !== undefined && { lastDeliveryAt: iso(lastDeliveryAtMs) }),
      ...(oldestPending && { oldestPendingAt: iso(oldestPending.acceptedAtMs) }),
      ...(nextAttemptAtMs !== undefined && { nextAttemptAt: iso(nextAttemptAtMs) }),
      ...(lastError && { lastError }),
    };
  }

  /** What is counted beside the status. */
  get counts(): Pick<Counters, 'acceptedByType' | 'requests' | 'sentBytes' | 'truncated'> {
    return this.#account.counters;
  }

  /** Those that were taken and are not settled. */
  get #batches(): readonly Batch[] {
    return this.#life === 'closed' ? this.#left : this.#courier.batches;
  }

  get #state(): TargetState {
    const { state } = this.#courier;
    return this.#life === 'draining' && state !== 'disabled' ? 'draining' : state;
  }

  /** What of this target must survive the process. */
  get #deliveryState(): DeliveryState {
    const attempt = this.#courier.planned;
    return {
      batches: this.#batches,
      attempt: attempt && { ...attempt, fingerprint: fingerprintOf(this.#settings) },
      type: this.#settings.type,
      address: withoutSecrets(this.#settings.address),
    };
  }

  #recovered(recovery: Recovery): void {
    this.#account.recovered(recovery);
    if (this.#life === 'closed') return;
    const { batches, attempt } = recovery;
    const isUnchanged = attempt?.fingerprint === fingerprintOf(this.#settings);
    this.#courier.restore(batches, isUnchanged ? attempt : undefined);
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
