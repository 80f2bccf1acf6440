/** The attempts that are made under one version of a target's settings. */

import type { Batch } from '../queue/batch.js';
import type { Queue } from '../queue/queue.js';
import type { Outbound } from '../sending/outbound.js';
import type { Failure, Outcome } from '../sending/outcome.js';
import { RetryingSender } from '../sending/retrying-sender.js';
import { HttpSender, type Sender } from '../sending/sender.js';
import type { LogTargetSettings } from '../settings/schema.js';
import type { Account } from './account.js';
import type { Health } from './health.js';

/** What attempts are made with, and told to. */
export interface AttemptsOptions {
  readonly queue: Queue;
  readonly account: Account;
  readonly health: Health;
  readonly outbound: Outbound;
}

/** Of an attempt that was not made: whoever asked for it has other settings by now, or is closed. */
const calledOff: Failure = {
  kind: 'retryable',
  error: { code: 'ECANCELED', message: 'the settings have changed' },
};

/** Sends in rounds while a target is up and nobody waits for its end, else one attempt at a time. */
export class Attempts implements Sender {
  readonly #queue: Queue;
  readonly #account: Account;
  readonly #health: Health;
  readonly #http: HttpSender;
  readonly #rounds: Sender;
  #isEnded = false;
  #isAborted = false;

  constructor(settings: LogTargetSettings, { queue, account, health, outbound }: AttemptsOptions) {
    this.#queue = queue;
    this.#account = account;
    this.#health = health;
    this.#http = new HttpSender(settings, outbound);
    this.#rounds = new RetryingSender(
      { send: (batch) => this.#attempt(batch) },
      {
        attempts: settings.retry_count,
        pause: (batch, failure) => health.pauseRound(failure, batch.events.length),
      },
    );
  }

  /** Whether requests are in flight. */
  get isBusy(): boolean {
    return this.#http.isBusy;
  }

  /** The outcome of the last attempt. */
  send(batch: Batch): Promise<Outcome> {
    const isSingle = this.#health.isDown || this.#health.isQuick;
    this.#health.attempting();
    return isSingle ? this.#attempt(batch) : this.#rounds.send(batch);
  }

  /** No more are made, also of those that wait for the disk; those in flight end as they began. */
  end(): void {
    this.#isEnded = true;
    this.#health.end();
    this.#http.end();
  }

  /** Breaks off those in flight, too, untold. */
  abort(): void {
    this.#isAborted = true;
    this.end();
    this.#http.abort();
  }

  async #attempt(batch: Batch): Promise<Outcome> {
    const preparation = this.#queue.beforeAttempt(batch);
    if (preparation) {
      await preparation;
      if (this.#isEnded) return calledOff;
    }
    const [startedAtMs, startedAt] = [Date.now(), performance.now()];
    const outcome = await this.#http.send(batch);
    if (this.#isAborted) return outcome;
    this.#account.attempted(batch, outcome, startedAtMs, performance.now() - startedAt);
    if (outcome.kind !== 'delivered') this.#queue.stateChanged();
    return outcome;
  }
}
