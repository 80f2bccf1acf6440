/** Takes a directory, finds out what is in it, and makes it ready to be written to. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DeadLetters } from '../dead-letters/dead-letters.js';
import { SpoolClock } from '../disk/clock.js';
import { EventLog } from '../disk/event-log.js';
import { EventReader } from '../disk/event-reader.js';
import { claimDirectory } from '../disk/files.js';
import { Journal } from '../disk/journal.js';
import type { LogKind } from '../disk/layout.js';
import { type Damage, findSpool } from '../disk/opening.js';
import { Ownership } from '../disk/ownership.js';
import type { SpoolState } from '../disk/state.js';
import { TailNoteFile } from '../disk/tail-note.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import type { QueueBounds } from '../queue/queue.js';
import type { Reporter } from '../report.js';
import { maxFileBytesOf } from './bounds.js';
import type { Disk } from './group-commit.js';
import { readBatches } from './recovery.js';

/** A file of events takes them for so much of `maxAge` at most: it goes as a whole. */
const SPANS = 16;

/** Where a spool is, and its bounds. */
export interface SpoolLocation {
  /** Absolute path. */
  readonly directory: string;
  /** Bytes of events; a tenth of it for dead letters. */
  readonly maxBytes: number;
  /** Milliseconds; Infinity: events do not get too old. */
  readonly maxAgeMs: number;
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
export async function openDisk({ directory, maxBytes, maxAgeMs }: SpoolLocation): Promise<OpenedDisk> {
  claimDirectory(directory);
  const ownership = await Ownership.take(directory);
  try {
    const { spool, state, number, nextNumbers, needed, leftovers, damage } = await findSpool(directory);
    // Nothing has been changed until now.
    ownership.confirm();
    const clock = new SpoolClock(state.clock);
    const log = (kind: LogKind) => {
      const files = [...state.files].filter(([, file]) => file.kind === kind);
      files.sort(([, a], [, b]) => a.number - b.number || a.first - b.first);
      const options = {
        directory,
        owner: ownership.id,
        header: { spool, kind },
        maxFileBytes: maxFileBytesOf(maxBytes),
        maxSpanMs: kind === 'dead' ? Number.POSITIVE_INFINITY : maxAgeMs / SPANS,
        base: kind === 'dead' ? 0 : state.next[0],
      };
      return new EventLog(options, files, nextNumbers[kind]);
    };
    const logs = { logging: log('logging'), audit: log('audit'), dead: log('dead') };
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
