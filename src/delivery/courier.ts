/** Puts a target's batches in flight and acts on their outcomes. */

import { type Batch, createBatch, halve } from '../queue/batch.js';
import type { PlannedAttempt, Refusal } from '../queue/delivery-state.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import type { DeliveryError, Reporter } from '../report.js';
import type { Failure, Outcome } from '../sending/outcome.js';
import { RetryingSender } from '../sending/retrying-sender.js';
import { HttpSender, type Sender } from '../sending/sender.js';
import type { LogTargetSettings } from '../settings/schema.js';
import { Health } from './health.js';
import { Suspects } from './suspects.js';

/** Where a courier gets events, and whom it tells what became of them. */
export interface Consignor {
  /** It is time to `work`. */
  due(): void;
  /** The events of the next batch; `undefined` while none is due. */
  take(): EncodedEvent[] | undefined;
  /** Whether nothing waits to be taken, due or not. */
  readonly isEmpty: boolean;
  delivered(batch: Batch, outcome: Extract<Outcome, { kind: 'delivered' }>): void;
  /** Something to be done before `batch` may be on its way; `undefined`: nothing. */
  beforeAttempt(batch: Batch): Promise<void> | undefined;
  /** The receiver will never take these events. */
  rejected(batch: Batch, refusal: Refusal): void;
  attempted(outcome: Outcome): void;
  /** A body of `bytes` bytes was too large. */
  tooLarge(bytes: number): void;
  /** Some work was done: something may have been settled. */
  worked(): void;
}

/**
 * A batch is in one of three places: in flight; in hand (to be sent next, oldest first, before anything new is
 * taken); or under suspicion. It leaves them by being delivered, rejected or split.
 */
