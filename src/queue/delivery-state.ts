/** What of a target must survive the process, beside its events. */

import type { Batch } from './batch.js';

/** Why a receiver would not have an event. */
export interface Refusal {
  /** HTTP status. */
  readonly status: number | undefined;
  /** The beginning of the answer's body. */
  readonly response: string;
}

/** When to try a target again that was down when the process ended. */
export interface PlannedAttempt {
  readonly delayMs: number;
  /** How long the receiver wants to be left alone. */
  readonly patienceMs: number;
  /** Of the settings under which that is so. */
  readonly fingerprint: number;
  /** How many probes have failed. */
  readonly probes: number;
}

/** What a queue found on disk. */
export interface Recovery {
  /** Those of `batches` included. */
  readonly events: number;
  /** Taken before, with their ids and bytes; to be sent before anything else. */
  readonly batches: readonly Batch[];
  readonly attempt: PlannedAttempt | undefined;
  /** Events among the dead letters. */
  readonly dead: number;
  /** `seq` of the youngest event. */
  readonly lastSeq: number;
}

/** What of a target must survive beside its events. */
export interface DeliveryState {
  /** Those that were taken and are not settled. */
  readonly batches: readonly Batch[];
  readonly attempt: PlannedAttempt | undefined;
  readonly type: string;
  /** Without secrets. */
  readonly address: string;
}
