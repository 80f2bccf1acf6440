/** Adds rounds of attempts to a sender, behind the same interface. */

import pRetry from 'p-retry';
import type { Batch } from '../queue/batch.js';
import type { Failure, Outcome } from './outcome.js';
import type { Sender } from './sender.js';

/** How a round goes. */
export interface RoundOptions {
  /** Attempts in a round, at least 1. */
  readonly attempts: number;
  /** Waits before the next attempt; resolves to whether there should be one. */
  readonly pause: (batch: Batch, failure: Failure) => Promise<boolean>;
}

/** Carries an outcome through p-retry, which knows failures as errors. */
class RetryableError extends Error {
  constructor(readonly outcome: Failure) {
    super(outcome.error.message);
  }
}

/** Repeats attempts whose outcome is `retryable`; the last outcome is the round's. */
export class RetryingSender implements Sender {
  readonly #sender: Sender;
  readonly #options: RoundOptions;

  constructor(sender: Sender, options: RoundOptions) {
    this.#sender = sender;
    this.#options = options;
  }

  async send(batch: Batch): Promise<Outcome> {
    let goOn = true;
    const attempt = async (): Promise<Outcome> => {
      const outcome = await this.#sender.send(batch);
      if (outcome.kind === 'retryable') throw new RetryableError(outcome);
      return outcome;
    };
    try {
      return await pRetry(attempt, {
        retries: this.#options.attempts - 1,
        minTimeout: 0,
        maxTimeout: 0,
        onFailedAttempt: async ({ error, retriesLeft }) => {
          if (retriesLeft > 0 && error instanceof RetryableError) {
            goOn = await this.#options.pause(batch, error.outcome);
          }
        },
        shouldRetry: ({ error }) => error instanceof RetryableError && goOn,
      });
    } catch (error) {
      if (error instanceof RetryableError) return error.outcome;
      throw error;
    }
  }
}
