/** What an attempt to send a batch can come to. */

import { STATUS_CODES } from 'node:http';
import type { RefusedEvent } from '../formats/verdict.js';
import type { DeliveryError, RequestOutcome } from '../report.js';
import { AttemptError } from './attempt-error.js';

/**
 * What came of it: by `kind` as `RequestOutcome` tells, and besides
 * - `partial`: the body of the answer says that some events were not taken; the others were
 */
export type Outcome = {
  readonly timings?: Timings;
  /** Bytes of the body that went out, compressed or not. */
  readonly sentBytes?: number;
} & (
  | {
      readonly kind: 'delivered';
      readonly status: number;
      readonly ms: number;
      /** What the receiver wants to be known all the same. */
      readonly warning?: string;
    }
  | PartialDelivery
  | {
      readonly kind: 'retryable';
      readonly error: DeliveryError;
      /** Of the answer, where there was one. */
      readonly status?: number;
      readonly retryAfterMs?: number;
    }
  | {
      readonly kind: 'misconfigured' | 'tooLarge' | 'rejected' | 'gone';
      readonly error: DeliveryError;
      readonly status?: number;
      /** The beginning of the answer's body, where it tells why events were refused. */
      readonly response?: string;
    }
);

/** Some of the events were taken, or all but some. */
export interface PartialDelivery {
  readonly kind: 'partial';
  readonly status: number;
  readonly ms: number;
  readonly refused: readonly RefusedEvent[];
  /** Place of the first event that was not looked at. Default: all were. */
  readonly unreadFrom?: number;
  /** So many of the others were refused as well; nobody knows which. */
  readonly lost: number;
  readonly error: DeliveryError;
}

/** How long the phases of an attempt took, in milliseconds; 0 for those that were not needed. */
export interface Timings {
  /** Until the name was looked up. */
  readonly dnsMs: number;
  /** From there until there was a connection. */
  readonly tcpMs: number;
  /** From there until TLS was agreed upon. */
  readonly tlsMs: number;
  /** From the last byte of the request to the first of the answer. */
  readonly firstByteMs: number;
}

/** An outcome after which no event is delivered. */
export type Failure = Exclude<Outcome, { kind: 'delivered' | 'partial' }>;

/** What the outside is told of an outcome. */
export function requestOutcomeOf({ kind }: Outcome): RequestOutcome {
  if (kind === 'tooLarge') return 'too_large';
  return kind === 'partial' ? 'rejected' : kind;
}

/** The longest `Retry-After` that is honoured: a day. */
const MAX_RETRY_AFTER_MS = 24 * 60 * 60 * 1000;

/** Reads the status line of an answer. `ms`: how long it took; `retryAfter`: the header of that name. */
export function outcomeOf(status: number, ms: number, retryAfter: string | undefined): Outcome {
  if (status >= 200 && status < 300) return { kind: 'delivered', status, ms };
  const error = {
    code: `HTTP_${status}`,
    message: `the receiver answered ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd(),
  };
  const kind = kindOf(status);
  if (kind !== 'retryable') return { kind, error, status };
  const retryAfterMs = status === 429 || status === 503 ? parseRetryAfter(retryAfter, Date.now()) : undefined;
  return { kind, error, status, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

function kindOf(status: number): Failure['kind'] {
  if (status >= 300 && status < 400) return 'misconfigured';
  switch (status) {
    case 401:
    case 403:
    case 404:
    case 407:
      return 'misconfigured';
    case 408:
    case 425:
    case 429:
      return 'retryable';
    case 410:
      return 'gone';
    case 413:
      return 'tooLarge';
    default:
      return status >= 400 && status < 500 ? 'rejected' : 'retryable';
  }
}

/**
 * Milliseconds to wait as told by `Retry-After`, in seconds or as a date.
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim();
  if (text === undefined || text === '') return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}

/** The outcome of an attempt that got no answer. */
export function outcomeOfError(error: unknown): Failure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
  const kind = error instanceof AttemptError ? error.kind : 'retryable';
  return { kind, error: { code, message: messageOf(error) } };
}

/**
 * Where a host has several addresses, and none answers, Node tells what each said, and nothing itself. Of OpenSSL's
 * line with threads, numbers and files the reason is for people.
 */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  const text = error instanceof Error ? error.message : String(error);
  const [, reason] = /:SSL routines:[^:]*:([^:]+):/.exec(text) ?? [];
  return reason === undefined ? text : `TLS failed: ${reason}`;
}
