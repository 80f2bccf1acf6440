/** Writes what has gathered in one go: events into their logs, and into the journal what became of others. */

import { join } from 'node:path';
import type { DeadLetters } from '../dead-letters/dead-letters.js';
import type { SpoolClock } from '../disk/clock.js';
import type { LogFile, Plan } from '../disk/event-log.js';
import type { EventReader } from '../disk/event-reader.js';
import { removeFile } from '../disk/files.js';
import type { Journal } from '../disk/journal.js';
import type { LogKind, NewEvent } from '../disk/layout.js';
import type { Logs } from '../disk/logs.js';
import type { Ownership } from '../disk/ownership.js';
import { moveAside } from '../disk/set-aside.js';
import { type FileState, laneOf, lanes, type QueueState } from '../disk/state.js';
import type { TailNote, TailNoteFile } from '../disk/tail-note.js';
import type { Batch } from '../queue/batch.js';
import { queueState } from './recovery.js';
import type { SpoolQueue } from './spool-queue.js';
import { type Entry, isSame, type Unwritten } from './unwritten.js';

/** A spool's directory, as long as it is owned. */
export interface Disk {
  readonly directory: string;
  readonly ownership: Ownership;
  readonly spool: string;
  readonly journal: Journal;
  readonly logs: Logs;
  readonly letters: DeadLetters;
  readonly reader: EventReader;
  readonly note: TailNoteFile;
  readonly clock: SpoolClock;
  /** What makes a position of a `seq`. */
  readonly base: number;
  /** Files that nobody waits for, and that are still there. */
  readonly removed: Map<string, LogFile>;
  /** Files of which something has changed that is not told by their events. */
  readonly marked: Set<LogFile>;
}

/** What goes into a commit. */
export interface Group {
  /** All there are. */
  readonly queues: ReadonlyMap<string, SpoolQueue>;
  /** Of these something has changed. */
  readonly dirty: ReadonlySet<SpoolQueue>;
  readonly unwritten: Unwritten;
  /** Whether events are part of it: not while the disk has no room for them. */
  readonly withEvents: boolean;
  /** Comes back when it is on disk, also when there are no events in it. */
  readonly sync: boolean;
  /** `seq` of the youngest event there is. */
  readonly lastSeq: () => number;
}

/** What was written. */
export interface Written {
  readonly isSynced: boolean;
  /** How many files have gone. */
  readonly removed: number;
}

/** @throws the error of the file system; then all is as before */
export async function commitGroup(disk: Disk, group: Group): Promise<Written> {
  const { journal, letters, clock } = disk;
  // Before the events: they must not take the room in which it is told that they were delivered.
  if (!journal.hasRoom) {
    await journal.begin(clock.read()).catch((error: unknown) => {
      if (group.withEvents) throw error;
    });
  }
  // From here to the first write nothing comes between: it is one picture of all queues.
  const [nowMs, lastSeq] = [clock.nowMs, group.lastSeq()];
  const entries = group.withEvents ? group.unwritten.take() : [[], []];
  const dirty = new Set(group.dirty);
  const plans = new Map<LogKind, Plan>();
  const plan = (kind: LogKind, events: readonly NewEvent[]) => {
    if (events.length > 0) plans.set(kind, disk.logs[kind].plan(events, journal.number + 1, nowMs));
    return plans.get(kind)?.file;
  };
  for (const [lane, kind] of lanes.entries()) {
    const file = plan(kind, entries[lane] ?? []);
    for (const { queues, events, bytes } of runsOf(entries[lane] ?? [])) {
      for (const queue of queues) {
        file?.add(queue, events, bytes);
        queue.ever += events;
        dirty.add(queue);
      }
    }
  }
  const deadFile = group.withEvents ? plan('dead', letters.write()) : undefined;
  if (deadFile) letters.planned(deadFile);
  for (const queue of group.queues.values()) queue.committing(group.withEvents ? lastSeq : undefined);
  const batches = new Map([...dirty].map((queue) => [queue, queue.guardian.state.batches]));
  const changed = new Map([...dirty].map((queue) => [queue, queue.changedFiles]));
  const [end, letterEnd] = [disk.base + lastSeq + 1, letters.next];
  const pending = pendingOf(group.queues);
  for (const log of Object.values(disk.logs)) {
    for (const file of log.release()) disk.removed.set(file.name, file);
  }
  const marked = [...disk.marked];
  const entry = journal.prepare({
    clock: clock.read(),
    next: [end, letterEnd],
    files: filesOf(plans.values(), marked, disk.removed.keys()),
    queues: Object.fromEntries([...dirty].map((queue) => [queue.name, saved(queue, disk, end, nowMs)])),
    ...(changedLetters(changed.values()) && { gone: letters.gone }),
  });
  for (const queue of dirty) queue.changedFiles = new Set();
  const sync = group.sync || plans.size > 0;
  const writes = [...plans].map(([kind, each]) => disk.logs[kind].write(each));
  const results = await Promise.allSettled([...writes, journal.write(entry, sync)]);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) {
    await undo(disk, group, entries.flat(), plans, changed);
    throw failed.reason;
  }
  journal.accept(entry, sync);
  for (const [kind, each] of plans) disk.logs[kind].accept(each);
  for (const file of marked) disk.marked.delete(file);
  letters.written();
  const files = lanes.map((kind) => plans.get(kind)?.file);
  for (const queue of group.queues.values()) {
    const known = sync ? batches.get(queue) : undefined;
    if (group.withEvents || known)
      queue.committed(group.withEvents ? files : [], known as readonly Batch[] | undefined);
  }
  disk.note.write({ spool: disk.spool, ...journal.numbers, queues: pending });
  return { isSynced: sync, removed: sync ? await removeFiles(disk) : 0 };
}

