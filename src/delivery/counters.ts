/** Counts what became of the events of one target, and reports losses. */

import type { DeliveryError, DropReason, Reporter } from '../report.js';
import type { TargetStatus } from './status.js';

/** `accepted = delivered + pending + dropped + dead`, where pending is what the queue holds. */
export class Counters {
  accepted = 0;
  recovered = 0;
  dead = 0;
  delivered = 0;
  attempts = 0;
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

  failed(error: DeliveryError): void {
    this.lastError = { ...error, at: new Date().toISOString() };
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
