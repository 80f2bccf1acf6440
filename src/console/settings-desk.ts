/** Settings as operators change them: as a whole, or one target of them. */

import type { IncomingMessage } from 'node:http';
import { SettingsError } from '../errors.js';
import type { Formats } from '../formats/formats.js';
import type { Requestor } from '../model/requestor.js';
import type { LogTargetSettings, SystemSettings } from '../settings/schema.js';
import type { SharedSettings } from '../settings/source.js';
import {
  addTarget,
  patchSettings,
  patchTarget,
  removeTarget,
  replaceSettings,
  resolveTarget,
} from '../settings-api/next-settings.js';
import { SettingsDesk as SharedDesk, type ShownSettings } from '../settings-api/settings-desk.js';
import type { Recorder } from './audit-trail.js';

/** Who changes settings, and on which condition. */
export interface Change {
  readonly request: IncomingMessage;
  readonly requestor: Requestor;
}

/** The tag of what is in force then; none when somebody else has changed that meanwhile. */
export type Changed = Promise<string | undefined>;

/** Every change is validated as a whole, saved, and recorded as `system-settings-modified`. */
export class SettingsDesk {
  readonly #desk: SharedDesk;
  readonly #formats: Formats;

  constructor(store: SharedSettings, recorder: Recorder) {
    this.#desk = new SharedDesk(store, recorder);
    this.#formats = this.#desk.formats;
  }

  /** Of the settings that are in force. */
  get etag(): string {
    return this.#desk.etag;
  }

  /** What may be seen of the settings. */
  read(): ShownSettings {
    return this.#desk.show();
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
    return ofTarget(() => resolveTarget(this.#desk.current, target, this.#formats));
  }

  /** Reports that somebody was not let change settings, or not so. */
  refused(request: IncomingMessage, error: unknown, requestor: Requestor | undefined): void {
    this.#desk.refused(request, error, requestor);
  }

  #change({ request, requestor }: Change, make: (current: SystemSettings) => SystemSettings): Changed {
    return this.#desk.change(request, requestor, make);
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
