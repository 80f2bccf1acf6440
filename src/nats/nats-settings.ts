/** Settings that all members of a fleet share, in one key of a JetStream bucket. */

import { EventEmitter } from 'node:events';
import { inspect } from 'node:util';
import { LogTargetsError, SettingsError } from '../errors.js';
import type { DefinedFormat } from '../formats/define-format.js';
import { Formats } from '../formats/formats.js';
import { offerFormats } from '../formats/known-formats.js';
import type { SystemSettingsInput } from '../settings/log-target.js';
import { maskSettings } from '../settings/masking.js';
import { settingsConflict } from '../settings/problems.js';
import { defaultSettings, type SystemSettings } from '../settings/schema.js';
import { SettingsInForce } from '../settings/settings-in-force.js';
import type { ChangeOptions, SettingsListener, SettingsSource, SharedSettings } from '../settings/source.js';
import { validateSettings } from '../settings/validate.js';
import { CacheFile } from './cache-file.js';
import { type Connection, type Entry, Key, KeyConflict } from './key.js';
import { checkPlace } from './option-checks.js';

/** What is heard is only that somebody writes: it may take a moment until the bucket has it. */
const LOOKS_AFTER_MS = [0, 50, 250, 1000];
/** How often the key is read in any case: a signal can be lost. */
const READ_INTERVAL_MS = 30_000;
/** How often a change without an expected revision is made anew, when others were faster. */
const MAX_TRIES = 20;

/** The events of `NatsSettings`. */
export interface NatsSettingsEvents {
  /** The key, or the cache file, holds something that cannot be used; what runs goes on. */
  rejected: [error: SettingsError];
  /** NATS cannot be reached: changes are neither heard nor made. What runs goes on. */
  unavailable: [error: LogTargetsError];
  /** It can be reached again, or what the key holds can be used again. */
  recovered: [];
  /** A subscriber threw, or the cache file could not be written. */
  warn: [warning: Error];
}

/** Where the settings are. */
export interface NatsSettingsOptions {
  /** What `connect()` of `@nats-io/transport-node` returns, awaited or not. Yours to close. */
  readonly connection: Connection;
  /** Name of the bucket, which is made when it is not there. Default: `log-targets`. */
  readonly bucket?: string;
  /** Default: `settings`. */
  readonly key?: string;
  /** A file for the last settings, mode 0600: without NATS, a start uses them. Default: none. */
  readonly cacheFile?: string;
  /** What to start with where neither the key nor the cache file holds settings. Default: the defaults, with NATS. */
  readonly initial?: SystemSettingsInput;
  /** Formats of the user's, by name, that targets may have. Default: none. */
  readonly formats?: Readonly<Record<string, DefinedFormat>>;
}

/**
 * Follows the key: what another member writes is in force here a moment later. A change is written only over what it
 * was made from. What cannot be used is told and ignored; a key that was removed is written again, with what runs.
 */
