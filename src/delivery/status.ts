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
  readonly name: string;
  readonly type: string;
  /** Without user name, password, query and fragment. */
  readonly address: string;
  /** The proxy on the way, where there is one, without user name and password. */
  readonly via?: string;
  readonly state: TargetState;
  /** Events that this target's filter let through, since the process started. */
  readonly accepted: number;
  /** Of those, events that were found in the spool at the start. */
  readonly recovered: number;
  readonly delivered: number;
  readonly pending: { readonly events: number; readonly bytes: number };
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  /** Events in the dead letters. */
  readonly dead: number;
  /** Requests made, pings not counted. */
  readonly attempts: number;
  /** ISO time. */
  readonly lastDeliveryAt?: string;
  /** ISO time at which the oldest pending event was accepted. */
  readonly oldestPendingAt?: string;
  /** ISO time. */
  readonly nextAttemptAt?: string;
  /** Latest failure of an attempt; stays after later successes. */
  readonly lastError?: DeliveryError & { readonly at: string };
}
