/** Settings that live in a file: read, replaced, followed. */

import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { unwatchFile, watchFile } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { LogTargetsError, SettingsError } from '../errors.js';
import type { DefinedFormat } from '../formats/define-format.js';
import { Formats } from '../formats/formats.js';
import { offerFormats } from '../formats/known-formats.js';
import { describe } from '../model/describe.js';
import type { SystemSettingsInput } from './log-target.js';
import { maskSettings } from './masking.js';
import { settingsConflict } from './problems.js';
import { defaultSettings, type SystemSettings } from './schema.js';
import { SettingsFile } from './settings-file.js';
import { SettingsInForce } from './settings-in-force.js';
import type { ChangeOptions, SettingsListener, SettingsSource, SharedSettings } from './source.js';
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
  /** The file can be used again, after it could not. */
  recovered: [];
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
  implements SettingsSource<SystemSettings>, SharedSettings
{
  readonly #file: SettingsFile;
  readonly #formats: Formats;
  readonly #inForce: SettingsInForce;
  #revision = newRevision();
  /** What the file held when it was last read or written. */
  #text: string | undefined;
  /** The last change, done or not. */
  #last: Promise<unknown> = Promise.resolve();
  /** Whether the file holds the settings that are in force. */
  #isInSync = true;
  /** Why the file cannot be used as it is: somebody is at work in it. */
  #rejection: SettingsError | undefined;
  #isClosed = false;

  /**
   * Opens the settings in a file.
   * @throws SettingsError that names the file, when it cannot be used as it is
   * @throws TypeError when it is no path, its ending tells neither JSON nor YAML, or a format is none
   */
  static async open({ file: path, formats: own }: SettingsStoreOptions): Promise<SettingsStore> {
    if (typeof path !== 'string' || path === '') {
      throw new TypeError(`Expected \`file\` to be the path of a file, got ${describe(path)}`);
    }
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
    this.#inForce = new SettingsInForce(current, formats, (warning) => this.#emitSafely('warn', warning));
    this.#text = text;
  }

  /** The settings in force, deeply frozen. Inspecting them (`console.log`) shows masks instead of secrets. */
  get current(): SystemSettings {
    return this.#inForce.current;
  }

  /** Changes with every change, also with one that leaves all as it was, or it would tell a guessed secret. */
  get revision(): string {
    return this.#revision;
  }

  /**
   * Replaces all settings.
   * @returns the settings in force then
   * @throws SettingsError when anything is wrong, LogTargetsError `SETTINGS_NOT_SAVED` when they could not be saved;
   * nothing is changed then
   */
  replace(next: SystemSettingsInput): Promise<SystemSettings> {
    return this.change(next);
  }

  /**
   * As `replace`. A function makes the next settings of those that are in force when it is this change's turn.
   * @throws SettingsError `SETTINGS_CONFLICT` when the revision is not the expected one, `SETTINGS_BROKEN` while the
   * file is not fit to be used: what somebody writes by hand is not overwritten
   */
  change(
    next: SystemSettingsInput | SettingsChange,
    { expectedRevision }: ChangeOptions = {},
  ): Promise<SystemSettings> {
    if (this.#isClosed) {
      return Promise.reject(new LogTargetsError('SETTINGS_NOT_SAVED', 'The settings store is closed'));
    }
    return this.#inTurn(async () => {
      await this.#adoptFile();
      if (this.#rejection) throw broken(this.#rejection);
      if (expectedRevision !== undefined && expectedRevision !== this.#revision) throw settingsConflict();
      const made = typeof next === 'function' ? await next(this.current) : next;
      const settings = validateSettings(made, this.#formats);
      if (!this.#isInSync || this.#inForce.differFrom(settings)) await this.#save(settings);
      this.#revision = newRevision();
      this.#inForce.adopt(settings);
      return this.current;
    });
  }

  /** Calls `listener` after each change; returns a function that ends that. */
  subscribe(listener: SettingsListener<SystemSettings>): () => void {
    return this.#inForce.subscribe(listener);
  }

  /** Stops following the file, and waits for changes that are under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    unwatchFile(this.#file.path, this.#follow);
    await this.#last.catch(() => {});
  }

  /** What `console.log` shows of it: no secrets. */
  [inspect.custom](): string {
    return `SettingsStore ${inspect({ file: this.#file.path, current: maskSettings(this.current) }, { depth: 5 })}`;
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

  /** The file's modification was noticed. */
  readonly #follow = (): void => {
    void this.#inTurn(async () => {
      if (!this.#isClosed) await this.#adoptFile();
    });
  };

  /** Takes over what was written to the file from outside. A file that is gone is written by the next change. */
  async #adoptFile(): Promise<void> {
    const text = await this.#readWhenQuiet().catch((error: SettingsError) => error);
    if (text instanceof SettingsError) {
      // Looked at again with every change, and told once.
      if (this.#rejection?.message !== text.message) this.#reject(text);
      this.#text = undefined;
      return;
    }
    if (text === this.#text && text !== undefined) return;
    this.#isInSync = false;
    this.#text = text;
    try {
      if (text !== undefined) {
        const settings = this.#file.parse(text);
        if (this.#inForce.differFrom(settings)) this.#revision = newRevision();
        this.#inForce.adopt(settings);
      }
    } catch (error) {
      this.#reject(error as SettingsError);
      return;
    }
    this.#isInSync = text !== undefined;
    if (this.#rejection && text !== undefined) this.#emitSafely('recovered');
    this.#rejection = undefined;
  }

  #reject(error: SettingsError): void {
    this.#isInSync = false;
    this.#rejection = error;
    this.#emitSafely('rejected', error);
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
  #emitSafely<Event extends keyof SettingsStoreEvents>(
    event: Event,
    ...args: SettingsStoreEvents[Event]
  ): void {
    try {
      (this.emit as (name: Event, ...all: SettingsStoreEvents[Event]) => boolean).call(this, event, ...args);
    } catch {
      // There is nobody left to tell.
    }
  }
}

/** At random: whoever could compute it could try secrets out on it. */
function newRevision(): string {
  return randomBytes(9).toString('base64url');
}

function broken({ problems, file }: SettingsError): SettingsError {
  const message = 'The file was changed by hand and cannot be used: mend it or remove it, then try again';
  return new SettingsError([{ path: 'settings', message }, ...problems], { code: 'SETTINGS_BROKEN', file });
}
