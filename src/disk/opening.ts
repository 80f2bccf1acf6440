/** Finds out what is in the directory of a spool, whatever state that was left in, without changing a byte. */

import { randomUUID } from 'node:crypto';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readFrames } from './files.js';
import { readJournals } from './journal.js';
import { decodeEvents, type FileKind, parseFileName } from './layout.js';
import { type Amount, type FileState, fold, liveIn, type QueueState, type SpoolState } from './state.js';
import { readTailNote, type TailNote } from './tail-note.js';

/** What is wrong with a spool. */
export interface Damage {
  /** Events that were lost, by target. What turns out to be missing when it is read comes on top. */
  readonly lost: ReadonlyMap<string, number>;
  /** Whether that is all. */
  readonly isKnown: boolean;
  /** Files to be set aside. */
  readonly files: readonly string[];
  /** For a person. */
  readonly reason: string;
}

/** A spool as it was found. */
export interface FoundSpool {
  readonly spool: string;
  readonly state: SpoolState;
  /** Of the last commit. */
  readonly number: number;
  /** By kind: the first file number that is free. */
  readonly nextNumbers: Readonly<Record<FileKind, number>>;
  /** `state` files that are needed until there is another. */
  readonly needed: readonly string[];
  /** Files of the spool that are not needed. */
  readonly leftovers: readonly string[];
  readonly damage: Damage | undefined;
}

interface FoundFile {
  readonly name: string;
  readonly kind: FileKind;
  readonly number: number;
}

/** @throws the error of the file system when the directory cannot be read */
export async function findSpool(directory: string): Promise<FoundSpool> {
  const files: FoundFile[] = readdirSync(directory)
    .flatMap((name) => {
      const parsed = parseFileName(name);
      return parsed ? [{ name, ...parsed }] : [];
    })
    .sort((a, b) => a.number - b.number || (a.name < b.name ? -1 : 1));
  const journals = files.filter(({ kind }) => kind === 'state').map(({ name }) => name);
  const note = readTailNote(directory);
  const read = await readJournals(directory, journals, note);
  const isSame = note === undefined || note.spool === read.spool;
  const synced = isSame ? (note?.number ?? 0) : 0;
  let { state, number } = read;
  if (number > synced && !(await hasLastCommit(directory, read.before, state))) {
    // The machine stopped while it was being written.
    state = read.before;
    number--;
  }
  const hasEvents = files.some(({ kind }) => kind !== 'state');
  // Then the note is as old as the journal, and knows no more.
  const isNoteOld = isSame && (await isOvertaken(directory, state, Math.max(number, synced), files));
  const isBehind = !isSame || number < synced || isNoteOld;
  const isStale = isBehind || (read.isDamaged && hasEvents);
  const nextNumbers = { state: 1, logging: 1, audit: 1, dead: 1 };
  for (const { kind, number: each } of files) nextNumbers[kind] = Math.max(nextNumbers[kind], each + 1);
  const base = {
    spool: read.spool ?? note?.spool ?? randomUUID(),
    number: Math.max(number, synced),
    nextNumbers,
  };
  if (!isStale) return { ...base, ...judge(directory, state, files, read.needed) };

  const salvaged = await salvage(directory, state, files);
  const judged = judge(directory, salvaged, files, []);
  const isGone = read.spool === undefined ? !hasEvents : !isSame;
  const tail = isBehind
    ? missingSince(note, salvaged, isGone)
    : { lost: new Map<string, number>(), isKnown: false };
  const damage: Damage = {
    lost: sum(tail.isKnown ? tail.lost : new Map(), judged.damage?.lost ?? new Map()),
    isKnown: tail.isKnown && !read.isDamaged && !isNoteOld,
    files: journals,
    reason: isBehind ? 'the end of the journal is missing' : 'the journal is damaged',
  };
  const leftovers = judged.leftovers.filter((name) => !journals.includes(name));
  // Whoever removes a spool that is empty damages nothing.
  const isNothing = isGone && damage.isKnown && damage.lost.size === 0;
  return {
    ...base,
    ...judged,
    leftovers: isNothing ? judged.leftovers : leftovers,
    damage: isNothing ? undefined : damage,
  };
}

function sum(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): Map<string, number> {
  const all = new Map(a);
  for (const [name, count] of b) all.set(name, (all.get(name) ?? 0) + count);
  return all;
}

/** Whether what the last commit says of the other files is there. */
async function hasLastCommit(directory: string, before: SpoolState, state: SpoolState): Promise<boolean> {
  for (const [name, { bytes }] of state.files) {
    const start = before.files.get(name)?.bytes ?? 0;
    if (start >= bytes) continue;
    let end = start;
    try {
      await readFrames(join(directory, name), start, bytes, (frames, gaps) => {
        const last = frames.at(-1);
        if (last && gaps === 0) end = last.offset + last.length;
        return gaps === 0;
      });
    } catch {
      return false;
    }
    if (end < bytes) return false;
  }
  return true;
}

/**
 * Whether there are events of two later commits than the journal has. One of them may not have been done: it may come
 * after others that had no events, which nobody waits for on disk. The next with events begins only when it is done.
 */
