/** Takes a directory, finds out what is in it, and makes it ready to be written to. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { DeadLetters } from '../dead-letters/dead-letters.js';
import { SpoolClock } from '../disk/clock.js';
import { EventReader } from '../disk/event-reader.js';
import { claimDirectory } from '../disk/files.js';
import { Journal } from '../disk/journal.js';
import { type LogBounds, openLogs, readBatches } from '../disk/logs.js';
import { type Damage, findSpool } from '../disk/opening.js';
import { Ownership } from '../disk/ownership.js';
import type { SpoolState } from '../disk/state.js';
import { TailNoteFile } from '../disk/tail-note.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import type { QueueBounds } from '../queue/queue.js';
import type { Reporter } from '../report.js';
import type { Disk } from './group-commit.js';

/** Where a spool is, and its bounds. */
export interface SpoolLocation extends LogBounds {
  /** Absolute path. */
  readonly directory: string;
}

/** How a spool is used. */
export interface SpoolOptions extends SpoolLocation {
  /** Bounds of what is nowhere but in memory, for each queue. */
  readonly memory: QueueBounds;
  readonly report: Reporter;
}

export interface OpenedDisk {
  readonly disk: Disk;
  readonly state: SpoolState;
  /** The events of all batches, by queue. */
  readonly taken: ReadonlyMap<string, readonly EncodedEvent[]>;
  readonly damage: Damage | undefined;
  /** Why nothing can be written at the moment. */
  readonly refusal: unknown;
}

/** @throws InUseError, or the error of the file system */
export async function openDisk(location: SpoolLocation): Promise<OpenedDisk> {
  const { directory } = location;
  // The turn in which a service makes its transport is long enough.
  await setImmediate();
  claimDirectory(directory);
  const ownership = await Ownership.take(directory);
  try {
    const found = await findSpool(directory);
    const { spool, state, number, nextNumbers, needed, leftovers, damage } = found;
    // Nothing has been changed until now.
    ownership.confirm();
    const clock = new SpoolClock(state.clock);
    const logs = openLogs(directory, ownership.id, found, location);
    const reader = new EventReader(directory, state.next[0]);
    const letters = new DeadLetters(logs.dead, reader, state.gone, state.next[1]);
    for (const name of leftovers) rmSync(join(directory, name), { force: true });
    const start = { spool, state, number, fileNumber: nextNumbers.state, obsolete: needed };
    const journal = new Journal(directory, ownership.id, start);
    const taken = await readBatches(state, logs, reader);
    const refusal = await journal.begin(clock.read()).catch((error: unknown) => error);
    const note = TailNoteFile.open(directory);
    const base = state.next[0];
    const shared = { directory, ownership, spool, journal, logs, letters, reader, note, clock, base };
    return { disk: { ...shared, removed: new Map(), marked: new Set() }, state, taken, damage, refusal };
  } catch (error) {
    ownership.release();
    throw error;
  }
}

/** Lets go of it. */
export async function closeDisk({ journal, logs, note, ownership }: Disk): Promise<void> {
  await Promise.all([journal.close(), ...Object.values(logs).map((log) => log.close())]);
  note.close();
  ownership.release();
}