export class NatsSettings
  extends EventEmitter<NatsSettingsEvents>
  implements SettingsSource<SystemSettings>, SharedSettings
{
  readonly #key: Key;
  readonly #cache: CacheFile | undefined;
  readonly #formats: Formats;
  readonly #inForce: SettingsInForce;
  /** What the key held when it was last looked at, whether or not it could be used. */
  #entry: Entry | undefined;
  /** Whether what the key holds cannot be used. */
  #isRejected = false;
  #problem: LogTargetsError | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #interval: NodeJS.Timeout | undefined;
  readonly #looks = new Set<NodeJS.Timeout>();
  #unsubscribe: (() => void) | undefined;
  #isClosed = false;

  /**
   * Opens the settings: those of the key; without NATS, or with an empty key, those of the cache file, else `initial`.
   * An empty key gets them.
   * @throws LogTargetsError `SETTINGS_UNAVAILABLE` when NATS cannot be reached and there is nothing else to start with
   * @throws SettingsError when `initial` is wrong, or all that there is
   * @throws TypeError when another option is
   */
  static async open(options: NatsSettingsOptions): Promise<NatsSettings> {
    checkPlace(options);
    const { connection, bucket = 'log-targets', key: name = 'settings', cacheFile, initial } = options;
    const formats = new Formats(options.formats);
    const given = initial && validateSettings(initial, formats);
    const key = new Key(connection, bucket, name);
    const cache = cacheFile === undefined ? undefined : new CacheFile(cacheFile);
    const read = await key.read().catch((error: unknown) => unavailable(error));
    const isAway = read instanceof LogTargetsError;
    const found =
      isAway || read === undefined ? undefined : parse(read.text, formats, `NATS ${bucket}/${name}`);
    const cached =
      found instanceof Error || found === undefined ? await readCache(cache, formats) : undefined;
    const fallback = given ?? (isAway ? undefined : defaultSettings);
    const settings = [found, cached, fallback].find((each) => each !== undefined && !(each instanceof Error));
    const problems = [found, cached].filter((each) => each instanceof SettingsError);
    if (settings === undefined) throw problems[0] ?? read;
    const store = new NatsSettings(key, cache, formats, settings as SystemSettings);
    if (!isAway) store.#entry = read;
    store.#isRejected = found instanceof Error;
    if (isAway) store.#failed(read);
    await store.#begin();
    // By then somebody may listen.
    setImmediate(() => {
      for (const problem of problems) store.#tell('rejected', problem);
    });
    return store;
  }

  private constructor(key: Key, cache: CacheFile | undefined, formats: Formats, settings: SystemSettings) {
    super();
    this.#key = key;
    this.#cache = cache;
    this.#formats = formats;
    this.#inForce = new SettingsInForce(settings, formats, (warning) => this.#tell('warn', warning));
    offerFormats(this, formats);
  }

  /** The settings in force, deeply frozen. Inspecting them (`console.log`) shows masks instead of secrets. */
  get current(): SystemSettings {
    return this.#inForce.current;
  }

  /** The same at all members that have heard of the last change. */
  get revision(): string {
    return this.#entry?.revision ?? 'none';
  }

  /** Why changes are neither heard nor made at the moment; `undefined`: they are. */
  get unavailable(): LogTargetsError | undefined {
    return this.#problem;
  }

  /**
   * Replaces all settings, at all members.
   * @returns the settings in force then
   * @throws SettingsError when anything is wrong, and `SETTINGS_CONFLICT` when the revision is not the expected one;
   * LogTargetsError `SETTINGS_NOT_SAVED` when NATS did not take them
   */
  change(next: SystemSettingsInput, { expectedRevision }: ChangeOptions = {}): Promise<SystemSettings> {
    if (this.#isClosed) return Promise.reject(notSaved('they are closed'));
    return this.#inTurn(async () => {
      const settings = validateSettings(next, this.#formats);
      for (let tries = 1; ; tries++) {
        await this.#look().catch((error: unknown) => {
          throw notSaved(messageOf(error), error);
        });
        if (expectedRevision !== undefined && expectedRevision !== this.revision) throw settingsConflict();
        try {
          await this.#key.write(JSON.stringify(settings), this.#entry);
          break;
        } catch (error) {
          if (!(error instanceof KeyConflict)) throw notSaved(messageOf(error), error);
          if (expectedRevision !== undefined) throw settingsConflict();
          if (tries === MAX_TRIES) throw notSaved('others are writing all the time', error);
        }
      }
      await this.#look().catch(() => {
        // They are written: whoever looks next finds them.
        this.#inForce.adopt(settings);
      });
      return this.current;
    });
  }

  /** The same as `change`. */
  replace(next: SystemSettingsInput): Promise<SystemSettings> {
    return this.change(next);
  }

  /** Calls `listener` after each change, whoever makes it; returns a function that ends that. */
  subscribe(listener: SettingsListener<SystemSettings>): () => void {
    return this.#inForce.subscribe(listener);
  }

  /** Stops following, and waits for changes that are under way. The connection stays. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#interval);
    for (const look of this.#looks) clearTimeout(look);
    this.#unsubscribe?.();
    await this.#last.catch(() => {});
  }

  /** What `console.log` shows of it: no secrets. */
  [inspect.custom](): string {
    const shown = { revision: this.revision, current: maskSettings(this.current) };
    return `NatsSettings ${inspect(shown, { depth: 5 })}`;
  }

  async #begin(): Promise<void> {
    this.#interval = setInterval(() => this.#lookSoon(), READ_INTERVAL_MS).unref();
    // Neither is waited for: NATS may be away for long.
    this.#key
      .listen(() => this.#heard())
      .then(
        (unsubscribe) => {
          if (this.#isClosed) unsubscribe();
          else this.#unsubscribe = unsubscribe;
          this.#lookSoon();
        },
        (error: unknown) => this.#failed(unavailable(error)),
      );
    this.#key.watchConnection(() => this.#lookSoon()).catch(() => {});
    if (this.#problem === undefined) await this.#inTurn(() => this.#look()).catch(() => {});
  }

  #heard(): void {
    for (const delayMs of LOOKS_AFTER_MS) {
      const timer = setTimeout(() => {
        this.#looks.delete(timer);
        this.#lookSoon();
      }, delayMs).unref();
      this.#looks.add(timer);
    }
  }

  #lookSoon(): void {
    if (this.#isClosed) return;
    void this.#inTurn(() => this.#look()).catch(() => {});
  }

  /** Reads the key and takes over what it holds. Fails when NATS cannot be reached. */
  async #look(): Promise<void> {
    try {
      const entry = (await this.#key.read()) ?? (await this.#writeBack());
      if (this.#problem) {
        this.#problem = undefined;
        this.#tell('recovered');
      }
      if (entry !== undefined && entry.revision !== this.#entry?.revision) this.#take(entry);
      await this.#keep();
    } catch (error) {
      this.#failed(unavailable(error));
      throw error;
    }
  }

  #take(entry: Entry): void {
    this.#entry = entry;
    const settings = parse(entry.text, this.#formats, 'NATS');
    if (settings instanceof Error) {
      this.#isRejected = true;
      this.#tell('rejected', settings);
      return;
    }
    this.#inForce.adopt(settings);
    if (this.#isRejected) this.#tell('recovered');
    this.#isRejected = false;
  }

  /** The key is empty, or was emptied. Whoever is first writes what it runs; the others follow. */
  async #writeBack(): Promise<Entry | undefined> {
    await this.#key.write(JSON.stringify(this.current), undefined).catch((error: unknown) => {
      if (!(error instanceof KeyConflict)) throw error;
    });
    return this.#key.read();
  }

  async #keep(): Promise<void> {
    try {
      await this.#cache?.write(JSON.stringify(this.current));
    } catch (error) {
      const text = `The settings could not be kept in ${this.#cache?.path}: ${messageOf(error)}`;
      this.#tell('warn', new LogTargetsError('SETTINGS_NOT_SAVED', text, { cause: error }));
    }
  }

  #failed(error: LogTargetsError): void {
    const isNew = this.#problem === undefined;
    this.#problem = error;
    if (isNew) this.#tell('unavailable', error);
  }

  #inTurn<Value>(act: () => Promise<Value>): Promise<Value> {
    const turn = this.#last.then(act, act);
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** What listeners throw must not end the process. */
  #tell<Event extends keyof NatsSettingsEvents>(event: Event, ...args: NatsSettingsEvents[Event]): void {
    try {
      (this.emit as (name: Event, ...all: NatsSettingsEvents[Event]) => boolean).call(this, event, ...args);
    } catch {
      // There is nobody left to tell.
    }
  }
}

