/** The options of the transport, their defaults and limits. */

import { resolve } from 'node:path';
import type TransportStream from 'winston-transport';
import type { DefinedFormat } from '../formats/define-format.js';
import { Formats } from '../formats/formats.js';
import { type Catalog, checkCatalog } from '../model/catalog.js';
import { describe } from '../model/describe.js';
import { parseDuration } from '../model/duration.js';
import { Redaction } from '../model/redaction.js';
import type { QueueBounds } from '../queue/queue.js';
import { Egress, type EgressOptions } from '../sending/egress.js';
import { parseProxyOption } from '../sending/proxy.js';
import type { LogTarget } from '../settings/log-target.js';
import type { SettingsSource } from '../settings/source.js';
import { parseBoolean, parseNumber, parseObject, refuseUnknown, wrongOption } from './option-checks.js';

/** What `new EventTransport()` takes, beside the options of every Winston transport. */
export interface EventTransportOptions<C extends Catalog = Catalog, F extends string = never>
  extends TransportStream.TransportStreamOptions {
  /** Log targets. Default: none. */
  readonly targets?: readonly LogTarget<NoInfer<F>>[];
  /** Where targets and log level come from, when they can change. Not together with `targets`. Default: none. */
  readonly settings?: SettingsSource;
  /** Name of this member, put in events whose format has a place for it. Default: none. */
  readonly location?: string;
  /** Bounds of each target's queue. Default: 500,000 events, 64 MiB of serialised events. */
  readonly memory?: Partial<QueueBounds>;
  /** Queues on disk, so that events outlive the process. Default: none. */
  readonly spool?: SpoolSettings;
  /** Longest that closing waits for delivery, in milliseconds; 0: not at all, Infinity: 24.8 days. Default: 10,000. */
  readonly shutdownTimeoutMs?: number;
  /** The actions that `lifecycle()` takes. Default: any. */
  readonly catalog?: C;
  /**
   * Where targets and proxies may be, whatever settings say. Default: anywhere but link-local addresses and the
   * metadata services of clouds, unspecified, multicast and broadcast addresses.
   */
  readonly egress?: EgressOptions;
  /**
   * Called for each log record, lifecycle and operation event: what it returns joins their context (an operation's
   * metadata), as a trace or a tenant does; keys that are already there win. Default: none.
   */
  readonly context?: () => object | undefined;
  /**
   * Paths of keys whose values never leave the process: `password`, `user.*.token`, `**.authorization`; `*` is one
   * level, `**` any number. Default: none.
   */
  readonly redact?: readonly string[];
  /** Formats of one's own, by name, made by `defineFormat`. Default: none. */
  readonly formats?: Readonly<Record<F, DefinedFormat>>;
  /**
   * The proxy of targets that name none: as the environment says (HTTPS_PROXY, HTTP_PROXY, NO_PROXY), none, or the URL
   * of one, with user name and password where it wants them. Default: `environment`.
   */
  readonly proxy?: 'environment' | 'none' | (string & {}) | URL;
  /** The directory where `password_file` and its like name files, which they cannot leave. Default: none. */
  readonly secretsDirectory?: string;
  /**
   * What becomes of a target is told to the others as lifecycle events: `log-target-down`, `log-target-recovered`,
   * `log-target-disabled`, `log-target-dropping`; at most one a minute for each target and action. Default: false.
   */
  readonly operatorEvents?: boolean;
}

/** Where and how much a transport keeps on disk. */
export interface SpoolSettings {
  /** Made with mode 0700 where there is none. One process at a time uses it. */
  readonly directory: string;
  /** Bytes of events, over all targets; when there are more, the oldest logging events go. Default: 1 GiB. */
  readonly maxBytes?: number;
  /** What is older is dropped: milliseconds, or a duration such as `24h`. Default: nothing is. */
  readonly maxAge?: number | string;
}

const DEFAULT_SPOOL_BYTES = 2 ** 30;
const DEFAULT_MEMORY: QueueBounds = { maxEvents: 500_000, maxBytes: 64 * 2 ** 20 };
/** It stands in every event, and is never cut. */
const MAX_LOCATION_LENGTH = 255;
const DEFAULT_SHUTDOWN_TIMEOUT_MS = 10_000;

type Given<Name extends keyof EventTransportOptions> = EventTransportOptions<Catalog, string>[Name];

/**
 * Our own options, one a line: what each comes to, its default included. Each throws a TypeError that names what is
 * wrong; targets and settings are checked where they are used.
 */
