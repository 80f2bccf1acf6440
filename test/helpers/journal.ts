/** Parts of a spool as they are on disk: a journal that has just begun, a frame of events. */

import { Journal } from '../../src/disk/journal.js';
import { encodeEvents, type NewEvent } from '../../src/disk/layout.js';
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

/** A frame with these events. */
export function frameOf(events: readonly NewEvent[], base: number, number: number, ms: number): Buffer {
  const frame = encodeEvents(events, base, number, ms);
  return frame.write(Buffer.alloc(frame.length));
}