export class Courier {
  readonly #consignor: Consignor;
  readonly #report: Reporter;
  readonly #inFlight = new Set<Batch>();
  readonly #suspects = new Suspects((guilty) => {
    for (const batch of guilty) this.#reject(batch);
  });
  /** What was answered to batches that were refused. */
  readonly #refusals = new WeakMap<Batch, Refusal>();
  #hand: Batch[] = [];
  #settings: LogTargetSettings;
  #health: Health;
  #http: HttpSender;
  /** Senders under older settings that still have requests in flight. */
  #ended: HttpSender[] = [];
  #rounds: Sender;
  /** Went down because single events were refused. */
  #isRefusing = false;

  constructor(settings: LogTargetSettings, consignor: Consignor, report: Reporter) {
    this.#consignor = consignor;
    this.#report = report;
    this.#settings = settings;
    this.#health = new Health(settings, report, () => this.#consignor.due());
    this.#http = new HttpSender(settings);
    this.#rounds = this.#createRounds();
  }

  get health(): Health {
    return this.#health;
  }

  get isSending(): boolean {
    return this.#inFlight.size > 0;
  }

  /** Whether another batch could start right now. */
  get isFree(): boolean {
    return (
      this.#settings.enabled &&
      this.#inFlight.size < this.#settings.concurrency &&
      this.#health.mayAttempt(this.#inFlight.size)
    );
  }

  /** Batches that were taken and are not settled. */
  get batches(): Batch[] {
    return [...this.#inFlight, ...this.#hand, ...this.#suspects.batches];
  }

  /** Puts batches in flight as long as there are any and there may be more. */
  work(): void {
    while (this.isFree) {
      const batch = this.#hand.shift() ?? this.#takeBatch();
      if (batch === undefined) break;
      this.#suspects.postpone();
      void this.#deliver(batch);
    }
    if (this.#isOutOfWork) this.#suspects.await();
    this.#consignor.worked();
  }

  /**
   * Uses new settings from the next attempt on, which `work` makes at once. What is in flight ends as it began; when it
   * fails, that says nothing about the new settings.
   */
  reconfigure(settings: LogTargetSettings): void {
    const [health, http] = [this.#health, this.#http];
    this.#settings = settings;
    this.#isRefusing = false;
    this.#health = new Health(settings, this.#report, () => this.#consignor.due(), health);
    this.#http = new HttpSender(settings);
    this.#rounds = this.#createRounds();
    this.#handBack(this.#suspects.acquit());
    health.end();
    http.end();
    this.#ended = [...this.#ended, http].filter((each) => each.isBusy);
  }

  /** Goes on with what an earlier process had taken, no sooner than it had planned to. */
  restore(batches: readonly Batch[], attempt: Omit<PlannedAttempt, 'fingerprint'> | undefined): void {
    this.#handBack(batches);
    if (attempt) this.#health.resume(attempt);
  }

  /** Judges refused events now, unless something is still to be sent. */
  settle(): void {
    if (this.#isOutOfWork) this.#suspects.convict();
  }

  /** Ends all activity; returns the batches that were not settled. */
  close(): Batch[] {
    this.#suspects.convict();
    const left = this.batches;
    this.#hand = [];
    this.#inFlight.clear();
    this.#health.end();
    for (const http of [...this.#ended, this.#http]) http.abort();
    return left;
  }

  get #isOutOfWork(): boolean {
    return this.#inFlight.size === 0 && this.#hand.length === 0 && this.#consignor.isEmpty;
  }

  #takeBatch(): Batch | undefined {
    const events = this.#consignor.take();
    return events && createBatch(events, this.#settings.body_format);
  }

  async #deliver(batch: Batch): Promise<void> {
    const health = this.#health;
    const isProbe = health.isDown;
    health.attempting();
    this.#inFlight.add(batch);
    const outcome = await (isProbe || health.isHurried ? this.#attempt(batch) : this.#rounds.send(batch));
    if (!this.#inFlight.delete(batch)) return; // closed meanwhile
    if (outcome.kind === 'delivered') {
      this.#consignor.delivered(batch, outcome);
      this.#suspects.convict();
      if (health === this.#health) this.#recover();
    } else if (health === this.#health) this.#failed(batch, outcome, isProbe);
    else this.#handBack([batch]);
    this.work();
  }

  async #attempt(batch: Batch, http = this.#http): Promise<Outcome> {
    const preparation = this.#consignor.beforeAttempt(batch);
    if (preparation) await preparation;
    const outcome = await http.send(batch);
    this.#consignor.attempted(outcome);
    return outcome;
  }

  #createRounds(): Sender {
    const [health, http] = [this.#health, this.#http];
    return new RetryingSender(
      { send: (batch) => this.#attempt(batch, http) },
      {
        attempts: this.#settings.retry_count,
        pause: (batch, failure) => health.pauseRound(failure, batch.events.length),
      },
    );
  }

  #failed(batch: Batch, failure: Failure, isProbe: boolean): void {
    switch (failure.kind) {
      case 'retryable':
      case 'misconfigured':
        this.#goDown([batch], failure, isProbe);
        break;
      case 'gone':
        this.#handBack([batch]);
        this.#health.disable(failure.error);
        break;
      case 'tooLarge':
        this.#refused(batch, failure);
        this.#tooLarge(batch, failure.error);
        break;
      case 'rejected':
        this.#refused(batch, failure);
        this.#rejected(batch, failure, isProbe);
    }
  }

  #tooLarge(batch: Batch, error: DeliveryError): void {
    this.#recover();
    if (batch.events.length === 1) {
      this.#reject(batch);
    } else {
      this.#consignor.tooLarge(batch.body.length);
      this.#split(batch, error);
    }
  }

  #rejected(batch: Batch, failure: Failure, isProbe: boolean): void {
    if (this.#isRefusing) {
      this.#goDown([batch], failure, isProbe);
      return;
    }
    this.#recover();
    if (batch.events.length > 1) {
      this.#split(batch, failure.error);
      return;
    }
    const acquitted = this.#suspects.add(batch);
    if (acquitted === undefined) return;
    this.#isRefusing = true;
    this.#goDown(acquitted, failure, isProbe);
  }

  #refused(batch: Batch, failure: Failure): void {
    const [, status] = /^HTTP_(\d+)$/.exec(failure.error.code) ?? [];
    const response = 'response' in failure ? (failure.response ?? '') : '';
    this.#refusals.set(batch, { status: status === undefined ? undefined : Number(status), response });
  }

  #reject(batch: Batch): void {
    this.#consignor.rejected(batch, this.#refusals.get(batch) ?? { status: undefined, response: '' });
  }

  #split(batch: Batch, error: DeliveryError): void {
    const parts = halve(batch);
    this.#report({
      type: 'batchSplit',
      target: this.#settings.name,
      events: batch.events.length,
      parts: parts.length,
      error,
    });
    this.#handBack(parts);
  }

  #goDown(batches: readonly Batch[], failure: Failure, isProbe: boolean): void {
    this.#handBack(batches);
    const events = batches.reduce((sum, batch) => sum + batch.events.length, 0);
    this.#health.goDown(failure, events, isProbe);
  }

  #recover(): void {
    this.#isRefusing = false;
    this.#health.recover();
  }

  /** Keeps order: batches in hand are sorted by age. */
  #handBack(batches: readonly Batch[]): void {
    this.#hand.push(...batches);
    this.#hand.sort((a, b) => (a.events[0]?.seq ?? 0) - (b.events[0]?.seq ?? 0));
  }
}
