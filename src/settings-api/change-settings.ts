/** Makes a change to shared settings: on what it was made from, recorded, whoever else changes them meanwhile. */

import type { IncomingMessage } from 'node:http';
import { SettingsError } from '../errors.js';
import type { Formats } from '../formats/formats.js';
import { HttpError } from '../http/envelope.js';
import type { SystemSettings } from '../settings/schema.js';
import type { SharedSettings } from '../settings/source.js';
import { validateSettings } from '../settings/validate.js';

/** How often a change without a precondition is made anew, when others were quicker. */
const MAX_TRIES = 20;

/** Settings as they were at one moment. */
export interface Snapshot {
  readonly settings: SystemSettings;
  readonly revision: string;
}

/** A change that was made. */
export interface MadeChange {
  readonly before: SystemSettings;
  readonly after: SystemSettings;
}

/**
 * The settings in force, complete.
 * @throws HttpError 500 when a store of somebody else's holds something that is none
 */
export function readSettings({ current, revision }: SharedSettings, formats: Formats): Snapshot {
  try {
    return { settings: validateSettings(current, formats), revision };
  } catch {
    throw new HttpError(500, 'The stored settings cannot be used');
  }
}

/** The entity tag of a revision. */
export function etagOf(revision: string): string {
  return `"${revision}"`;
}

/**
 * Changes the settings to what `make` makes of those that are in force, and of no others.
 * @throws HttpError 412 when they are not those that the request expects
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.if-match
 */
export async function changeSettings(
  store: SharedSettings,
  formats: Formats,
  { headers }: Pick<IncomingMessage, 'headers'>,
  make: (current: SystemSettings) => SystemSettings,
): Promise<MadeChange> {
  const tags = headers['if-match']?.split(',').map((tag) => tag.trim());
  const isConditional = tags !== undefined && !tags.includes('*');
  for (let tries = 1; ; tries++) {
    const { settings: before, revision } = readSettings(store, formats);
    if (isConditional && !tags.includes(etagOf(revision))) throw changedMeanwhile();
    const after = make(before);
    try {
      await store.change(after, { expectedRevision: revision });
      return { before, after };
    } catch (error) {
      if (!(error instanceof SettingsError && error.code === 'SETTINGS_CONFLICT')) throw error;
      if (isConditional || tries === MAX_TRIES) throw changedMeanwhile();
    }
  }
}

function changedMeanwhile(): HttpError {
  return new HttpError(412, 'The settings have been changed since they were read');
}
