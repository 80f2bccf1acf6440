/** Whatever keeps a spool from being used, as the error that its user gets. */

import { SpoolError } from '../errors.js';

export function spoolError(directory: string, error: unknown): SpoolError {
  if (error instanceof SpoolError) return error;
  return new SpoolError(directory, error instanceof Error ? error.message : String(error), { cause: error });
}
