/** Whether a target can be sent to, and if not, when to try next. */

import { MAX_TIMER_MS, timerMs } from '../model/duration.js';
import type { PlannedAttempt } from '../queue/delivery-state.js';
import type { DeliveryError, Reporter } from '../report.js';
import type { Failure } from '../sending/outcome.js';
import type { LogTargetSettings } from '../settings/schema.js';
import { hurriedPauseMs, probePauseMs, roundPauseMs } from './backoff.js';
import { isHopeless } from './hopeless.js';
import { Pause } from './pause.js';

/**
 * `up`; `down` after a failed round or an answer that shows a wrong configuration: one probe at a time, after
 * growing pauses, until the receiver answers as it should; `gone` after a 410: nothing until the settings change.
 *
 * `Retry-After` holds for the whole target, in every state; only new settings end it.
 */
export class Health {
  readonly #settings: LogTargetSettings;
  readonly #report: Reporter;
  readonly #onProbe: () => void;
  readonly #pause = new Pause();
  #state: 'up' | 'down' | 'gone' = 'up';
  #isQuick = false;
  #isProbeDue = false;
  /** Whether a part of a batch waits. */
  #isPuttingOff = false;
  #probes = 0;
  #probeTimer: NodeJS.Timeout | undefined;
  #pausedAttempts = 0;
  /** As `performance.now()`: when the first of the failures came that have had no success since. */
  #failingSinceMs: number | undefined;
  /** The latest failure was one that nobody need wait for. */
  #isHopeless = false;
  /** As `performance.now()`. */
  #notBeforeMs = 0;
  #nextAttemptAtMs = 0;
  /** As `performance.now()`. */
  #probeAtMs = 0;
  #isOver = false;

  /**
   * Health under these settings.
   * @param before health under the settings before: what was not up is tried at once, and is down until it answers
   * @param onProbe called when a probe is due
   */
  constructor(settings: LogTargetSettings, report: Reporter, onProbe: () => void, before?: Health) {
    this.#settings = settings;
    this.#report = report;
    this.#onProbe = onProbe;
    if (before === undefined || before.isUp) return;
    this.#become('down');
    this.#isProbeDue = true;
  }

  get isUp(): boolean {
    return this.#state === 'up';
  }

  get isDown(): boolean {
    return this.#state === 'down';
  }

  get isGone(): boolean {
    return this.#state === 'gone';
  }

  /** Whether an attempt of a round waits for its turn. */
  get isRetrying(): boolean {
    return this.#pausedAttempts > 0 || this.#isPuttingOff;
  }

  /** Whether a failed attempt is followed by short pauses instead of a round. */
  get isQuick(): boolean {
    return this.#isQuick;
  }

  /** Whether somebody waited, and waits in vain: nothing is tried any more as long as it is so. */
  get isGivenUp(): boolean {
    return this.#isQuick && this.#isHopeless;
  }

