/** What `createConsole` takes, checked. */

import type { TargetStatus } from '../delivery/status.js';
import type { EventStreamTransport } from '../event-stream/event-stream.js';
import { checkNumber } from '../http/check-number.js';
import { describe } from '../model/describe.js';
import type { PingResult } from '../sending/ping.js';
import type { SharedSettings } from '../settings/source.js';
import { checkStore } from '../settings-api/settings-desk.js';
import { type Steering, steeringOf } from '../targets/steering.js';
import { type Tap, tapOf } from '../targets/tap.js';
import type { Recorder } from './audit-trail.js';
import type { DeadLetterHolder } from './dead-letter-office.js';
import type { AuthorizeOperator } from './operator.js';
import { parseBasePath } from './paths.js';

/** What a console shows and steers: an `EventTransport`. */
export interface ConsoleTransport extends EventStreamTransport, Recorder, DeadLetterHolder {
  /** What was accepted for each target, and what became of it. */
  status(): {
    /** Every target. */
    readonly targets: readonly TargetStatus[];
  };
  /** Sends a test event to a target now. */
  ping(name: string): Promise<PingResult>;
}

/** A registry of `prom-client`. */
export interface MetricsRegistry {
  /** `Content-Type` of what `metrics` resolves to. */
  readonly contentType: string;
  /** All metrics, as Prometheus reads them. */
  metrics(): Promise<string>;
}

/** What `createConsole` takes. */
export interface ConsoleOptions {
  /** What is shown and steered: an `EventTransport`. */
  readonly transport: ConsoleTransport;
  /** Where the settings are kept: a `SettingsStore`, or anything of its shape. Default: none; then nobody can change them here. */
  readonly store?: SharedSettings | undefined;
  /**
   * Returns who it is, which types of events they may see (`types`; default: `lifecycle` and `operation`) and what
   * they may do (`allow`; default: `read`); nothing: 403; throws: 401. Asked for each request, but for the page's
   * files.
   */
  readonly authorize: AuthorizeOperator;
  /** Where the console is, as requests name it. Default: `/`. */
  readonly path?: string | undefined;
  /** `WWW-Authenticate` of answers with 401: with `Basic realm="logs"` browsers ask by themselves. Default: none. */
  readonly challenge?: string | undefined;
  /** Its metrics are at `/1.0/metrics`. Default: none are. */
  readonly metrics?: MetricsRegistry | undefined;
  /** Names of projects that are known beside `default`, for the event stream. Default: any is. */
  readonly projects?: Iterable<string> | undefined;
  /** Longest that `authorize` may take, in milliseconds; then it is a 503. Default: 10,000. */
  readonly authorizeTimeoutMs?: number | undefined;
  /** The most clients that listen to events at the same time; others get a 503. Default: 1000. */
  readonly maxListeners?: number | undefined;
  /**
   * The names under which this server is known, with or without a port: requests for other hosts are refused, so that
   * no page can have its own name lead here. Default: any.
   */
  readonly hosts?: readonly string[] | undefined;
  /** Longest that a request's body may take to arrive, in milliseconds. Default: 10,000. */
  readonly bodyTimeoutMs?: number | undefined;
}

const keys: ReadonlySet<string> = new Set([
  'transport',
  'store',
  'authorize',
  'path',
  'challenge',
  'metrics',
  'projects',
  'authorizeTimeoutMs',
  'maxListeners',
  'hosts',
  'bodyTimeoutMs',
]);

const DEFAULT_BODY_TIMEOUT_MS = 10_000;

/** @throws TypeError that names the option */
export function parseConsoleOptions(options: ConsoleOptions) {
  const unknown = Object.keys(options).find((key) => !keys.has(key));
  if (unknown !== undefined) throw new TypeError(`\`${unknown}\` is not an option of \`createConsole\``);
  const { transport, store, authorize, path = '/', challenge, metrics, projects } = options;
  const { bodyTimeoutMs = DEFAULT_BODY_TIMEOUT_MS, authorizeTimeoutMs, maxListeners, hosts } = options;
  const [tap, steering] = [tapOf(transport), steeringOf(transport)];
  if (tap === undefined || steering === undefined) {
    throw new TypeError(`Expected \`transport\` to be an EventTransport, got ${describe(transport)}`);
  }
  if (typeof authorize !== 'function') {
    throw new TypeError(`Expected \`authorize\` to be a function, got ${describe(authorize)}`);
  }
  if (store !== undefined) checkStore(store);
  if (challenge !== undefined && (typeof challenge !== 'string' || !/^[\x20-\x7e]+$/.test(challenge))) {
    const expected = 'a text such as `Basic realm="logs"`';
    throw new TypeError(`Expected \`challenge\` to be ${expected}, got ${describe(challenge)}`);
  }
  if (metrics !== undefined && typeof metrics?.metrics !== 'function') {
    throw new TypeError(`Expected \`metrics\` to be a registry of prom-client, got ${describe(metrics)}`);
  }
  checkNumber('bodyTimeoutMs', bodyTimeoutMs);
  return {
    transport,
    store,
    authorize,
    base: parseBasePath(path),
    challenge,
    metrics,
    projects,
    bodyTimeoutMs,
    admission: { authorizeTimeoutMs, maxListeners, hosts },
    tap: tap as Tap,
    steering: steering as Steering,
  };
}
