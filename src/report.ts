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
  /** For people. */
  readonly message: string;
}

/** What a reload did, as names of targets. */
export interface ReloadResult {
  /** Those that were not there before. */
  readonly added: string[];
  /** Those that are no more. */
  readonly removed: string[];
  /** Those that mean something else now. */
  readonly changed: string[];
  /** Those that were not touched. */
  readonly unchanged: string[];
}

/** What reports tell of what happened, by name: each has some of it. */
export interface ReportFacts {
  /** Name of the target. */
  readonly target: string;
  /** How many events. */
  readonly events: number;
  /** How many of them are dead letters now; the others are dropped. */
  readonly dead: number;
  /** Bytes, of a body before compression or of one event. */
  readonly bytes: number;
  /** Bytes of the event before it was cut down. */
  readonly originalBytes: number;
  /** Milliseconds from the start of a request to its status line, or to its failure. */
  readonly ms: number;
  /** Milliseconds until the next attempt. */
  readonly delayMs: number;
  /** ISO time of the next attempt. */
  readonly nextAttemptAt: string;
  /** What the request came to. */
  readonly outcome: RequestOutcome;
  /** HTTP status. */
  readonly status: number;
  /** What went wrong. */
  readonly error: DeliveryError;
  /** In how many parts it goes on. */
  readonly parts: number;
  /** What the receiver says. */
  readonly message: string;
  /** The beginning of the receiver's answer. */
  readonly response: string;
  /** All that is wrong with the settings. */
  readonly problems: readonly Problem[];
  /** `protocol/username (address)`, or only the address of somebody who is not known. */
  readonly client: string;
  /** Of the request. */
  readonly method: string;
  /** Of the spool. */
  readonly directory: string;
  /** The copy of the directory that was made. */
  readonly setAside: string;
  /** Log records so far. */
  readonly records: number;
  /** The least severe level that any target takes. */
  readonly level: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
}

/** A report: its type, and what it tells. */
export type Tells<Type extends string, Fact extends keyof ReportFacts = never> = {
  /** What happened. */
  readonly type: Type;
} & Pick<ReportFacts, Fact>;

/** Something that happened inside the transport. */
export type Report =
  /** A request was made, of whatever outcome. */
  | Tells<'requestMade', 'target' | 'outcome' | 'ms'>
  /** A request was answered with 2xx. */
  | Tells<'batchDelivered', 'target' | 'events' | 'bytes' | 'ms' | 'status'>
  /** An attempt failed and will be made again after `delayMs`. */
  | Tells<'batchRetried', 'target' | 'events' | 'delayMs' | 'error'>
  /** A batch was refused as a whole and goes on in parts. */
  | Tells<'batchSplit', 'target' | 'events' | 'parts' | 'error'>
  /** A receiver took everything, and has something to say all the same. */
  | Tells<'receiverWarned', 'target' | 'message'>
  /** Events were lost. */
  | (Tells<'eventsDropped', 'target' | 'events'> & {
      /** Why they were lost. */
      readonly reason: DropReason;
    })
  /** A receiver will never take these events. */
  | (Tells<'eventsRefused', 'target' | 'events' | 'dead' | 'response'> & {
      /** HTTP status, where there was an answer. */
      readonly status: number | undefined;
    })
  /** An event was larger than `batch_bytes`, or than its format's receivers take, and was cut down. */
  | Tells<'eventTruncated', 'target' | 'originalBytes' | 'bytes'>
  /** A target stopped accepting; it is probed, next at `nextAttemptAt`. */
  | Tells<'targetDown', 'target' | 'error' | 'nextAttemptAt'>
  /** A target that was down answers again. */
  | Tells<'targetUp', 'target'>
  /** A target answered 410: nothing is sent to it until its settings change. */
  | Tells<'targetDisabled', 'target' | 'error'>
  /** The targets are others now. */
  | (Tells<'reloaded'> & ReloadResult)
  /** Settings were refused; what runs goes on. */
  | (Tells<'reloadRejected', 'problems'> & {
      /** The file, where they are in one. */
      readonly file?: string;
    })
  /** Somebody was not let change the settings, or not so. */
  | (Tells<'settingsRefused', 'client' | 'method' | 'status'> & {
      /** Why not, as the client was told. */
      readonly reason: string;
    })
  /** Settings can be used again, after they were refused. */
  | (Tells<'reloadRecovered'> & {
      /** The file, where they are in one. */
      readonly file?: string;
    })
  /** The source of the settings cannot be reached: what runs goes on. */
  | Tells<'settingsUnavailable', 'error'>
  /** It can be reached again. */
  | Tells<'settingsAvailable'>
  /** Events are not written to disk, nor read from it, until `spoolRecovered`: they stay in memory. */
  | Tells<'spoolUnavailable', 'directory' | 'error'>
  /** What was damaged is kept as `setAside`; `events` were lost. */
  | (Tells<'spoolDamaged', 'directory' | 'setAside'> & {
      /** How many events, where that is known. */
      readonly events: number | 'unknown';
    })
  /** The spool can be used again. */
  | Tells<'spoolRecovered', 'directory'>
  /** The transport's own `format` threw. */
  | (Tells<'formatFailed'> & {
      /** What it threw. */
      readonly error: unknown;
    })
  /** Somebody waits for deliveries, and of all records so far none was as severe as any target wants: `level`. */
  | Tells<'nothingAccepted', 'records' | 'level'>
  /** The transport's `context` threw, or returned no object: the event is without it. */
  | (Tells<'contextFailed'> & {
      /** What it threw. */
      readonly error: unknown;
    })
  /** Somebody listens to the event stream. */
  | Tells<'listenerConnected', 'client'>
  /** That client went, or the stream ended. */
  | Tells<'listenerLeft', 'client'>
  /** That client was sent away: what it had not taken is lost to it. */
  | (Tells<'listenerDropped', 'client'> & {
      /** Why. */
      readonly reason: ListenerDropReason;
    });

/** Takes reports. Must not throw. */
export type Reporter = (report: Report) => void;
