/** `log-targets schema`: the JSON Schema of the settings, for editors. */

import { settingsJsonSchema } from '../../settings/json-schema.js';
import { print } from '../terminal.js';

/** Prints it, for a person or a program alike. */
export async function schema(): Promise<void> {
  print(JSON.stringify(settingsJsonSchema(), undefined, 2));
}
