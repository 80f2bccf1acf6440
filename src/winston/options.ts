/** The options of the transport, their defaults and limits. */

import type TransportStream from 'winston-transport';
import type { QueueBounds } from '../delivery/queue.js';
import { type Catalog, checkCatalog } from '../model/catalog.js';
import type { LogTarget } from '../settings/schema.js';
import type { SettingsSource } from '../settings/source.js';

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
  /** Longest that closing waits for delivery, in milliseconds; 0: not at all, Infinity: 24.8 days. Default: 10,000. */
  readonly shutdownTimeoutMs?: number;
  /** The actions that `lifecycle()` takes. Default: any. */
  readonly catalog?: C;
}

const DEFAULT_MEMORY: QueueBounds = { maxEvents: 500_000, maxBytes: 64 * 2 ** 20 };
const DEFAULT_SHUTDOWN_TIMEOUT_MS = 10_000;

/**
 * Our own options, checked, with their defaults. Targets and settings are checked where they are used.
 * @throws TypeError that names the option
 */
export function parseOptions(options: EventTransportOptions) {
  const { targets, settings, location, memory, catalog } = options;
  const { shutdownTimeoutMs = DEFAULT_SHUTDOWN_TIMEOUT_MS } = options;
  if (targets !== undefined && settings !== undefined) {
    throw new TypeError('Expected either `targets` or `settings`, got both');
  }
  if (location !== undefined && typeof location !== 'string') throw wrongOption('location', 'text', location);
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
    shutdownTimeoutMs: parseNumber('shutdownTimeoutMs', shutdownTimeoutMs, 0),
  };
}

/** @throws TypeError when `value` is no number, or less than `min` */
export function parseNumber(name: string, value: unknown, min: number): number {
  if (typeof value === 'number' && value >= min) return value;
  throw wrongOption(name, `a number >= ${min}`, value);
}

function wrongOption(name: string, expected: string, given: unknown): TypeError {
  return new TypeError(`Expected \`${name}\` to be ${expected}, got \`${String(given)}\``);
}
