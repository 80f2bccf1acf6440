/** Makes queues of a state: their batches with their bytes, and where the events lie that wait. */

import type { LogFile } from '../disk/event-log.js';
import { fileOf, type Logs } from '../disk/logs.js';
import {
  type BatchState,
  isInBatch,
  laneOf,
  lanes,
  type QueueState,
  type Range,
  type SpoolState,
} from '../disk/state.js';
import { type Batch, createBatch } from '../queue/batch.js';
import type { DeliveryState } from '../queue/delivery-state.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import type { FoundQueue } from './share.js';
import type { SpoolQueue } from './spool-queue.js';

/** Stands for the id of a batch whose only event is to become a dead letter, and was let go of for that. */
const LETTER_ID = '';

/**
 * Puts into each queue what was found of it.
 * @param taken of all batches, as `readBatches` gives them @param nowMs by the clock of the spool
 */
export function attachQueues(
  state: SpoolState,
  logs: Logs,
  taken: ReadonlyMap<string, readonly EncodedEvent[]>,
  nowMs: number,
  queueOf: (name: string) => SpoolQueue,
): void {
  for (const [name, found] of state.queues) {
    const queue = queueOf(name);
    queue.ever = found.ever;
    for (const log of Object.values(logs)) {
      for (const file of log.files) {
        const [events, bytes] = found.live[file.name] ?? [0, 0];
        if (events > 0) file.add(queue, events, bytes);
      }
    }
    queue.changedFiles.clear();
    const [base, inBatches] = [state.next[0], taken.get(name) ?? []];
    // Those that were to become letters had been let go of: they wait again.
    const letters = found.batches.filter(({ id }) => id === LETTER_ID);
    for (const event of letters.length > 0 ? inBatches : []) {
      const isLetter = letters.some((each) => isInBatch(each, laneOf(event), event.seq + base));
      if (isLetter) fileOf(logs, event, base)?.add(queue, 1, event.bytes);
    }
    queue.attach(foundQueue(found, queue, logs, inBatches, base, nowMs));
  }
}

function foundQueue(
  found: QueueState,
  queue: SpoolQueue,
  logs: Logs,
  taken: readonly EncodedEvent[],
  base: number,
  nowMs: number,
): FoundQueue {
  const { batches, attempt, type, address, heads } = found;
  const inBatches = new Map<LogFile, { events: number; bytes: number }>();
  for (const event of taken) {
    const file = fileOf(logs, event, base);
    if (file === undefined) continue;
    const { events, bytes } = inBatches.get(file) ?? { events: 0, bytes: 0 };
    inBatches.set(file, { events: events + 1, bytes: bytes + event.bytes });
  }
  const dead = { events: 0, bytes: 0 };
  for (const file of logs.dead.files) {
    const [events, bytes] = file.amountOf(queue);
    dead.events += events;
    dead.bytes += bytes;
  }
  return {
    batches: batches.flatMap((batch) => {
      const events = taken
        .filter((event) => isInBatch(batch, laneOf(event), event.seq + base))
        .sort((a, b) => a.seq - b.seq);
      // Those that are whole keep their ids. What is left of others is sent under a new one.
      const id = events.length === batch.events && batch.id !== LETTER_ID ? batch.id : undefined;
      if (events.length === 0) return [];
      const isSifted = batch.runs !== undefined;
      return [createBatch(events, batch.format as Batch['format'], id, undefined, isSifted)];
    }),
    attempt: attempt && {
      delayMs: Math.max(attempt.atMs - nowMs, 0),
      patienceMs: Math.max(attempt.notBeforeMs - nowMs, 0),
      probes: attempt.probes,
      fingerprint: attempt.fingerprint,
    },
    type,
    address,
    heads,
    files: lanes.map((kind) =>
      logs[kind].files.flatMap((file) => {
        const [events, bytes] = file.amountOf(queue);
        const { events: takenEvents, bytes: takenBytes } = inBatches.get(file) ?? { events: 0, bytes: 0 };
        return events > takenEvents
          ? [{ file, events: events - takenEvents, bytes: bytes - takenBytes }]
          : [];
      }),
    ),
    dead,
  };
}

/** What is written of a queue: all but what has not changed in files. */
export function queueState(
  queue: SpoolQueue,
  pending: readonly EncodedEvent[],
  base: number,
  end: number,
  nowMs: number,
): QueueState {
  const { batches, attempt, type, address } = queue.guardian.state;
  const letters = pending.map((event) => ({
    id: LETTER_ID,
    format: 'array',
    events: [event],
    isSifted: false,
  }));
  const [logging, audit] = queue.lanes;
  const headOf = (seq: number) => (Number.isFinite(seq) ? seq + base : end);
  return {
    heads: [headOf(logging.firstSeq(base)), headOf(audit.firstSeq(base))],
    batches: [
      ...batches.map((batch) => knownState(batch, base)),
      ...letters.map((each) => batchState(each, base)),
    ],
    ...(attempt && { attempt: attemptState(attempt, nowMs) }),
    type,
    address,
    ever: queue.ever,
    live: Object.fromEntries([...queue.changedFiles].map((file) => [file.name, file.amountOf(queue)])),
  };
}

function attemptState(
  { delayMs, patienceMs, probes, fingerprint }: NonNullable<DeliveryState['attempt']>,
  nowMs: number,
) {
  return { atMs: nowMs + delayMs, notBeforeMs: nowMs + patienceMs, probes, fingerprint };
}

/** Of batches, which stay as they are, by what makes a position of a `seq`: many are written again with each commit. */
const knownStates = new WeakMap<Batch, { readonly base: number; readonly state: BatchState }>();

function knownState(batch: Batch, base: number): BatchState {
  const known = knownStates.get(batch);
  if (known?.base === base) return known.state;
  const state = batchState(batch, base);
  knownStates.set(batch, { base, state });
  return state;
}

function batchState(
  { id, format, events, isSifted }: Pick<Batch, 'id' | 'events' | 'isSifted'> & { format: string },
  base: number,
): BatchState {
  const isLogging = ({ type }: EncodedEvent) => type === 'logging';
  const inLanes = [events.filter(isLogging), events.filter((event) => !isLogging(event))];
  const ranges = inLanes.map((each) => rangeOf(each, base));
  const runs = isSifted ? { runs: inLanes.map((each) => runsOf(each, base)) } : {};
  return { id, format, events: events.length, ranges, ...runs };
}

/** Positions of events, those that follow each other as one interval. */
function runsOf(events: readonly EncodedEvent[], base: number): [number, number][] {
  const runs: [number, number][] = [];
  for (const { seq } of events) {
    const last = runs.at(-1);
    if (last && last[1] === seq + base - 1) last[1]++;
    else runs.push([seq + base, seq + base]);
  }
  return runs;
}

function rangeOf(events: readonly EncodedEvent[], base: number): Range {
  const [first, last] = [events[0], events.at(-1)];
  return first && last ? [first.seq + base, last.seq + base] : null;
}
