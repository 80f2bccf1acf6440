/** The options of the transport, their defaults and limits. */

import { resolve } from 'node:path';
import type TransportStream from 'winston-transport';
import { type Catalog, checkCatalog } from '../model/catalog.js';
import { parseDuration } from '../model/duration.js';
import type { QueueBounds } from '../queue/queue.js';
import type { LogTarget } from '../settings/schema.js';
import type { SettingsSource } from '../settings/source.js';
import type { DeadLetterSelection } from '../spool/dead-letters.js';

/** What `new EventTransport()` takes, beside the options of every Winston transport. */
export interface EventTransportOptions<C extends Catalog = Catalog>
  extends TransportStream.TransportStreamOptions {
  /** Log targets. Default: none. */
  readonly targets?: readonly LogTarget[];
  /** Where targets and log level come from, when they can change. Not together with `targets`. Default: none. */
  readonly settings?: SettingsSource;
  /** Name of this member, put in events whose format has a place for it. Default: none. */
  readonly location?: string;
  /** Bounds of each target's queue. Default: 500,000 events, 64 MiB of serialised events. */
  readonly memory?: Partial<QueueBounds>;
  /** Queues on disk, so that events outlive the process. Needs the package `classic-level`. Default: none. */
  readonly spool?: SpoolSettings;
  /** Longest that closing waits for delivery, in milliseconds; 0: not at all, Infinity: 24.8 days. Default: 10,000. */
  readonly shutdownTimeoutMs?: number;
  /** The actions that `lifecycle()` takes. Default: any. */
  readonly catalog?: C;
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

/**
 * Our own options, checked, with their defaults. Targets and settings are checked where they are used.
 * @throws TypeError that names the option
 */
export function parseOptions(options: EventTransportOptions) {
  const { targets, settings, location, memory, spool, catalog } = options;
  const { shutdownTimeoutMs = DEFAULT_SHUTDOWN_TIMEOUT_MS } = options;
  if (targets !== undefined && settings !== undefined) {
    throw new TypeError('Expected either `targets` or `settings`, got both');
  }
  if (location !== undefined && (typeof location !== 'string' || location.length > MAX_LOCATION_LENGTH)) {
    throw wrongOption('location', `text of at most ${MAX_LOCATION_LENGTH} characters`, location);
  }
  if (catalog !== undefined) checkCatalog(catalog);
  return {
    targets: targets ?? [],
    settings,
    location,
    catalog,
    bounds: {
      maxEvents: parseNumber('memory.maxEvents', memory?.maxEvents ?? DEFAULT_MEMORY.maxEvents, 1),
      maxBytes: parseNumber('memory.maxBytes', memory?.maxBytes ?? DEFAULT_MEMORY.maxBytes, 1),
    },
    spool: spool === undefined ? undefined : parseSpool(spool),
    shutdownTimeoutMs: parseNumber('shutdownTimeoutMs', shutdownTimeoutMs, 0),
  };
}

function parseSpool(spool: SpoolSettings) {
  if (typeof spool !== 'object' || spool === null) throw wrongOption('spool', 'an object', spool);
  const { directory, maxBytes = DEFAULT_SPOOL_BYTES, maxAge = Number.POSITIVE_INFINITY, ...rest } = spool;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new TypeError(`\`spool.${unknown}\` is not an option`);
  if (typeof directory !== 'string' || directory === '')
    throw wrongOption('spool.directory', 'a path', directory);
  return {
    directory: resolve(directory),
    maxBytes: parseNumber('spool.maxBytes', maxBytes, 1),
    maxAgeMs: parseNumber('spool.maxAge', typeof maxAge === 'string' ? ageMs(maxAge) : maxAge, 1),
  };
}

function ageMs(maxAge: string): number {
  try {
    return Number(parseDuration(maxAge)) / 1e6;
  } catch {
    throw wrongOption('spool.maxAge', 'milliseconds or a duration such as `24h`', maxAge);
  }
}

/** @throws TypeError when `value` is no number, or less than `min` */
export function parseNumber(name: string, value: unknown, min: number): number {
  if (typeof value === 'number' && value >= min) return value;
  throw wrongOption(name, `a number >= ${min}`, value);
}

function wrongOption(name: string, expected: string, given: unknown): TypeError {
  return new TypeError(`Expected \`${name}\` to be ${expected}, got \`${String(given)}\``);
}

/** @throws TypeError that names what is wrong with a selection of dead letters */
export function checkSelection(selection: DeadLetterSelection): DeadLetterSelection {
  const { ids, since } = selection;
  if (ids !== undefined && !(Array.isArray(ids) && ids.every((id) => typeof id === 'string'))) {
    throw wrongOption('ids', 'a list of texts', ids);
  }
  if (since !== undefined && Number.isNaN(new Date(since).getTime())) {
    throw wrongOption('since', 'a valid date', since);
  }
  return selection;
}
