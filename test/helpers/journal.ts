/** A journal of a spool that has just begun. */

import { Journal } from '../../src/disk/journal.js';
import { emptyState } from '../../src/disk/state.js';

/** Part of the names of all files of the spool. */
export const owner = '0123456789abcdef';

export const clock = { ms: 1, uptimeMs: 1 };

export function startJournal(directory: string): Journal {
  return new Journal(directory, owner, {
    spool: 'one',
    state: emptyState,
    number: 0,
    fileNumber: 1,
    obsolete: [],
  });
}