const own = {
  targets: (given: Given<'targets'>) => given ?? [],
  settings: (given: Given<'settings'>) => optional(given ?? undefined, parseSource),
  location: (given: Given<'location'>) => optional(given, parseLocation),
  memory: (given: Given<'memory'>) => parseMemory(given ?? {}),
  spool: (given: Given<'spool'>) => optional(given, parseSpool),
  shutdownTimeoutMs: (given: Given<'shutdownTimeoutMs'>) =>
    parseNumber('shutdownTimeoutMs', given ?? DEFAULT_SHUTDOWN_TIMEOUT_MS, 0),
  catalog: (given: Given<'catalog'>) => optional(given, parseCatalog),
  egress: (given: Given<'egress'>) => parseEgress(given ?? {}),
  context: (given: Given<'context'>) => optional(given, parseContext),
  redact: (given: Given<'redact'>) => Redaction.of(given ?? []),
  formats: (given: Given<'formats'>) => parseObject('formats', given ?? {}),
  proxy: (given: Given<'proxy'>) => parseProxyOption(given ?? 'environment'),
  secretsDirectory: (given: Given<'secretsDirectory'>) =>
    optional(given, (directory) => parsePath('secretsDirectory', directory)),
  operatorEvents: (given: Given<'operatorEvents'>) => parseBoolean('operatorEvents', given ?? false),
};

/** Those of every Winston transport. */
const winstons: Readonly<Record<keyof TransportStream.TransportStreamOptions | 'highWaterMark', true>> = {
  level: true,
  format: true,
  silent: true,
  handleExceptions: true,
  handleRejections: true,
  log: true,
  logv: true,
  close: true,
  highWaterMark: true,
};

const names = Object.keys({ ...own, ...winstons });

type Own = { readonly [Name in keyof typeof own]: ReturnType<(typeof own)[Name]> };

/**
 * Our own options, checked, with their defaults.
 * @throws TypeError that names the option
 */
export function parseOptions<C extends Catalog, F extends string>(
  options: EventTransportOptions<C, F>,
): Omit<Own, 'formats'> & { readonly formats: Formats } {
  refuseUnknown(parseObject('options', options), names);
  if (options.targets !== undefined && options.settings !== undefined) {
    throw new TypeError('Expected either `targets` or `settings`, got both');
  }
  const parsed = Object.entries(own).map(([name, parse]) => [name, parse(options[name as never])]);
  const all = Object.fromEntries(parsed) as Own;
  return { ...all, formats: new Formats(all.formats, all.location) };
}

function optional<Value, Parsed>(
  given: Value | undefined,
  parse: (value: Value) => Parsed,
): Parsed | undefined {
  return given === undefined ? undefined : parse(given);
}

function parseSource(source: SettingsSource): SettingsSource {
  const { subscribe } = parseObject('settings', source);
  if (typeof subscribe === 'function') return source;
  const expected = 'to be a SettingsStore, or another `{ current, subscribe }`';
  throw new TypeError(
    `Expected \`settings\` ${expected}, got an object whose \`subscribe\` is ${describe(subscribe)}`,
  );
}

function parseLocation(location: string): string {
  if (typeof location === 'string' && location.length <= MAX_LOCATION_LENGTH) return location;
  throw wrongOption('location', `text of at most ${MAX_LOCATION_LENGTH} characters`, location);
}

function parseMemory(memory: Partial<QueueBounds>): QueueBounds {
  refuseUnknown(parseObject('memory', memory), Object.keys(DEFAULT_MEMORY), 'memory.');
  const { maxEvents = DEFAULT_MEMORY.maxEvents, maxBytes = DEFAULT_MEMORY.maxBytes } = memory;
  return {
    maxEvents: parseNumber('memory.maxEvents', maxEvents, 1),
    maxBytes: parseNumber('memory.maxBytes', maxBytes, 1),
  };
}

function parseSpool(spool: SpoolSettings) {
  refuseUnknown(parseObject('spool', spool), ['directory', 'maxBytes', 'maxAge'], 'spool.');
  const { directory, maxBytes = DEFAULT_SPOOL_BYTES, maxAge = Number.POSITIVE_INFINITY } = spool;
  return {
    directory: parsePath('spool.directory', directory),
    maxBytes: parseNumber('spool.maxBytes', maxBytes, 1),
    maxAgeMs: parseNumber('spool.maxAge', typeof maxAge === 'string' ? ageMs(maxAge) : maxAge, 1),
  };
}

function parseEgress(egress: EgressOptions): Egress {
  refuseUnknown(parseObject('egress', egress), ['allow', 'deny'], 'egress.');
  return new Egress(egress);
}

function parsePath(name: string, path: unknown): string {
  if (typeof path === 'string' && path !== '') return resolve(path);
  throw wrongOption(name, 'a path', path);
}

function parseCatalog(catalog: Catalog): Catalog {
  checkCatalog(catalog);
  return catalog;
}

function parseContext(context: () => object | undefined): () => object | undefined {
  if (typeof context === 'function') return context;
  throw wrongOption('context', 'a function that returns an object', context);
}

function ageMs(maxAge: string): number {
  try {
    return Number(parseDuration(maxAge)) / 1e6;
  } catch {
    throw wrongOption('spool.maxAge', 'milliseconds or a duration such as `24h`', maxAge);
  }
}
