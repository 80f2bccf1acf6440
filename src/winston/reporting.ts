/** Hands reports and warnings to listeners, in a way that nothing they do gets in the way of the pipeline. */

import type { EventEmitter } from 'node:events';
import { OperatorEvents, type OperatorEventsOptions } from '../audit/operator-events.js';
import type { LogTargetsError } from '../errors.js';
import type { Report } from '../report.js';
import type { AttachedLogger } from './attached-loggers.js';
import { Echoes } from './echoes.js';
import { UnheardWarnings } from './unheard.js';
import { Warnings } from './warnings.js';

/** Emits `report` on a transport, and `warn` on it and on its loggers; a warning that nobody hears goes to the process. */
export class Reporting {
  /** What listeners log. */
  readonly echoes: Echoes;
  readonly #transport: EventEmitter;
  readonly #loggers: Iterable<AttachedLogger>;
  readonly #warnings = new Warnings();
  readonly #unheard = new UnheardWarnings();
  #reports: Report[] = [];
  #operatorEvents: OperatorEvents | undefined;

  constructor(transport: EventEmitter, loggers: Iterable<AttachedLogger>) {
    this.#transport = transport;
    this.#loggers = loggers;
    this.echoes = new Echoes(loggers);
    // Winston has warnings emitted again by the first logger only that a transport was ever added to.
    Object.defineProperty(transport, '__winstonwarn', { value: true, configurable: true, writable: true });
  }

  /** Tells targets of each other from now on. */
  tellTargets(options: OperatorEventsOptions): void {
    this.#operatorEvents = new OperatorEvents(options);
  }

  /** Reports after the call that is under way, which may be a log call or a step of the pipeline. */
  readonly report = (report: Report): void => {
    this.#operatorEvents?.take(report);
    this.#reports.push(report);
    if (this.#reports.length === 1) queueMicrotask(() => this.#tellAll());
  };

  #tellAll(): void {
    const reports = this.#reports;
    this.#reports = [];
    const tell = () => {
      for (const report of reports) this.#tell(report);
    };
    if (this.#hasListeners) this.echoes.during(tell);
    else tell();
  }

  get #hasListeners(): boolean {
    return this.#transport.listenerCount('report') > 0 || this.#areWarningsHeard;
  }

  get #areWarningsHeard(): boolean {
    const emitters = [this.#transport, ...this.#loggers];
    return emitters.some((emitter) => emitter.listenerCount('warn') > 0);
  }

  #tell(report: Report): void {
    const failure = emitTo(this.#transport, 'report', report);
    if (failure) this.#warn(this.#warnings.listenerFailed(failure.error));
    this.#warn(this.#warnings.warningFor(report));
  }

  /** What a listener of warnings throws is swallowed: there is nobody left to tell. */
  #warn(warning: LogTargetsError | undefined): void {
    if (warning === undefined) return;
    if (!this.#areWarningsHeard) {
      this.#unheard.show(warning);
      return;
    }
    emitTo(this.#transport, 'warn', warning);
    for (const logger of this.#loggers) emitTo(logger, 'warn', warning, this.#transport);
  }
}

function emitTo(
  emitter: EventEmitter,
  event: 'report' | 'warn',
  ...values: unknown[]
): { readonly error: unknown } | undefined {
  try {
    emitter.emit(event, ...values);
    return undefined;
  } catch (error) {
    return { error };
  }
}
