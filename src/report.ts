/** Everything that the transport reports about itself: one union, discriminated by `type`. */

import type { Problem } from './errors.js';

/** Why an event was dropped. */
export type DropReason =
  | 'queue-full'
  | 'too-old'
  | 'shutdown'
  | 'target-removed'
  | 'rejected'
  | 'unserializable'
  /** Could not be read back from a damaged spool. */
  | 'damaged'
  /** A dead letter that somebody wanted no more. */
  | 'discarded';

/** Why a listener of the event stream was dropped. */
export type ListenerDropReason = 'behind' | 'no-pong' | 'sent-data' | 'sent-away';

/**
 * What an attempt to send a batch can come to:
 * - `delivered`: 2xx
 * - `retryable`: network, TLS, timeout, 408, 425, 429, 5xx
 * - `misconfigured`: 401, 403, 404, 407, 3xx, or a way that is closed; the events are fine
 * - `too_large`: 413
 * - `rejected`: any other 4xx, or an answer that refuses some of the events
 * - `gone`: 410
 */
export type RequestOutcome = 'delivered' | 'retryable' | 'misconfigured' | 'too_large' | 'rejected' | 'gone';

/** What went wrong in an attempt. */
export interface DeliveryError {
  /** `HTTP_503`, or the code of Node or OpenSSL: `ECONNREFUSED`, `CERT_HAS_EXPIRED`, ... */
  readonly code: string;
  readonly message: string;
}

/** What a reload did, as names of targets. */
export interface ReloadResult {
  readonly added: string[];
  readonly removed: string[];
  readonly changed: string[];
  readonly unchanged: string[];
}

/** Something that happened inside the transport. */
export type Report =
  /** A request was made, of whatever outcome. `ms`: from its start to its status line, or to its failure. */
  | { type: 'requestMade'; target: string; outcome: RequestOutcome; ms: number }
  /** A request was answered with 2xx. `ms`: from its start to its status line. */
  | { type: 'batchDelivered'; target: string; events: number; bytes: number; ms: number; status: number }
  /** An attempt failed and will be made again after `delayMs`. */
  | { type: 'batchRetried'; target: string; events: number; delayMs: number; error: DeliveryError }
  /** A batch was refused as a whole and goes on in parts. */
  | { type: 'batchSplit'; target: string; events: number; parts: number; error: DeliveryError }
  /** A receiver took everything, and has something to say all the same. */
  | { type: 'receiverWarned'; target: string; message: string }
  | { type: 'eventsDropped'; target: string; events: number; reason: DropReason }
  /**
   * A receiver will never take these events. `dead` of them are dead letters now, the others are dropped.
   * `response`: the beginning of its answer.
   */
  | {
      type: 'eventsRefused';
      target: string;
      events: number;
      dead: number;
      status: number | undefined;
      response: string;
    }
  /** An event was larger than `batch_bytes`, or than its format's receivers take, and was cut down. */
  | { type: 'eventTruncated'; target: string; originalBytes: number; bytes: number }
  /** A target stopped accepting; it is probed, next at `nextAttemptAt` (ISO time). */
  | { type: 'targetDown'; target: string; error: DeliveryError; nextAttemptAt: string }
  /** A target that was down answers again. */
  | { type: 'targetUp'; target: string }
  /** A target answered 410: nothing is sent to it until its settings change. */
  | { type: 'targetDisabled'; target: string; error: DeliveryError }
  | ({ type: 'reloaded' } & ReloadResult)
  /** Settings were refused; what runs goes on. `file`: where they are, when in one */
  | { type: 'reloadRejected'; problems: readonly Problem[]; file?: string }
  /**
   * Somebody was not let change the settings, or not so. `client`: `protocol/username (address)`, or only the address
   * of somebody who is not known
   */
  | { type: 'settingsRefused'; client: string; method: string; status: number; reason: string }
  /** Settings can be used again, after they were refused. */
  | { type: 'reloadRecovered'; file?: string }
  /** The source of the settings cannot be reached: what runs goes on. */
  | { type: 'settingsUnavailable'; error: DeliveryError }
  /** It can be reached again. */
  | { type: 'settingsAvailable' }
  /** Events are not written to disk, nor read from it, until `spoolRecovered`: they stay in memory. */
  | { type: 'spoolUnavailable'; directory: string; error: DeliveryError }
  /** What was damaged is kept as `setAside`, a copy of the directory; `events` were lost. */
  | { type: 'spoolDamaged'; directory: string; setAside: string; events: number | 'unknown' }
  /** The spool can be used again. */
  | { type: 'spoolRecovered'; directory: string }
  /** The transport's own `format` threw. */
  | { type: 'formatFailed'; error: unknown }
  /** Somebody waits for deliveries, and of all records so far none was as severe as any target wants: `level`. */
  | { type: 'nothingAccepted'; records: number; level: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' }
  /** The transport's `context` threw, or returned no object: the event is without it. */
  | { type: 'contextFailed'; error: unknown }
  /** Somebody listens to the event stream. `client`: `protocol/username (address)` */
  | { type: 'listenerConnected'; client: string }
  /** That client went, or the stream ended. */
  | { type: 'listenerLeft'; client: string }
  /** That client was sent away: what it had not taken is lost to it. */
  | { type: 'listenerDropped'; client: string; reason: ListenerDropReason };

/** Takes reports. Must not throw. */
export type Reporter = (report: Report) => void;
