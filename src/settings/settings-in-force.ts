/** The settings that are in force, and those who follow them. */

import { LogTargetsError } from '../errors.js';
import type { Formats } from '../formats/formats.js';
import type { SystemSettings } from './schema.js';
import { isSealed, sealSettings } from './sealing.js';
import type { SettingsListener } from './source.js';

/** Sealed: deeply frozen, and inspected with masks. */
export class SettingsInForce {
  readonly #formats: Formats;
  readonly #warn: (warning: LogTargetsError) => void;
  readonly #listeners = new Set<SettingsListener<SystemSettings>>();
  #current: SystemSettings;
  /** Secrets and all. */
  #json: string;
  /** The latest that were compared, and their JSON: it takes its time to write. */
  #compared: { readonly settings: SystemSettings; readonly json: string } | undefined;

  /** @param warn is told that a listener threw */
  constructor(settings: SystemSettings, formats: Formats, warn: (warning: LogTargetsError) => void) {
    this.#formats = formats;
    this.#warn = warn;
    this.#current = sealSettings(structuredClone(settings), formats);
    this.#json = JSON.stringify(this.#current);
  }

  get current(): SystemSettings {
    return this.#current;
  }

  /** Whether these would change anything. */
  differFrom(settings: SystemSettings): boolean {
    return this.#jsonOf(settings) !== this.#json;
  }

  /** Puts validated settings in force, and tells those who follow; returns whether they changed anything. */
  adopt(settings: SystemSettings): boolean {
    const json = this.#jsonOf(settings);
    this.#compared = undefined;
    if (json === this.#json) return false;
    const previous = this.#current;
    const current = sealSettings(settings, this.#formats);
    this.#current = current;
    this.#json = json;
    for (const listener of [...this.#listeners]) {
      try {
        listener(current, previous);
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        const warning = `A subscriber of the settings threw: ${text}`;
        this.#warn(new LogTargetsError('LISTENER_FAILED', warning, { cause: error }));
      }
    }
    return true;
  }

  /** Nobody can change what is sealed between two looks. */
  #jsonOf(settings: SystemSettings): string {
    if (this.#compared?.settings === settings) return this.#compared.json;
    const json = JSON.stringify(settings);
    if (isSealed(settings, this.#formats)) this.#compared = { settings, json };
    return json;
  }

  /** Calls `listener` after each change; returns a function that ends that. */
  subscribe(listener: SettingsListener<SystemSettings>): () => void {
    // Each call is a subscription of its own, also of the same function.
    const own: SettingsListener<SystemSettings> = (current, previous) => listener(current, previous);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }
}
