/** Settings that live in a file: read, replaced, followed. */

import { EventEmitter } from 'node:events';
import { unwatchFile, watchFile } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { LogTargetsError, type SettingsError } from '../errors.js';
import type { DefinedFormat } from '../formats/define-format.js';
import { Formats } from '../formats/formats.js';
import { offerFormats } from '../formats/known-formats.js';
import { isSameJson } from '../model/json.js';
import { maskSettings, sealSettings } from './masking.js';
import { defaultSettings, type SystemSettings, type SystemSettingsInput } from './schema.js';
import { SettingsFile } from './settings-file.js';
import type { SettingsListener, SettingsSource } from './source.js';
import { validateSettings } from './validate.js';

/** How often the file is looked at. Looking finds every way to change it, also where the system cannot notify. */
const WATCH_INTERVAL_MS = 250;
/** An edited file is used when it has been left alone for so long. */
const QUIET_MS = 100;
/** A file that never comes to rest is used as it is after so long. */
const MAX_UNREST_MS = 2000;

/** The events of a `SettingsStore`. */
export interface SettingsStoreEvents {
  /** The file was changed to something that cannot be used; what runs goes on. */
  rejected: [error: SettingsError];
  /** A subscriber threw. */
  warn: [warning: Error];
}

/** Where the settings are kept. */
export interface SettingsStoreOptions {
  /** Ends in .json, .yaml or .yml. Created with the defaults when it is not there. */
  readonly file: string;
  /** Formats of the user's, by name, that targets may have. Default: none. */
  readonly formats?: Readonly<Record<string, DefinedFormat>>;
}

/** The next settings, made of the current ones. */
export type SettingsChange = (current: SystemSettings) => SystemSettingsInput | Promise<SystemSettingsInput>;

/**
 * Settings in a file. Changes happen one after the other: validated, saved (atomically, on disk, mode 0600), then
 * told to subscribers. A file that is changed from outside is followed. Keeps no process alive.
 */
export class SettingsStore
  extends EventEmitter<SettingsStoreEvents>
  implements SettingsSource<SystemSettings>
{
  readonly #file: SettingsFile;
  readonly #formats: Formats;
  readonly #listeners = new Set<SettingsListener<SystemSettings>>();
  #current: SystemSettings;
  /** What the file held when it was last read or written. */
  #text: string | undefined;
  /** The last change, done or not. */
  #last: Promise<unknown> = Promise.resolve();
  /** Whether the file holds the settings that are in force. */
  #isInSync = true;
  #isClosed = false;

  /**
   * Opens the settings in a file.
   * @throws SettingsError that names the file, when it cannot be used as it is
   * @throws TypeError when its ending tells neither JSON nor YAML, or a format is none
   */
  static async open({ file: path, formats: own }: SettingsStoreOptions): Promise<SettingsStore> {
    const formats = new Formats(own);
    const file = new SettingsFile(resolve(path), formats);
    await file.removeLeftovers();
    const text = await file.readText();
    const settings = text === undefined ? defaultSettings : file.parse(text);
    const store = new SettingsStore(file, formats, settings, text);
    if (text === undefined) await store.#save(defaultSettings);
    watchFile(file.path, { interval: WATCH_INTERVAL_MS, persistent: false }, store.#follow);
    store.#follow(); // for a change between reading and watching
    return store;
  }

  private constructor(
    file: SettingsFile,
    formats: Formats,
    current: SystemSettings,
    text: string | undefined,
  ) {
    super();
    this.#file = file;
    this.#formats = formats;
    offerFormats(this, formats);
    this.#current = sealSettings(structuredClone(current));
    this.#text = text;
  }

  /** The settings in force, deeply frozen. Inspecting them (`console.log`) shows masks instead of secrets. */
  get current(): SystemSettings {
    return this.#current;
  }

  /**
   * Replaces all settings.
   * @returns the settings in force then
   * @throws SettingsError when anything is wrong, LogTargetsError `SETTINGS_NOT_SAVED` when they could not be saved;
   * nothing is changed then
   */
  replace(next: SystemSettingsInput): Promise<SystemSettings> {
    return this.change(() => next);
  }

  /** As `replace`, with settings made of those that are in force when it is this change's turn. */
  change(make: SettingsChange): Promise<SystemSettings> {
    if (this.#isClosed) {
      return Promise.reject(new LogTargetsError('SETTINGS_NOT_SAVED', 'The settings store is closed'));
    }
    return this.#inTurn(async () => {
      await this.#adoptFile();
      const next = validateSettings(await make(this.#current), this.#formats);
      if (!this.#isInSync || !isSameJson(next, this.#current)) await this.#save(next);
      this.#adopt(next);
      return this.#current;
    });
  }

  /** Calls `listener` after each change; returns a function that ends that. */
  subscribe(listener: SettingsListener<SystemSettings>): () => void {
    // Each call is a subscription of its own, also of the same function.
    const own: SettingsListener<SystemSettings> = (current, previous) => listener(current, previous);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Stops following the file, and waits for changes that are under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    unwatchFile(this.#file.path, this.#follow);
    await this.#last.catch(() => {});
  }

  [inspect.custom](): string {
    return `SettingsStore ${inspect({ file: this.#file.path, current: maskSettings(this.#current) }, { depth: 5 })}`;
  }

  #inTurn<Value>(act: () => Promise<Value>): Promise<Value> {
    const turn = this.#last.then(act, act);
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #save(settings: SystemSettings): Promise<void> {
    const text = this.#file.format(settings, this.#text);
    try {
      await this.#file.write(text);
    } catch (error) {
      const why = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
      throw new LogTargetsError('SETTINGS_NOT_SAVED', `The settings could not be saved${why}`, {
        cause: error,
      });
    }
    this.#text = text;
    this.#isInSync = true;
  }

  #adopt(settings: SystemSettings): void {
    if (isSameJson(settings, this.#current)) return;
    const previous = this.#current;
    const current = sealSettings(settings);
    this.#current = current;
    for (const listener of [...this.#listeners]) {
      try {
        listener(current, previous);
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        const warning = `A subscriber of the settings threw: ${text}`;
        this.#emitSafely('warn', new LogTargetsError('LISTENER_FAILED', warning, { cause: error }));
      }
    }
  }

  /** The file's modification was noticed. */
  readonly #follow = (): void => {
    void this.#inTurn(async () => {
      if (!this.#isClosed) await this.#adoptFile();
    });
  };

  /** Takes over what was written to the file from outside. A file that is gone or broken is mended by the next change. */
  async #adoptFile(): Promise<void> {
    try {
      const text = await this.#readWhenQuiet();
      if (text === undefined) this.#isInSync = false;
      if (text === undefined || text === this.#text) return;
      this.#text = text;
      this.#isInSync = false;
      this.#adopt(this.#file.parse(text));
      this.#isInSync = true;
    } catch (error) {
      this.#isInSync = false;
      this.#emitSafely('rejected', error as SettingsError);
    }
  }

  /** The file's text, once it has been the same for a while: editors write in pieces. */
  async #readWhenQuiet(): Promise<string | undefined> {
    let text = await this.#file.readText();
    for (let waitedMs = 0; text !== this.#text && waitedMs < MAX_UNREST_MS; waitedMs += QUIET_MS) {
      await sleep(QUIET_MS, undefined, { ref: false });
      const before = text;
      text = await this.#file.readText();
      if (text === before) break;
    }
    return text;
  }

  /** What listeners throw must not end the process. */
  #emitSafely(event: 'rejected' | 'warn', error: Error): void {
    try {
      this.emit(event, error as SettingsError);
    } catch {
      // There is nobody left to tell.
    }
  }
}