/** Removes files that nobody waits for. Returns how many */
export async function removeFiles({ directory, removed }: Disk): Promise<number> {
  for (const { name, aside } of removed.values()) {
    if (aside !== undefined) moveAside(directory, name, aside);
    else await removeFile(join(directory, name));
  }
  const count = removed.size;
  removed.clear();
  return count;
}

/** Events in a row for which the same wait. */
interface Run {
  readonly queues: readonly SpoolQueue[];
  events: number;
  bytes: number;
}

function runsOf(entries: readonly Entry[]): readonly Run[] {
  const runs: Run[] = [];
  let run: Run | undefined;
  for (const { event, queues } of entries) {
    if (run === undefined || !isSame(run.queues, queues)) {
      run = { queues, events: 0, bytes: 0 };
      runs.push(run);
    }
    run.events++;
    run.bytes += event.bytes;
  }
  return runs;
}

async function undo(
  { logs, letters }: Disk,
  { queues, unwritten, withEvents }: Group,
  entries: readonly Entry[],
  plans: ReadonlyMap<LogKind, Plan>,
  changed: ReadonlyMap<SpoolQueue, ReadonlySet<LogFile>>,
): Promise<void> {
  for (const { event, queues: waiters } of entries) {
    const file = plans.get(lanes[laneOf(event)])?.file;
    for (const queue of waiters) {
      queue.ever--;
      // What was settled meanwhile was settled in the file, too.
      if (queue.holds(event)) file?.add(queue, -1, -event.bytes);
    }
  }
  if (withEvents) {
    for (const queue of queues.values()) queue.committed(undefined, undefined);
    letters.notWritten(plans.get('dead')?.file);
    unwritten.putBack(entries);
  }
  for (const [queue, files] of changed) for (const file of files) queue.changedFiles.add(file);
  for (const [kind, plan] of plans) await logs[kind].reject(plan);
}

function filesOf(
  plans: Iterable<Plan>,
  marked: readonly LogFile[],
  removed: Iterable<string>,
): Record<string, FileState | null> {
  const files: Record<string, FileState | null> = {};
  for (const file of marked) files[file.name] = file.state;
  for (const { file, state } of plans) files[file.name] = state;
  for (const name of removed) files[name] = null;
  return files;
}

/** `null`: there is nothing to be kept of it. */
function saved(queue: SpoolQueue, { base, letters }: Disk, end: number, nowMs: number): QueueState | null {
  if (queue.guardian.isParked && queue.events === 0 && queue.dead.events === 0) return null;
  return queueState(queue, letters.pendingOf(queue), base, end, nowMs);
}

function changedLetters(changed: Iterable<ReadonlySet<LogFile>>): boolean {
  for (const files of changed) for (const { kind } of files) if (kind === 'dead') return true;
  return false;
}

function pendingOf(queues: ReadonlyMap<string, SpoolQueue>): TailNote['queues'] {
  const pending: Record<string, TailNote['queues'][string]> = {};
  for (const { name, onDisk, ever } of queues.values())
    if (onDisk.events + onDisk.dead > 0) pending[name] = [onDisk.events, ever, onDisk.dead];
  return pending;
}
