/** Remembers the latest attempts of a target. */

import type { Batch } from '../queue/batch.js';
import type { Outcome } from '../sending/outcome.js';

/** One request that was made for a target's events. */
export interface Attempt {
  /** ISO time at which it began. */
  readonly at: string;
  /** How long it took until its answer, or until it failed. */
  readonly ms: number;
  /** HTTP status, when there was an answer. */
  readonly status?: number;
  /** Why it failed, when it did: as in `lastError`. */
  readonly code?: string;
  readonly events: number;
  /** Of the body, before compression. */
  readonly bytes: number;
  readonly webhookId: string;
}

const MAX_ATTEMPTS = 50;

interface Entry extends Omit<Attempt, 'at'> {
  readonly startedAtMs: number;
}

/** A ring: an attempt takes the place of the oldest one. What is shown of it is made when somebody asks. */
export class AttemptLog {
  readonly #ring: Entry[] = [];
  #next = 0;

  add({ events, body, id }: Batch, outcome: Outcome, startedAtMs: number, ms: number): void {
    this.#ring[this.#next] = {
      startedAtMs,
      ms,
      ...(outcome.status !== undefined && { status: outcome.status }),
      ...(outcome.kind !== 'delivered' && { code: outcome.error.code }),
      events: events.length,
      bytes: body.length,
      webhookId: id,
    };
    this.#next = (this.#next + 1) % MAX_ATTEMPTS;
  }

  /** The newest first. */
  list(): Attempt[] {
    return [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)].reverse().map(shown);
  }
}

function shown({ startedAtMs, ms, ...rest }: Entry): Attempt {
  return { at: new Date(startedAtMs).toISOString(), ms: Math.round(ms * 10) / 10, ...rest };
}
