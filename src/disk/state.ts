/** What became of the events in a spool's files: the state, which is the fold of the changes in its journal. */

import type { EventType } from '../model/event.js';
import type { ClockReading } from './clock.js';
import type { LogKind } from './layout.js';

/** The two logs with events that wait, in the order in which things of each are listed. */
export const lanes = ['logging', 'audit'] as const;

/** In which of them an event waits, by its type. */
export function laneOf({ type }: { readonly type: EventType }): 0 | 1 {
  return type === 'logging' ? 0 : 1;
}

/** A file with events. */
export interface FileState {
  readonly kind: LogKind;
  readonly number: number;
  /** Of it that belong to the spool; what follows does not. */
  readonly bytes: number;
  /** Bytes of texts in it. */
  readonly textBytes: number;
  /** Positions of its first and its last event. */
  readonly first: number;
  readonly last: number;
  /** When these came, by the clock of the spool. */
  readonly oldestMs: number;
  readonly youngestMs: number;
  /** Where it goes when it is not needed any more: it is damaged. */
  readonly aside?: string;
}

/** Events and their bytes. */
export type Amount = readonly [events: number, bytes: number];

/** First and last position of a batch's events in a log; `null`: it has none there. */
export type Range = readonly [first: number, last: number] | null;

/** A batch that was taken and is not settled. */
export interface BatchState {
  readonly id: string;
  readonly format: string;
  readonly events: number;
  /** In each lane. */
  readonly ranges: readonly Range[];
  /** In each lane, where others between them are settled: intervals within its range. */
  readonly runs?: readonly (readonly (readonly [first: number, last: number])[])[];
}

/** Whether an event at a position of a lane is one of a batch, if it is one of its queue. */
export function isInBatch({ ranges, runs }: BatchState, lane: number, position: number): boolean {
  const range = ranges[lane];
  if (!range || position < range[0] || position > range[1]) return false;
  return runs === undefined || isWithin(runs[lane] ?? [], position);
}

/** When to try a target again; times by the clock of the spool. */
interface AttemptState {
  readonly atMs: number;
  readonly notBeforeMs: number;
  readonly probes: number;
  readonly fingerprint: number;
}

/** A target's queue. */
export interface QueueState {
  /** Of each lane: events before this position do not wait any more. */
  readonly heads: readonly [logging: number, audit: number];
  readonly batches: readonly BatchState[];
  readonly attempt?: AttemptState;
  readonly type: string;
  readonly address: string;
  /** How many events there ever were in the spool for it. */
  readonly ever: number;
  /** By file: what is in it for this target and not settled. A change has only those that it changes; 0 takes one out. */
  readonly live: Readonly<Record<string, Amount>>;
}

/** One commit. Everything in it is what it is from now on, not a difference. */
export interface Change {
  /** It stands for all changes before it. */
  readonly isWhole?: true;
  readonly clock: ClockReading;
  /** The first position that is not in use, and number of dead letters that there ever were. */
  readonly next: readonly [position: number, letter: number];
  readonly files?: Readonly<Record<string, FileState | null>>;
  readonly queues?: Readonly<Record<string, QueueState | null>>;
  /** Dead letters that are not there any more, by position, first and last. */
  readonly gone?: readonly (readonly [first: number, last: number])[];
}

/** A spool, but for the texts of its events. */
export interface SpoolState {
  readonly clock: ClockReading | undefined;
  readonly next: readonly [position: number, letter: number];
  readonly files: ReadonlyMap<string, FileState>;
  readonly queues: ReadonlyMap<string, QueueState>;
  readonly gone: readonly (readonly [first: number, last: number])[];
}

export const emptyState: SpoolState = {
  clock: undefined,
  next: [0, 0],
  files: new Map(),
  queues: new Map(),
  gone: [],
};

/** The state after `change`. */
export function fold(before: SpoolState, change: Change): SpoolState {
  const { files, queues, gone } = change.isWhole ? emptyState : before;
  return {
    clock: change.clock,
    next: change.next,
    files: update(files, change.files, (_old, file) => file),
    queues: update(queues, change.queues, (old, queue) => ({
      ...queue,
      live: joined(old?.live, queue.live),
    })),
    gone: change.gone ?? gone,
  };
}

/** One change that makes `state` of whatever there was. */
export function wholeChange(state: SpoolState, clock: ClockReading): Change {
  const { next, files, queues, gone } = state;
  return {
    isWhole: true,
    clock,
    next,
    files: Object.fromEntries(files),
    queues: Object.fromEntries(queues),
    gone,
  };
}

/** What of `queue` is in files of `kinds`, settled or not. */
export function liveIn(state: SpoolState, queue: QueueState, kinds: readonly LogKind[]): Amount {
  let [events, bytes] = [0, 0];
  for (const [name, amount] of Object.entries(queue.live)) {
    const kind = state.files.get(name)?.kind;
    if (kind === undefined || !kinds.includes(kind)) continue;
    events += amount[0];
    bytes += amount[1];
  }
  return [events, bytes];
}

/** Whether a position is in one of some intervals, which are in order. */
export function isWithin(intervals: readonly (readonly [number, number])[], position: number): boolean {
  let [low, high] = [0, intervals.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((intervals[middle]?.[1] ?? 0) < position) low = middle + 1;
    else high = middle;
  }
  return (intervals[low]?.[0] ?? Number.POSITIVE_INFINITY) <= position;
}

/** Intervals with one more position in them, in order, as few as will do. */
export function withPosition(
  intervals: readonly (readonly [number, number])[],
  position: number,
): readonly (readonly [number, number])[] {
  if (isWithin(intervals, position)) return intervals;
  const before = intervals.filter(([, last]) => last < position);
  const after = intervals.filter(([first]) => first > position);
  const [left, right] = [before.at(-1), after[0]];
  const joinsLeft = left !== undefined && left[1] === position - 1;
  const joinsRight = right !== undefined && right[0] === position + 1;
  return [
    ...(joinsLeft ? before.slice(0, -1) : before),
    [joinsLeft ? left[0] : position, joinsRight ? right[1] : position],
    ...(joinsRight ? after.slice(1) : after),
  ];
}

function update<Value>(
  before: ReadonlyMap<string, Value>,
  changes: Readonly<Record<string, Value | null>> | undefined,
  join: (old: Value | undefined, value: Value) => Value,
): ReadonlyMap<string, Value> {
  if (changes === undefined) return before;
  const after = new Map(before);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) after.delete(key);
    else after.set(key, join(before.get(key), value));
  }
  return after;
}

function joined(before: QueueState['live'] = {}, changes: QueueState['live']): QueueState['live'] {
  const live: Record<string, Amount> = { ...before, ...changes };
  for (const [name, [events]] of Object.entries(changes)) if (events === 0) delete live[name];
  return live;
}