async function isOvertaken(
  directory: string,
  state: SpoolState,
  number: number,
  files: readonly FoundFile[],
) {
  const later = new Set<number>();
  for (const { name, kind } of files) {
    const start = state.files.get(name)?.bytes ?? 0;
    const { size = 0 } = lstatSync(join(directory, name), { throwIfNoEntry: false }) ?? {};
    if (kind === 'state' || size <= start) continue;
    await readFrames(join(directory, name), start, Number.POSITIVE_INFINITY, (frames) => {
      for (const frame of frames) if (frame.events > 0 && frame.number > number) later.add(frame.number);
      return later.size < 2;
    }).catch(() => {});
    if (later.size > 1) return true;
  }
  return false;
}

/** Compares the state with the files that are there. */
function judge(directory: string, found: SpoolState, files: readonly FoundFile[], needed: readonly string[]) {
  let state = found;
  const lost = new Map<string, number>();
  const missing = [...state.files.keys()].filter(
    (name) => !lstatSync(join(directory, name), { throwIfNoEntry: false })?.isFile(),
  );
  const queues: Record<string, QueueState> = {};
  for (const [name, queue] of state.queues) {
    const gone: Record<string, Amount> = {};
    for (const file of missing) {
      const [events] = queue.live[file] ?? [0];
      if (events === 0) continue;
      lost.set(name, (lost.get(name) ?? 0) + events);
      gone[file] = [0, 0];
    }
    if (Object.keys(gone).length > 0) queues[name] = { ...queue, live: gone };
  }
  if (missing.length > 0) {
    const removed = Object.fromEntries(missing.map((name) => [name, null]));
    state = fold(state, { clock: state.clock as never, next: state.next, files: removed, queues });
  }
  const leftovers = files
    .map(({ name }) => name)
    .filter((name) => !state.files.has(name) && !needed.includes(name));
  const reason = `files are missing: ${missing.join(', ')}`;
  const damage: Damage | undefined = lost.size > 0 ? { lost, isKnown: true, files: [], reason } : undefined;
  return { state, needed, leftovers, damage };
}

/** Takes up all events in files that the state does not know of: it is older than they are. */
async function salvage(
  directory: string,
  found: SpoolState,
  files: readonly FoundFile[],
): Promise<SpoolState> {
  let state = found;
  for (const { name, kind, number } of files) {
    if (kind === 'state') continue;
    const known = state.files.get(name);
    const next = state.next[kind === 'dead' ? 1 : 0];
    let last = known?.last ?? next - 1;
    let file: FileState | undefined = known;
    const live = new Map<string, [events: number, bytes: number]>();
    await readFrames(join(directory, name), known?.bytes ?? 0, Number.POSITIVE_INFINITY, (frames) => {
      for (const frame of frames) {
        if (frame.events === 0) continue;
        for (const { position, event, waiters } of decodeEvents(frame)) {
          if (position <= last) continue;
          last = position;
          file ??= {
            kind,
            number,
            bytes: 0,
            textBytes: 0,
            first: position,
            last,
            oldestMs: frame.ms,
            youngestMs: frame.ms,
          };
          file = { ...file, last, textBytes: file.textBytes + event.bytes, youngestMs: frame.ms };
          for (const waiter of waiters) {
            const [events, bytes] = live.get(waiter) ?? [0, 0];
            live.set(waiter, [events + 1, bytes + event.bytes]);
          }
        }
        if (file) file = { ...file, bytes: frame.offset + frame.length };
      }
      return true;
    }).catch(() => {});
    if (file === undefined || live.size === 0) continue;
    const end = Math.max(last + 1, next);
    const queues = Object.fromEntries(
      [...live].map(([waiter, amount]) => {
        const queue = state.queues.get(waiter) ?? {
          heads: [0, 0] as const,
          batches: [],
          type: 'webhook',
          address: '',
          ever: 0,
          live: {},
        };
        const [events, bytes] = queue.live[name] ?? [0, 0];
        const ever = queue.ever + (kind === 'dead' ? 0 : amount[0]);
        return [
          waiter,
          { ...queue, ever, live: { [name]: [events + amount[0], bytes + amount[1]] as Amount } },
        ];
      }),
    );
    const [position, letter] = state.next;
    state = fold(state, {
      clock: state.clock ?? { ms: file.youngestMs, uptimeMs: 0 },
      next: kind === 'dead' ? [position, end] : [end, letter],
      files: { [name]: file },
      queues,
    });
  }
  return state;
}

/** What is missing of what the note speaks of. `isGone`: all of it. Otherwise known only where nothing was delivered since */
function missingSince(note: TailNote | undefined, state: SpoolState, isGone: boolean) {
  const lost = new Map<string, number>();
  let isKnown = true;
  for (const [name, [pending, ever, dead]] of Object.entries(note?.queues ?? {})) {
    const queue = isGone ? undefined : state.queues.get(name);
    const [found] = queue ? liveIn(state, queue, ['logging', 'audit']) : [0];
    const [foundDead] = queue ? liveIn(state, queue, ['dead']) : [0];
    if (!isGone && ever - pending !== (queue?.ever ?? 0) - found) isKnown = false;
    const missing = Math.max(pending - found, 0) + Math.max(dead - foundDead, 0);
    if (missing > 0) lost.set(name, missing);
  }
  return { lost, isKnown };
}
