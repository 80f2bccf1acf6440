/** Fetches the JSON Schema of the settings when a form is first opened. */

import { loadFile } from './api.js';
import { parseSchema, type SettingsSchema } from './schema.js';

let loaded: Promise<SettingsSchema> | undefined;

/** Of the service that shows the page. @throws AwayError */
export function loadSchema(): Promise<SettingsSchema> {
  loaded ??= loadFile('./settings.schema.json').then((root) => parseSchema(root as Record<string, unknown>));
  loaded.catch(() => {
    loaded = undefined;
  });
  return loaded;
}
