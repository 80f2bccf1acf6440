/** What `ping` and `send` send with. */

import { SettingsError } from '../../errors.js';
import type { SystemSettings } from '../../settings/schema.js';
import type { SettingsSource } from '../../settings/source.js';
import { EventTransport } from '../../winston/transport.js';
import { Failure } from '../failure.js';

/**
 * A transport with the targets of a file, for as long as a command lives.
 * @throws Failure when secrets are in files, and nobody has said where
 */
export function transportFor(current: SystemSettings, secretsDirectory: string | undefined): EventTransport {
  const settings: SettingsSource = { current, subscribe: () => () => {} };
  try {
    return new EventTransport({ settings, ...(secretsDirectory !== undefined && { secretsDirectory }) });
  } catch (error) {
    if (!(error instanceof SettingsError) || secretsDirectory !== undefined) throw error;
    throw new Failure(error.message, { hint: 'Say with --secrets-directory where these files are.' });
  }
}
