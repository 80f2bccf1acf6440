/** Where a transport gets its settings from, when they can change. */

import type { SettingsError } from '../errors.js';
import type { SystemSettingsInput } from './log-target.js';
import type { SystemSettings } from './schema.js';

/** Called after a change. */
export type SettingsListener<Settings = SystemSettingsInput> = (
  current: Settings,
  previous: Settings,
) => void;

/** What a source may tell, beside changes. */
export const sourceEvents = ['rejected', 'recovered', 'unavailable'] as const;

type SourceEvent = (typeof sourceEvents)[number];

/** Settings that change. A `SettingsStore` is one; a service that keeps its own settings can be another. */
export interface SettingsSource<Settings extends SystemSettingsInput = SystemSettingsInput> {
  /** What is in force, complete or as it is written down. */
  readonly current: Settings;
  /** Calls `listener` after each change; returns a function that ends that. */
  subscribe(listener: SettingsListener<Settings>): () => void;
  /** Why changes are not heard of at the moment; `undefined`: they are. */
  readonly unavailable?: Error | undefined;
  /**
   * Where the source has something to tell: `rejected`, there are settings that cannot be used; `unavailable`,
   * changes are not heard of; `recovered`, both are over.
   */
  on?(event: SourceEvent, listener: (error: SettingsError) => void): unknown;
  /** Ends what `on` began. */
  off?(event: SourceEvent, listener: (error: SettingsError) => void): unknown;
}

/** What a change expects. */
export interface ChangeOptions {
  /** The revision that the change was made from. Default: whatever there is is replaced. */
  readonly expectedRevision?: string | undefined;
}

/**
 * Settings that can be changed, perhaps by several processes. A `SettingsStore` is one; whoever keeps settings in a
 * database, say, makes another.
 */
export interface SharedSettings extends SettingsSource {
  /** Complete, or as they are written down: they are validated wherever they are used. */
  readonly current: SystemSettings | SystemSettingsInput;
  /** A short text that changes with every change, of secrets too, and does not help to guess them. The ETag. */
  readonly revision: string;
  /**
   * Replaces all settings; when it resolves, `current` and `revision` are the new ones, or newer.
   * @returns rejects with a `SettingsError` when they are wrong, and with one of code `SETTINGS_CONFLICT` when
   * `revision` is no longer the expected one
   */
  change(next: SystemSettingsInput, options?: ChangeOptions): Promise<unknown>;
  /** Lets go of what it holds; `current` stays. Whoever opened it calls this. */
  close?(): Promise<void>;
}
