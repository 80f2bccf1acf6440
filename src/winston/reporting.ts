/** Hands reports and warnings to listeners, in a way that nothing they do gets in the way of the pipeline. */

import type { EventEmitter } from 'node:events';
import type { Report } from '../report.js';
import { Warnings } from './warnings.js';

/** Emits `report` and `warn` on a transport. */
export class Reporting {
  readonly #emitter: EventEmitter;
  readonly #warnings = new Warnings();
  #reports: Report[] = [];
  #isUnderWay = false;

  constructor(emitter: EventEmitter) {
    this.#emitter = emitter;
  }

  /** Whether listeners run right now: what they log stays out, or it would go round for ever. */
  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** Reports after the call that is under way, which may be a log call or a step of the pipeline. */
  report(report: Report): void {
    this.#reports.push(report);
    if (this.#reports.length === 1) queueMicrotask(() => this.#emitAll());
  }

  #emitAll(): void {
    const reports = this.#reports;
    this.#reports = [];
    this.#isUnderWay = true;
    try {
      for (const report of reports) {
        const failure = this.#emit('report', report);
        if (failure) this.#warn(this.#warnings.listenerFailed(failure.error));
        this.#warn(this.#warnings.warningFor(report));
      }
    } finally {
      this.#isUnderWay = false;
    }
  }

  /** What a listener of warnings throws is swallowed: there is nobody left to tell. */
  #warn(warning: Error | undefined): void {
    if (warning) this.#emit('warn', warning);
  }

  #emit(event: 'report' | 'warn', value: Report | Error): { readonly error: unknown } | undefined {
    try {
      this.#emitter.emit(event, value);
      return undefined;
    } catch (error) {
      return { error };
    }
  }
}
