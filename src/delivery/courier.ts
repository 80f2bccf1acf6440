/** Puts a target's batches in flight and acts on their outcomes. */

import type { Formats } from '../formats/formats.js';
import { type Batch, halve } from '../queue/batch.js';
import type { PlannedAttempt } from '../queue/delivery-state.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import type { Queue } from '../queue/queue.js';
import type { DeliveryError, Reporter } from '../report.js';
import type { Outbound } from '../sending/outbound.js';
import type { Failure, Outcome, PartialDelivery } from '../sending/outcome.js';
import type { LogTargetSettings } from '../settings/schema.js';
import type { Account } from './account.js';
import { Attempts } from './attempts.js';
import type { Flush } from './flush-waiters.js';
import { Hand } from './hand.js';
import { Health } from './health.js';
import { Packer } from './packer.js';
import { partsOf } from './parts.js';
import { Refusals } from './refusals.js';
import { Suspects } from './suspects.js';
import { Work } from './turns.js';

/** What a courier works with: all of one target. */
export interface CourierOptions {
  readonly queue: Queue;
  readonly account: Account;
  readonly report: Reporter;
  readonly outbound: Outbound;
  readonly formats: Formats;
}

/**
 * A batch is in one of three places: in flight; in hand (to be sent next, oldest first, before anything new is
 * taken); or under suspicion. It leaves them by being delivered, rejected or split.
 */
