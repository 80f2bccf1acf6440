/** What a target's state and counts look like from outside. */

import type { DeliveryError, DropReason } from '../report.js';

/**
 * What a target is doing:
 * `idle` (nothing in flight), `sending`, `retrying` (between the attempts of a round), `down` (a round failed;
 * probed now and then), `disabled` (by its settings, or by a 410), `draining` (removed, or closing).
 */
export type TargetState = 'idle' | 'sending' | 'retrying' | 'down' | 'disabled' | 'draining';

/** A snapshot of one target. `accepted = delivered + pending.events + dropped + dead`, always. */
export interface TargetStatus {
  /** Its name in the settings. */
  readonly name: string;
  /** How events are sent: `webhook`. */
  readonly type: string;
  /** Without user name, password, query and fragment. */
  readonly address: string;
  /** The proxy on the way, where there is one, without user name and password. */
  readonly via?: string;
  /** What it is doing. */
  readonly state: TargetState;
  /** Events that this target's filter let through, since the process started. */
  readonly accepted: number;
  /** Of those, events that were found in the spool at the start. */
  readonly recovered: number;
  /** Events that the receiver took. */
  readonly delivered: number;
  /** Events that wait or are on their way. */
  readonly pending: {
    /** How many. */
    readonly events: number;
    /** Bytes of them, serialised. */
    readonly bytes: number;
  };
  /** Events that were lost, by reason; a reason without any is not there. */
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  /** Events in the dead letters. */
  readonly dead: number;
  /** Requests made, pings not counted. */
  readonly attempts: number;
  /** ISO time at which the receiver last took something. */
  readonly lastDeliveryAt?: string;
  /** ISO time at which the oldest pending event was accepted. */
  readonly oldestPendingAt?: string;
  /** ISO time of the next attempt, where the target waits for one. */
  readonly nextAttemptAt?: string;
  /** Latest failure of an attempt; stays after later successes. */
  readonly lastError?: DeliveryError & {
    /** ISO time. */
    readonly at: string;
  };
}

/** A snapshot of a transport. */
export interface TransportStatus {
  /** Events that any target's filter let through, each counted once, since the process started. */
  readonly accepted: number;
  /** Every target; also those that were removed, while they drain or their queue on disk waits for them to come back. */
  readonly targets: TargetStatus[];
}
