/** Settings as operators change them: as a whole, or one target of them. */

import type { IncomingMessage } from 'node:http';
import { SettingsError } from '../errors.js';
import type { Formats } from '../formats/formats.js';
import { formatsOf } from '../formats/known-formats.js';
import { isSameJson } from '../model/json.js';
import type { Requestor } from '../model/requestor.js';
import { maskSettings } from '../settings/masking.js';
import type { LogTargetSettings, SystemSettings } from '../settings/schema.js';
import type { SharedSettings } from '../settings/source.js';
import { changeSettings, etagOf, readSettings } from '../settings-api/change-settings.js';
import {
  addTarget,
  patchSettings,
  patchTarget,
  removeTarget,
  replaceSettings,
  resolveTarget,
} from '../settings-api/next-settings.js';
import type { Recorder } from './audit-trail.js';

const SETTINGS = '/1.0/system/settings';

/** Who changes settings, and on which condition. */
export interface Change {
  readonly request: IncomingMessage;
  readonly requestor: Requestor;
}

/** The tag of what is in force then; none when somebody else has changed that meanwhile. */
export type Changed = Promise<string | undefined>;

/** Every change is validated as a whole, saved, and recorded as `system-settings-modified`. */
export class SettingsDesk {
  readonly #store: SharedSettings;
  readonly #recorder: Recorder;
  readonly #formats: Formats;

  constructor(store: SharedSettings, recorder: Recorder) {
    this.#store = store;
    this.#recorder = recorder;
    this.#formats = formatsOf(store, recorder);
  }

  /** Of the settings that are in force. */
  get etag(): string {
    return etagOf(readSettings(this.#store, this.#formats).revision);
  }

  /** What may be seen of the settings. */
  read(): object {
    return maskSettings(readSettings(this.#store, this.#formats).settings);
  }

  replaceAll(change: Change, body: unknown): Changed {
    return this.#change(change, (current) => replaceSettings(current, body, this.#formats));
  }

  patchAll(change: Change, body: unknown): Changed {
    return this.#change(change, (current) => patchSettings(current, body, this.#formats));
  }

  addTarget(change: Change, target: unknown): Changed {
    return this.#change(change, (current) => ofTarget(() => addTarget(current, target, this.#formats)));
  }

  patchTarget(change: Change, name: string, patch: unknown): Changed {
    return this.#change(change, (current) =>
      ofTarget(() => patchTarget(current, name, patch, this.#formats)),
    );
  }

  removeTarget(change: Change, name: string): Changed {
    return this.#change(change, (current) => removeTarget(current, name, this.#formats));
  }

  /**
   * A target that is not saved, with stored secrets where it has masks.
   * @throws SettingsError that tells all that is wrong with it
   */
  resolve(target: unknown): LogTargetSettings {
    return ofTarget(() =>
      resolveTarget(readSettings(this.#store, this.#formats).settings, target, this.#formats),
    );
  }

  async #change({ request, requestor }: Change, make: (current: SystemSettings) => SystemSettings): Changed {
    const { after } = await changeSettings(this.#store, this.#formats, request, make);
    const details = { entities: [SETTINGS], requestor, metadata: maskSettings(after) };
    await Promise.resolve()
      .then(() => this.#recorder.lifecycle('system-settings-modified', details))
      .catch(() => {});
    const { settings, revision } = readSettings(this.#store, this.#formats);
    return isSameJson(settings, after) ? etagOf(revision) : undefined;
  }
}

/** Whoever sent one target is told of its keys, not of its place in the list. */
function ofTarget<Value>(act: () => Value): Value {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const problems = error.problems.map(({ path, message }) => ({
      path: path.replace(/^log_targets\[\d+\]\.?/, '') || 'target',
      message,
    }));
    throw new SettingsError(problems);
  }
}
