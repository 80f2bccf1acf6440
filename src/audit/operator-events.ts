/** Tells targets what becomes of the others: somebody should hear of it who does not look at this service. */

import type { LifecycleEvent } from '../model/event.js';
import type { DropReason, Report } from '../report.js';
import type { Dispatcher } from '../targets/dispatcher.js';

/** Each target and action has one a minute; what a minute held back is told at its end, if it still is so. */
const INTERVAL_MS = 60_000;

type State = 'up' | 'down' | 'disabled';

const actions = {
  up: 'log-target-recovered',
  down: 'log-target-down',
  disabled: 'log-target-disabled',
} as const;

const DROPPING = 'log-target-dropping';

/** What is known of one target. */
interface Known {
  state: State;
  /** The state that the others know of. */
  told: State;
  code: string;
  reason: string;
  /** Events dropped since that was last told, by reason. */
  readonly dropped: Map<DropReason, number>;
  /** As `performance.now()`, by action. */
  readonly toldAtMs: Map<string, number>;
  timer: NodeJS.Timeout | undefined;
}

/** What operator events need. */
export interface OperatorEventsOptions {
  readonly dispatcher: Dispatcher;
  readonly location: string | undefined;
  /** Know how many events a target holds. */
  readonly holders: { pendingOf(target: string): number };
  readonly isSilent: () => boolean;
}

/** Makes lifecycle events of reports, and gives them to all targets but the one that they are about. */
export class OperatorEvents {
  readonly #options: OperatorEventsOptions;
  readonly #known = new Map<string, Known>();

  constructor(options: OperatorEventsOptions) {
    this.#options = options;
  }

  /** Takes note of a report. It may come from the middle of a log call: what follows from it does so later. */
  take(report: Report): void {
    switch (report.type) {
      case 'targetDown':
      case 'targetDisabled':
        this.#changed(report.target, report.type === 'targetDown' ? 'down' : 'disabled', report.error);
        break;
      case 'targetUp':
        this.#changed(report.target, 'up');
        break;
      case 'eventsDropped':
        this.#dropped(report.target, report.reason, report.events);
        break;
      case 'reloaded':
        for (const target of report.removed) this.#forget(target);
        // New settings end a 410: that it works again is told when it does.
        for (const target of report.changed) this.#reconfigured(target);
    }
  }

  #changed(target: string, state: State, error?: { readonly code: string; readonly message: string }): void {
    const known = this.#of(target);
    known.state = state;
    if (error) [known.code, known.reason] = [error.code, error.message];
    queueMicrotask(() => this.#tell(target, known));
  }

  #dropped(target: string, reason: DropReason, events: number): void {
    if (reason === 'shutdown') return; // nobody is left to be told
    const known = this.#of(target);
    known.dropped.set(reason, (known.dropped.get(reason) ?? 0) + events);
    queueMicrotask(() => this.#tell(target, known));
  }

  #reconfigured(target: string): void {
    const known = this.#known.get(target);
    if (known?.state === 'disabled') known.state = 'down';
  }

  #forget(target: string): void {
    clearTimeout(this.#known.get(target)?.timer);
    this.#known.delete(target);
  }

  #of(target: string): Known {
    const known = this.#known.get(target) ?? {
      state: 'up',
      told: 'up',
      code: '',
      reason: '',
      dropped: new Map(),
      toldAtMs: new Map(),
      timer: undefined,
    };
    this.#known.set(target, known);
    return known;
  }

  #tell(target: string, known: Known): void {
    if (this.#options.dispatcher.tap.isEnded) return;
    const waits: number[] = [];
    const { state, code, reason, dropped } = known;
    // A target that was disabled is tried again under new settings: nobody needs to hear that it is down meanwhile.
    const isNews = state !== known.told && !(known.told === 'disabled' && state === 'down');
    if (isNews) {
      const wait = this.#waitMs(known, actions[state]);
      if (wait > 0) waits.push(wait);
      else {
        known.told = state;
        this.#record(known, target, actions[state], {
          code,
          reason,
          events: this.#options.holders.pendingOf(target),
        });
      }
    }
    if (dropped.size > 0) {
      const wait = this.#waitMs(known, DROPPING);
      if (wait > 0) waits.push(wait);
      else {
        const events = [...dropped.values()].reduce((sum, each) => sum + each, 0);
        const reasons = [...dropped.keys()].join(', ');
        dropped.clear();
        this.#record(known, target, DROPPING, { code: 'EVENTS_DROPPED', reason: reasons, events });
      }
    }
    clearTimeout(known.timer);
    if (waits.length > 0)
      known.timer = setTimeout(() => this.#tell(target, known), Math.min(...waits)).unref();
  }

  #waitMs({ toldAtMs }: Known, action: string): number {
    const lastMs = toldAtMs.get(action);
    return lastMs === undefined ? 0 : lastMs + INTERVAL_MS - performance.now();
  }

  #record(
    { toldAtMs }: Known,
    target: string,
    action: string,
    context: { code: string; reason: string; events: number },
  ): void {
    toldAtMs.set(action, performance.now());
    if (this.#options.isSilent()) return;
    const { dispatcher, location } = this.#options;
    const nowMs = Date.now();
    const event: LifecycleEvent = {
      type: 'lifecycle',
      time: new Date(nowMs).toISOString(),
      ...(location !== undefined && { location }),
      action,
      entities: [`/1.0/log-targets/${encodeURIComponent(target)}`],
      context: { ...context, events: String(context.events) },
    };
    void dispatcher.acceptLifecycle(event, nowMs, target);
  }
}
