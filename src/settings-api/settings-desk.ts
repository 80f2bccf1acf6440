/** Where settings are read and changed for clients of an API: on the right revision, recorded, and told when refused. */

import type { IncomingMessage } from 'node:http';
import { setImmediate as immediate } from 'node:timers/promises';
import type { Formats } from '../formats/formats.js';
import { formatsOf } from '../formats/known-formats.js';
import { asHttpError } from '../http/envelope.js';
import { describe } from '../model/describe.js';
import { isSameJson } from '../model/json.js';
import { formatRequestor, type Requestor } from '../model/requestor.js';
import { type ChangeDetails, changeRecorderOf } from '../settings/change-recorder.js';
import { maskSettings } from '../settings/masking.js';
import type { SystemSettings } from '../settings/schema.js';
import type { SharedSettings } from '../settings/source.js';
import { changeMetadata } from './change-metadata.js';
import { changeSettings, etagOf, type MadeChange, readSettings } from './change-settings.js';

const ENTITY = '/1.0/system/settings';
const ACTION = 'system-settings-modified';
/** Of refusals that say something of who asks; others are accidents. */
const tellingStatuses: ReadonlySet<number> = new Set([400, 401, 403, 409, 412]);

/** What records that settings were changed: an `EventTransport`. */
export interface AuditRecorder {
  /** Records a change of the settings. */
  lifecycle(action: string, details: ChangeDetails): unknown;
}

/** The settings as a client may see them. */
export interface ShownSettings {
  readonly metadata: object;
  readonly etag: string;
}

/** @throws TypeError when something is no store */
export function checkStore(store: SharedSettings | undefined): void {
  if (typeof store?.change === 'function' && typeof store.subscribe === 'function') return;
  throw new TypeError(`Expected \`store\` to be a SettingsStore, or of its shape, got ${describe(store)}`);
}

/** One for each store, and the transport that records its changes. */
export class SettingsDesk {
  /** Those that targets may have. */
  readonly formats: Formats;
  readonly #store: SharedSettings;
  readonly #transport: AuditRecorder | undefined;

  constructor(store: SharedSettings, transport: AuditRecorder | undefined) {
    this.#store = store;
    this.#transport = transport;
    this.formats = formatsOf(store, transport);
  }

  /**
   * The settings in force, complete and with their secrets.
   * @throws HttpError 500 when the store holds something that is none
   */
  get current(): SystemSettings {
    return readSettings(this.#store, this.formats).settings;
  }

  /** The entity tag of the settings in force. */
  get etag(): string {
    return etagOf(this.#store.revision);
  }

  /** @throws HttpError 500 when the store holds something that is none */
  show(): ShownSettings {
    const { settings, revision } = readSettings(this.#store, this.formats);
    return { metadata: maskSettings(settings), etag: etagOf(revision) };
  }

  /**
   * Changes the settings to what `make` makes of those that are in force, and records it.
   * @returns the entity tag of what was made; `undefined` when somebody else has changed it since
   * @throws HttpError, SettingsError and what `make` throws: nothing was changed
   */
  async change(
    request: Pick<IncomingMessage, 'headers'>,
    requestor: Requestor,
    make: (current: SystemSettings) => SystemSettings,
  ): Promise<string | undefined> {
    // A thousand targets take their time to be read, changed and recorded: others have their turns in between.
    await immediate();
    const made = await changeSettings(this.#store, this.formats, request, make);
    await immediate();
    await this.#record(made, requestor);
    const { settings, revision } = readSettings(this.#store, this.formats);
    return settings === made.after || isSameJson(settings, made.after) ? etagOf(revision) : undefined;
  }

  /** Reports that a change was refused. `requestor`: as far as it is known who asked for it */
  refused({ method, socket }: IncomingMessage, error: unknown, requestor?: Requestor): void {
    const { status, message } = asHttpError(error);
    if (method === 'GET' || method === 'HEAD' || !tellingStatuses.has(status)) return;
    const client = requestor ? formatRequestor(requestor) : (socket.remoteAddress ?? '-');
    changeRecorderOf(this.#transport)?.report({
      type: 'settingsRefused',
      client,
      method: method ?? '',
      status,
      reason: message,
    });
  }

  /** The change is made: that it cannot be recorded must not read as if it were not. */
  async #record({ before, after }: MadeChange, requestor: Requestor): Promise<void> {
    const details = { entities: [ENTITY], requestor, metadata: changeMetadata(before, after) };
    const recorder = changeRecorderOf(this.#transport);
    // Only of targets that really ran may any be cut off.
    const ran = recorder?.source === this.#store ? before.log_targets : [];
    await Promise.resolve()
      .then(() => recorder?.record(ACTION, details, ran) ?? this.#transport?.lifecycle(ACTION, details))
      .catch(() => {});
  }
}
