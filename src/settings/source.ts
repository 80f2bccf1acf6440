/** Where a transport gets its settings from, when they can change. */

import type { SettingsError } from '../errors.js';
import type { SystemSettingsInput } from './schema.js';

/** Called after a change. */
export type SettingsListener<Settings = SystemSettingsInput> = (
  current: Settings,
  previous: Settings,
) => void;

/** Settings that change. A `SettingsStore` is one; a service that keeps its own settings can be another. */
export interface SettingsSource<Settings extends SystemSettingsInput = SystemSettingsInput> {
  readonly current: Settings;
  /** Calls `listener` after each change; returns a function that ends that. */
  subscribe(listener: SettingsListener<Settings>): () => void;
  /** Tells of settings that were refused, where the source has a way to refuse them. */
  on?(event: 'rejected', listener: (error: SettingsError) => void): unknown;
  off?(event: 'rejected', listener: (error: SettingsError) => void): unknown;
}