export class Courier {
  readonly #queue: Queue;
  readonly #account: Account;
  readonly #report: Reporter;
  readonly #outbound: Outbound;
  readonly #packer: Packer;
  readonly #inFlight = new Set<Batch>();
  readonly #suspects = new Suspects((guilty) => {
    for (const batch of guilty) this.#refusals.bury(batch);
  });
  readonly #refusals: Refusals;
  readonly #hand = new Hand();
  #settings: LogTargetSettings;
  #health: Health;
  #attempts: Attempts;
  /** Those under older settings that are still in flight. */
  #ended: Attempts[] = [];
  /** Went down because single events were refused. */
  #isRefusing = false;

  readonly #soon = new Work(() => this.#work());
  #isClosed = false;

  constructor(settings: LogTargetSettings, { queue, account, report, outbound, formats }: CourierOptions) {
    this.#queue = queue;
    this.#account = account;
    this.#report = report;
    this.#outbound = outbound;
    this.#refusals = new Refusals(queue, account);
    this.#settings = settings;
    this.#packer = new Packer(settings, { queue, formats, onDue: () => this.#scheduleWork() });
    this.#health = new Health(settings, report, () => this.#scheduleWork());
    this.#attempts = new Attempts(settings, { queue, account, health: this.#health, outbound });
  }

  /** What its target is doing, as far as that depends on the receiver. */
  get state(): 'disabled' | 'down' | 'retrying' | 'sending' | 'idle' {
    if (!this.#settings.enabled || this.#health.isGone) return 'disabled';
    if (this.#health.isDown) return 'down';
    if (this.#health.isRetrying) return 'retrying';
    return this.#inFlight.size > 0 ? 'sending' : 'idle';
  }

  /** Whether waiting could get rid of what the queue holds. */
  get canDeliver(): boolean {
    return this.#settings.enabled && !this.#health.isGone && !this.#health.isGivenUp;
  }

  /** Milliseconds since the epoch; `undefined` when nothing waits. */
  get nextAttemptAtMs(): number | undefined {
    return this.#health.nextAttemptAtMs;
  }

  /** When to try again, should the process be started anew; `undefined`: at once. */
  get planned(): Omit<PlannedAttempt, 'fingerprint'> | undefined {
    return this.#health.planned;
  }

  /** Bytes of the largest event that fits into a body. */
  get maxEventBytes(): number {
    return this.#packer.maxEventBytes;
  }

  /** Batches that were taken and are not settled. */
  get batches(): Batch[] {
    return [...this.#inFlight, ...this.#hand.batches, ...this.#suspects.batches];
  }

  /** The oldest event that is not settled; `undefined` also while it is read from disk. */
  get oldestPending(): EncodedEvent | undefined {
    const taken = this.batches.map((batch) => batch.events[0]);
    return [...taken, this.#queue.peek()].reduce(
      (oldest, event) => (event && (!oldest || event.seq < oldest.seq) ? event : oldest),
      undefined,
    );
  }

  /** An event was added to the queue. Batches are made outside of log calls, which may be in the middle of a burst. */
  added(): void {
    this.#packer.added();
    if (!this.#soon.isPlanned && this.#packer.isDue && this.#isFree) this.#scheduleWork();
  }

  /** The queue can be read further than before. */
  readable(): void {
    this.#packer.added();
    this.#scheduleWork();
  }

  /** Sends what was queued up to now without waiting for company. */
  sendNow(): void {
    this.#packer.makeDue(this.#account.lastSeq);
    this.#scheduleWork();
  }

  /** Sends what waits, and tells when everything queued so far is settled; `earlierToo`: as `Account.wait`. */
  flush(earlierToo = false): Flush {
    const flush = this.#account.wait(earlierToo);
    this.#answerWaiters();
    this.sendNow();
    return flush;
  }

  /** Retries in quick succession from now on: somebody is about to leave. */
  retryQuickly(): void {
    if (!this.#health.isQuick) this.#health.retryQuickly();
    this.sendNow();
  }

  /** Makes the next attempt now instead of when it is due. */
  retryNow(): void {
    this.#health.retryNow();
  }

  /** Nobody leaves after all. */
  retryAsUsual(): void {
    this.#health.retryAsUsual();
  }

  /**
   * Uses new settings from the next attempt on, which is made at once. What is in flight ends as it began; when it
   * fails, that says nothing about the new settings.
   */
  reconfigure(settings: LogTargetSettings): void {
    const [health, attempts] = [this.#health, this.#attempts];
    this.#settings = settings;
    this.#packer.use(settings);
    this.#isRefusing = false;
    this.#health = new Health(settings, this.#report, () => this.#scheduleWork(), health);
    const [queue, account, outbound] = [this.#queue, this.#account, this.#outbound];
    this.#attempts = new Attempts(settings, { queue, account, health: this.#health, outbound });
    this.#hand.add(...this.#suspects.acquit());
    attempts.end();
    this.#ended = [...this.#ended, attempts].filter((each) => each.isBusy);
    this.#scheduleWork();
  }

  /** Goes on with what an earlier process had taken, no sooner than it had planned to. */
  restore(batches: readonly Batch[], attempt: Omit<PlannedAttempt, 'fingerprint'> | undefined): void {
    this.#hand.add(...batches.map((batch) => this.#packer.restore(batch)));
    if (attempt) this.#health.resume(attempt);
    this.readable();
  }

  /** Gives up batches that wait for another attempt, when all of their events are too old; returns the events. */
  expire(isTooOld: (event: EncodedEvent) => boolean): readonly EncodedEvent[] {
    return this.#hand.drop(isTooOld);
  }

  /** Ends all activity; returns the batches that were not settled. */
  close(): Batch[] {
    this.#isClosed = true;
    this.#soon.cancel();
    this.#packer.stop();
    this.#suspects.convict();
    const left = this.batches;
    this.#hand.clear();
    this.#inFlight.clear();
    for (const attempts of [...this.#ended, this.#attempts]) attempts.abort();
    return left;
  }

  #scheduleWork(): void {
    if (!this.#isClosed) this.#soon.plan();
  }

  /** Puts batches in flight as long as there are any and there may be more. */
  #work(): void {
    while (this.#isFree) {
      const batch = this.#hand.take() ?? this.#packer.take();
      if (batch === undefined) break;
      this.#suspects.postpone();
      void this.#deliver(batch);
    }
    if (this.#isOutOfWork) this.#suspects.await();
    this.#answerWaiters();
  }

  /** Whether another batch could start right now. */
  get #isFree(): boolean {
    return (
      this.#settings.enabled &&
      this.#inFlight.size < this.#settings.concurrency &&
      this.#health.mayAttempt(this.#inFlight.size)
    );
  }

  get #isOutOfWork(): boolean {
    return this.#inFlight.size === 0 && this.#hand.isEmpty && this.#queue.waitingEvents === 0;
  }

  async #deliver(batch: Batch): Promise<void> {
    const health = this.#health;
    const isProbe = health.isDown;
    this.#inFlight.add(batch);
    const outcome = await this.#attempts.send(batch);
    if (!this.#inFlight.delete(batch)) return; // closed meanwhile
    if (outcome.kind === 'delivered') {
      this.#delivered(batch, outcome);
      this.#suspects.convict();
      if (health === this.#health) this.#recover();
    } else if (outcome.kind === 'partial') this.#partlyDelivered(batch, outcome, health, isProbe);
    else if (health === this.#health) this.#failed(batch, outcome, isProbe);
    else this.#hand.add(batch);
    this.#work();
  }

  #delivered(batch: Batch, outcome: Extract<Outcome, { kind: 'delivered' }>): void {
    this.#queue.release(batch.events);
    this.#account.delivered(batch, outcome);
    this.#packer.accepted(batch);
  }

  /** Where nothing was taken, it is not clear yet whether the events are at fault. */
  #partlyDelivered(batch: Batch, outcome: PartialDelivery, health: Health, isProbe: boolean): void {
    const isCurrent = health === this.#health;
    const { taken, refused, again, isPutOff } = partsOf(batch, outcome);
    const failure = { ...outcome, kind: 'rejected' as const };
    if (taken.length === 0 && (this.#isRefusing || !isCurrent)) {
      if (isCurrent) this.#goDown([batch], failure, isProbe);
      else this.#hand.add(batch);
      return;
    }
    for (const [single, refusal] of refused) this.#refusals.note(single, refusal);
    if (again) this.#hand.add(again);
    if (isCurrent) this.#recover();
    if (isPutOff && isCurrent && again) health.putOff(outcome.error, again.events.length);
    if (taken.length === 0) {
      const singles = refused.map(([single]) => single);
      this.#suspect(singles, failure, isProbe);
      return;
    }
    this.#queue.release(taken);
    this.#account.partlyDelivered({ ...batch, events: taken }, outcome);
    this.#suspects.convict();
    for (const [single] of refused) this.#refusals.bury(single);
  }

  #failed(batch: Batch, failure: Failure, isProbe: boolean): void {
    switch (failure.kind) {
      case 'retryable':
      case 'misconfigured':
        this.#goDown([batch], failure, isProbe);
        break;
      case 'gone':
        this.#hand.add(batch);
        this.#health.disable(failure.error);
        break;
      case 'tooLarge':
        this.#refusals.remember(batch, failure);
        this.#tooLarge(batch, failure.error);
        break;
      case 'rejected':
        this.#refusals.remember(batch, failure);
        this.#rejected(batch, failure, isProbe);
    }
  }

  #tooLarge(batch: Batch, error: DeliveryError): void {
    this.#recover();
    if (batch.events.length === 1) {
      this.#refusals.bury(batch);
    } else {
      this.#packer.refused(batch);
      this.#split(batch, error);
    }
  }

  #rejected(batch: Batch, failure: Failure, isProbe: boolean): void {
    if (this.#isRefusing) {
      this.#goDown([batch], failure, isProbe);
      return;
    }
    this.#recover();
    if (batch.events.length > 1) this.#split(batch, failure.error);
    else this.#suspect([batch], failure, isProbe);
  }

  /** What comes back from the dead letters was found guilty before: it says nothing of the configuration. */
  #suspect(batches: readonly Batch[], failure: Failure, isProbe: boolean): void {
    for (const batch of batches) if (batch.events[0]?.isReturned) this.#refusals.bury(batch);
    const acquitted = this.#suspects.add(...batches.filter(({ events }) => !events[0]?.isReturned));
    if (acquitted === undefined) return;
    this.#isRefusing = true;
    this.#goDown(acquitted, failure, isProbe);
  }

  #split(batch: Batch, error: DeliveryError): void {
    const parts = halve(batch);
    const { name: target } = this.#settings;
    const events = batch.events.length;
    this.#report({ type: 'batchSplit', target, events, parts: parts.length, error });
    this.#hand.add(...parts);
  }

  #goDown(batches: readonly Batch[], failure: Failure, isProbe: boolean): void {
    this.#hand.add(...batches);
    const events = batches.reduce((sum, batch) => sum + batch.events.length, 0);
    this.#health.goDown(failure, events, isProbe);
  }

  #recover(): void {
    this.#isRefusing = false;
    this.#health.recover();
  }

  /** Those who wait for what cannot be delivered any more need not wait. */
  #answerWaiters(): void {
    if (!this.#account.isAwaited) return;
    if (this.#health.isQuick && !this.canDeliver) this.#account.disappointWaiters();
    if (this.#isOutOfWork) this.#suspects.convict();
    const taken = this.batches.map((batch) => batch.events[0]?.seq ?? Number.POSITIVE_INFINITY);
    this.#account.answerWaiters(Math.min(...taken, this.#queue.oldestSeq));
  }
}
