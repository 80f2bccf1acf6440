/** Counts what became of the events of one target, and reports losses. */

import type { EventType } from '../model/event.js';
import type { DropReason, Reporter, RequestOutcome } from '../report.js';
import { type Outcome, requestOutcomeOf } from '../sending/outcome.js';
import type { TargetStatus } from './status.js';

/** `accepted = delivered + pending + dropped + dead`, where pending is what the queue holds. */
export class Counters {
  /** Of this process, by type; those of an earlier one are `recovered`. */
  readonly acceptedByType: Record<EventType, number> = { logging: 0, lifecycle: 0, operation: 0 };
  recovered = 0;
  dead = 0;
  delivered = 0;
  /** Events that were cut down to fit. */
  truncated = 0;
  /** Attempts by what came of them. */
  readonly requests: Partial<Record<RequestOutcome, number>> = {};
  sentBytes = 0;
  lastDeliveryAtMs: number | undefined;
  lastError: TargetStatus['lastError'];
  readonly #target: string;
  readonly #report: Reporter;
  readonly #dropped = new Map<DropReason, number>();
  readonly #unreported = new Map<DropReason, number>();
  #reporting: NodeJS.Immediate | undefined;

  constructor(target: string, report: Reporter) {
    this.#target = target;
    this.#report = report;
  }

  get accepted(): number {
    const { logging, lifecycle, operation } = this.acceptedByType;
    return logging + lifecycle + operation + this.recovered;
  }

  /** Requests made. */
  get attempts(): number {
    return Object.values(this.requests).reduce((sum, count) => sum + count, 0);
  }

  /** An attempt was made. */
  attempted(outcome: Outcome): void {
    const kind = requestOutcomeOf(outcome);
    this.requests[kind] = (this.requests[kind] ?? 0) + 1;
    this.sentBytes += outcome.sentBytes ?? 0;
    if (outcome.kind !== 'delivered') this.lastError = { ...outcome.error, at: new Date().toISOString() };
  }

  get dropped(): TargetStatus['dropped'] {
    return Object.fromEntries(this.#dropped);
  }

  /** Under load losses come in thousands, from inside log calls: they are reported together, a moment later. */
  drop(reason: DropReason, events: number): void {
    if (events === 0) return;
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + events);
    this.#unreported.set(reason, (this.#unreported.get(reason) ?? 0) + events);
    this.#reporting ??= setImmediate(() => this.reportLosses());
  }

  /** Reports now what is not reported yet. */
  reportLosses(): void {
    clearImmediate(this.#reporting);
    this.#reporting = undefined;
    const losses = [...this.#unreported];
    this.#unreported.clear();
    for (const [reason, events] of losses) {
      this.#report({ type: 'eventsDropped', target: this.#target, events, reason });
    }
  }
}
