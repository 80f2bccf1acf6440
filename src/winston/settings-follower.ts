/** Has a transport follow a source of settings: with its targets, and with the level of its loggers. */

import { EventEmitter } from 'node:events';
import { SettingsError } from '../errors.js';
import type { Formats } from '../formats/formats.js';
import type { Level } from '../model/level.js';
import type { Reporter } from '../report.js';
import type { LogTargetSettings } from '../settings/schema.js';
import { type SettingsSource, sourceEvents } from '../settings/source.js';
import { validateSettings } from '../settings/validate.js';
import type { AttachedLogger } from './attached-loggers.js';
import { levelNameOf } from './levels.js';

/** Who follows. */
export interface Followers {
  readonly loggers: Iterable<AttachedLogger>;
  /** Goes on with these targets. */
  readonly reload: (targets: LogTargetSettings[]) => void;
  readonly report: Reporter;
}

/** Settings that are wrong are reported, and what runs goes on. */
export class SettingsFollower {
  /** Those of the source at the start. */
  readonly targets: LogTargetSettings[];
  readonly #source: SettingsSource;
  readonly #formats: Formats;
  #logLevel: Level;
  /** Why the last settings were refused, until others can be used. */
  #rejection: SettingsError | undefined;
  #isUnavailable = false;
  #unsubscribe = (): void => {};

  /** @throws SettingsError when the settings that there are now are wrong */
  constructor(source: SettingsSource, formats: Formats) {
    const { log_targets, log_level } = validateSettings(source.current, formats);
    this.#formats = formats;
    this.#source = source;
    this.targets = log_targets;
    this.#logLevel = log_level;
  }

  /** @throws TypeError when the source does not let go of those who follow it */
  follow({ loggers, reload, report }: Followers): void {
    const rejected = (given: unknown) => {
      const error = given instanceof SettingsError ? given : foreign(given);
      this.#rejection = error;
      const { problems, file } = error;
      report({ type: 'reloadRejected', problems, ...(file !== undefined && { file }) });
    };
    const unavailable = (error: Error) => {
      this.#isUnavailable = true;
      const code = 'code' in error ? String(error.code) : 'SETTINGS_UNAVAILABLE';
      report({ type: 'settingsUnavailable', error: { code, message: error.message } });
    };
    const recovered = () => {
      if (this.#isUnavailable) report({ type: 'settingsAvailable' });
      this.#isUnavailable = false;
      if (this.#rejection === undefined) return;
      const { file } = this.#rejection;
      this.#rejection = undefined;
      report({ type: 'reloadRecovered', ...(file !== undefined && { file }) });
    };
    const unsubscribe = this.#source.subscribe((current) => {
      try {
        const { log_targets, log_level } = validateSettings(current, this.#formats);
        reload(log_targets);
        this.#logLevel = log_level;
        for (const logger of loggers) this.setLevel(logger);
        recovered();
      } catch (error) {
        // A format that writes no text, as far as that could not be known before.
        if (error instanceof SettingsError || error instanceof TypeError) rejected(error);
        else throw error;
      }
    });
    if (typeof unsubscribe !== 'function') {
      throw new TypeError('Expected `settings.subscribe` to return a function that ends the subscription');
    }
    const told = { rejected, unavailable, recovered };
    // A source that is no emitter may know of one event only, and not ask for its name.
    const events = this.#source instanceof EventEmitter ? sourceEvents : (['rejected'] as const);
    for (const event of events) this.#source.on?.(event, told[event]);
    if (this.#source.unavailable) unavailable(this.#source.unavailable);
    this.#unsubscribe = () => {
      for (const event of events) this.#source.off?.(event, told[event]);
      unsubscribe();
    };
  }

  /** Gives a logger the log level of the settings; targets have their own. */
  setLevel(logger: AttachedLogger): void {
    if (logger.levels === undefined) return;
    const name = levelNameOf(this.#logLevel, logger.levels);
    if (name !== undefined) logger.level = name;
  }

  /** Can be called again. What a source of somebody else's throws then must not keep the transport from its end. */
  end(): void {
    const unsubscribe = this.#unsubscribe;
    this.#unsubscribe = () => {};
    try {
      unsubscribe();
    } catch {
      // Whatever it still tells comes to targets that are closed.
    }
  }
}

/** A source of somebody else's may tell of anything. */
function foreign(error: unknown): SettingsError {
  return new SettingsError([
    { path: 'settings', message: error instanceof Error ? error.message : String(error) },
  ]);
}