  /** Milliseconds since the epoch; `undefined` when nothing waits. */
  get nextAttemptAtMs(): number | undefined {
    return (this.isDown && !this.#isProbeDue) || this.isRetrying ? this.#nextAttemptAtMs : undefined;
  }

  /** When to try again, should the process be started anew; `undefined`: at once. */
  get planned(): Omit<PlannedAttempt, 'fingerprint'> | undefined {
    const probeMs = this.isDown ? this.#probeAtMs - performance.now() : 0;
    const delayMs = Math.max(probeMs, this.#patienceMs());
    return delayMs > 0 ? { delayMs, patienceMs: this.#patienceMs(), probes: this.#probes } : undefined;
  }

  /** Goes on where an earlier process left off. */
  resume({ delayMs, patienceMs, probes }: Omit<PlannedAttempt, 'fingerprint'>): void {
    if (this.#state !== 'up' || this.#isOver) return;
    this.#become('down');
    this.#probes = probes;
    this.#nextAttemptAtMs = Date.now() + delayMs;
    this.#notBeforeMs = performance.now() + patienceMs;
    this.#failingSinceMs = 0;
    this.#probeAfter(delayMs);
  }

  /** Whether an attempt may start now, beside `inFlight` others. */
  mayAttempt(inFlight: number): boolean {
    if (this.#state === 'gone' || this.#isOver || this.isGivenUp) return false;
    if (this.#state === 'down') return this.#isProbeDue && inFlight === 0;
    return this.#patienceMs() === 0 && !this.#isPuttingOff;
  }

  /** To be called when an attempt starts. */
  attempting(): void {
    this.#isProbeDue = false;
  }

  /** Waits between two attempts of a round; resolves to whether the round goes on. */
  async pauseRound(failure: Failure, events: number): Promise<boolean> {
    this.#note(failure);
    if (!this.#roundGoesOn()) return false;
    const delayMs = Math.max(roundPauseMs(timerMs(this.#settings.retry_timeout)), this.#patienceMs());
    this.#announce(failure.error, events, delayMs);
    this.#pausedAttempts++;
    await this.#pause.wait(delayMs);
    while (this.#roundGoesOn() && this.#patienceMs() > 0) await this.#pause.wait(this.#patienceMs());
    this.#pausedAttempts--;
    return this.#roundGoesOn();
  }

  /**
   * A round or a probe failed, or an answer showed that the configuration is wrong.
   * @param isProbe the attempt began while the target was down. Others that were in flight when it went down tell
   * nothing new: they must not make the pauses longer
   */
  goDown(failure: Failure, events: number, isProbe: boolean): void {
    this.#note(failure);
    if (this.#state === 'gone' || (this.#state === 'down' && !isProbe)) return;
    const retryTimeoutMs = timerMs(this.#settings.retry_timeout);
    const pauseMs = this.#isQuick
      ? hurriedPauseMs(retryTimeoutMs)
      : probePauseMs(retryTimeoutMs, this.#probes++, this.#failingMs());
    const delayMs = Math.max(pauseMs, this.#patienceMs());
    if (this.#state === 'down') {
      this.#probeAfter(delayMs);
      this.#announce(failure.error, events, delayMs);
    } else {
      this.#become('down');
      this.#probeAfter(delayMs);
      this.#nextAttemptAtMs = Date.now() + delayMs;
      const nextAttemptAt = new Date(this.#nextAttemptAtMs).toISOString();
      this.#report({ type: 'targetDown', target: this.#settings.name, error: failure.error, nextAttemptAt });
    }
  }

  /** A part of a batch was not taken, for now: nothing is sent for as long as between two attempts of a round. */
  putOff(error: DeliveryError, events: number): void {
    if (this.#state !== 'up' || this.#isOver) return;
    const retryTimeoutMs = timerMs(this.#settings.retry_timeout);
    const delayMs = this.#isQuick ? hurriedPauseMs(retryTimeoutMs) : roundPauseMs(retryTimeoutMs);
    this.#announce(error, events, delayMs);
    this.#isPuttingOff = true;
    this.#probeAfter(delayMs);
  }

  /** The receiver answered as a receiver of events does. */
  recover(): void {
    this.#probes = 0;
    this.#failingSinceMs = undefined;
    this.#isHopeless = false;
    if (this.#state !== 'down') return;
    this.#become('up');
    // Another answer may have asked for patience: then nobody but this timer would go on.
    if (this.#patienceMs() > 0) this.#probeAfter(this.#patienceMs());
    this.#report({ type: 'targetUp', target: this.#settings.name });
  }

  /** The receiver wants nothing any more. */
  disable(error: DeliveryError): void {
    this.#become('gone');
    this.#report({ type: 'targetDisabled', target: this.#settings.name, error });
  }

  /** Tries at once, unless the receiver asked for patience, and with short pauses from then on. */
  retryQuickly(): void {
    this.#isQuick = true;
    this.#isHopeless = false;
    if (this.#patienceMs() === 0 || this.isDown) this.#probe();
  }

  /** Tries at once, whatever the receiver asked for: a person wants it so. After a 410 new settings are needed. */
  retryNow(): void {
    if (this.#state === 'gone' || this.#isOver) return;
    this.#notBeforeMs = 0;
    this.#probe();
  }

  /** Nobody waits any more. */
  retryAsUsual(): void {
    this.#isQuick = false;
  }

  /** Ends all waiting, for good. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#probeTimer);
    this.#pause.end();
  }

  /** The one place where the state changes. No probe is due, or planned, in a state that has just begun. */
  #become(state: 'up' | 'down' | 'gone'): void {
    this.#state = state;
    this.#isProbeDue = false;
    this.#isPuttingOff = false;
    clearTimeout(this.#probeTimer);
  }

  #probe(): void {
    clearTimeout(this.#probeTimer);
    const patienceMs = this.#patienceMs();
    if (patienceMs > 0) {
      this.#probeAfter(patienceMs);
      return;
    }
    this.#isProbeDue = true;
    this.#isPuttingOff = false;
    this.#pause.end();
    this.#onProbe();
  }

  #probeAfter(delayMs: number): void {
    clearTimeout(this.#probeTimer);
    this.#probeAtMs = performance.now() + delayMs;
    this.#probeTimer = setTimeout(() => this.#probe(), Math.min(delayMs, MAX_TIMER_MS)).unref();
  }

  #roundGoesOn(): boolean {
    return !this.#isOver && !this.#isQuick;
  }

  #note(failure: Failure): void {
    this.#failingSinceMs ??= performance.now();
    this.#isHopeless = isHopeless(failure);
    if (failure.kind !== 'retryable' || failure.retryAfterMs === undefined) return;
    this.#notBeforeMs = Math.max(this.#notBeforeMs, performance.now() + failure.retryAfterMs);
  }

  #failingMs(): number {
    return performance.now() - (this.#failingSinceMs ?? 0);
  }

  /** Milliseconds for which the receiver wants to be left alone. */
  #patienceMs(): number {
    return Math.max(this.#notBeforeMs - performance.now(), 0);
  }

  #announce(error: DeliveryError, events: number, delayMs: number): void {
    this.#nextAttemptAtMs = Date.now() + delayMs;
    this.#report({ type: 'batchRetried', target: this.#settings.name, events, delayMs, error });
  }
}