/** The settings that a text holds, or what is wrong with it. */
function parse(text: string, formats: Formats, where: string): SystemSettings | SettingsError {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may hold a secret.
    return new SettingsError([{ path: 'settings', message: 'Expected JSON' }], { file: where });
  }
  try {
    return validateSettings(value as SystemSettingsInput, formats);
  } catch (error) {
    if (error instanceof SettingsError) return new SettingsError(error.problems, { file: where });
    throw error;
  }
}

async function readCache(
  cache: CacheFile | undefined,
  formats: Formats,
): Promise<SystemSettings | SettingsError | undefined> {
  if (cache === undefined) return undefined;
  try {
    const text = await cache.read();
    return text === undefined ? undefined : parse(text, formats, cache.path);
  } catch (error) {
    return new SettingsError([{ path: 'cacheFile', message: messageOf(error) }], { file: cache.path });
  }
}

function unavailable(error: unknown): LogTargetsError {
  const text = `The settings in NATS cannot be reached: ${messageOf(error)}`;
  return new LogTargetsError('SETTINGS_UNAVAILABLE', text, { cause: error });
}

function notSaved(why: string, cause?: unknown): LogTargetsError {
  return new LogTargetsError('SETTINGS_NOT_SAVED', `The settings could not be saved: ${why}`, { cause });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
