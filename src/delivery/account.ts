/** The account of one target: what became of each of its events, and who waits to know. */

import type { EventType } from '../model/event.js';
import type { Batch } from '../queue/batch.js';
import type { Recovery, Refusal } from '../queue/delivery-state.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import type { DropReason, Reporter } from '../report.js';
import { type Outcome, type PartialDelivery, requestOutcomeOf } from '../sending/outcome.js';
import { AttemptLog } from './attempt-log.js';
import { Counters } from './counters.js';
import { type Flush, FlushWaiters } from './flush-waiters.js';

/** Books every event once as accepted, and once as what it comes to; what is not settled yet, the queue holds. */
export class Account {
  readonly counters: Counters;
  readonly attempts = new AttemptLog();
  readonly #target: string;
  readonly #report: Reporter;
  readonly #waiters = new FlushWaiters();
  #lastSeq = -1;

  constructor(target: string, report: Reporter) {
    this.#target = target;
    this.#report = report;
    this.counters = new Counters(target, report);
  }

  /** `seq` of the youngest event that was queued. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Whether anybody waits for events to be settled. */
  get isAwaited(): boolean {
    return this.#waiters.size > 0;
  }

  /** The queue has taken an event. */
  accepted(event: EncodedEvent): void {
    this.counters.acceptedByType[event.type]++;
    this.#lastSeq = event.seq;
  }

  /** An event was meant for this target, but never got into its queue. */
  refused(type: EventType, reason: DropReason): DropReason {
    this.counters.acceptedByType[type]++;
    this.counters.drop(reason, 1);
    this.#waiters.lost(Number.POSITIVE_INFINITY);
    return reason;
  }

  /** The queue has found events of an earlier process. */
  recovered({ events, dead, lastSeq }: Recovery): void {
    this.counters.recovered += events + dead;
    this.counters.dead += dead;
    this.#lastSeq = Math.max(this.#lastSeq, lastSeq);
  }

  /** An attempt was made that began at this time, and took so long. */
  attempted(batch: Batch, outcome: Outcome, startedAtMs: number, ms: number): void {
    this.counters.attempted(outcome);
    this.attempts.add(batch, outcome, startedAtMs, ms);
    this.#report({ type: 'requestMade', target: this.#target, outcome: requestOutcomeOf(outcome), ms });
  }

  delivered({ events, body }: Batch, outcome: Extract<Outcome, { kind: 'delivered' }>): void {
    const { ms, status, warning } = outcome;
    this.#delivered(events.length, body, ms, status);
    if (warning !== undefined)
      this.#report({ type: 'receiverWarned', target: this.#target, message: warning });
  }

  /** `batch`: those of the events that were taken, though not all of them may have stayed. */
  partlyDelivered({ events, body }: Batch, { lost, ms, status }: PartialDelivery): void {
    const delivered = events.length - lost;
    if (delivered > 0) this.#delivered(delivered, body, ms, status);
    if (lost > 0) this.lost('rejected', lost, events[0]?.seq);
  }

  /** Events of the queue are gone. `oldestSeq`: the first of them; default: there is none */
  lost(reason: DropReason, events: number, oldestSeq = Number.POSITIVE_INFINITY): void {
    if (events === 0) return;
    this.counters.drop(reason, events);
    this.#waiters.lost(oldestSeq);
  }

  /** Events became dead letters. */
  buried(events: number, oldestSeq: number): void {
    if (events === 0) return;
    this.counters.dead += events;
    this.#waiters.lost(oldestSeq);
  }

  /** The receiver refused events for good; `dead` of them were buried. */
  tellRefused(events: number, dead: number, { status, response }: Refusal): void {
    this.#report({ type: 'eventsRefused', target: this.#target, events, dead, status, response });
  }

  /** Dead letters had to go. */
  forgotten(events: number, reason: DropReason = 'rejected'): void {
    this.counters.dead -= events;
    this.counters.drop(reason, events);
  }

  /** A dead letter is back in the queue. */
  readmitted(event: EncodedEvent): void {
    this.counters.dead--;
    this.#lastSeq = event.seq;
  }

  /**
   * Waits until everything queued so far is settled.
   * @param earlierToo whether a loss counts that came before, and that nobody was told of who waited
   */
  wait(earlierToo: boolean): Flush {
    return this.#waiters.wait(this.#lastSeq, earlierToo);
  }

  /** Answers those who wait for nothing that is still pending. */
  answerWaiters(oldestPendingSeq: number): void {
    this.#waiters.check(oldestPendingSeq);
  }

  /** What they wait for will not be delivered. */
  disappointWaiters(): void {
    this.#waiters.abandon();
  }

  /** Reports losses now rather than a moment later. */
  close(): void {
    this.counters.reportLosses();
  }

  #delivered(events: number, body: Buffer, ms: number, status: number): void {
    this.counters.delivered += events;
    this.counters.lastDeliveryAtMs = Date.now();
    this.#report({ type: 'batchDelivered', target: this.#target, events, bytes: body.length, ms, status });
  }
}
