/** Finds out what a store holds, without reading it all. */

import { type Batch, createBatch } from '../queue/batch.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import type { Chunk } from './lane.js';
import type { Found, FoundLane } from './spool-queue.js';
import type { SavedChunk, SavedState, SpoolStore } from './store.js';

/** A queue as it was found. */
export interface FoundQueue extends Found {
  readonly name: string;
  readonly isDamaged: boolean;
}

const laneKeys = ['l', 'a'] as const;

/** All queues. `nowMs`: by the clock of the spool */
export async function scan(store: SpoolStore, nowMs: number): Promise<FoundQueue[]> {
  const found: FoundQueue[] = [];
  for (const [name, state] of await store.states()) found.push(await scanQueue(store, name, state, nowMs));
  return found;
}

async function scanQueue(
  store: SpoolStore,
  name: string,
  state: SavedState | undefined,
  nowMs: number,
): Promise<FoundQueue> {
  const saved = await Promise.all(
    laneKeys.map((key, index) => store.chunks(name, key, state?.lanes[index]?.firstChunk ?? 0)),
  );
  const lasts = saved.flatMap((chunks) => [...chunks.values()].map((chunk) => (chunk ? chunk[3] + 1 : 0)));
  const base = Math.max(state?.end ?? 0, ...lasts);
  const scans = await Promise.all(
    laneKeys.map((key, index) => {
      const head = (state?.lanes[index]?.head ?? 0) - base;
      const read = (number: number) => store.readChunk(name, key, number, base);
      const ranges = (state?.batches ?? []).flatMap((batch) => {
        const range = batch.ranges[index];
        return range ? [{ first: range[0] - base, last: range[1] - base }] : [];
      });
      const nextNumber = state?.lanes[index]?.nextNumber ?? 0;
      return scanLane(saved[index] ?? new Map(), { head, ranges, nextNumber, base, nowMs }, read);
    }),
  );
  const taken = scans.map((each) => each.taken);
  const { batches, isComplete } = batchesOf(state, taken, base);
  const attempt = state?.attempt;
  return {
    name,
    base,
    lanes: scans.map(({ lane }) => lane),
    state: {
      batches,
      attempt: attempt && {
        delayMs: Math.max(attempt.atMs - nowMs, 0),
        patienceMs: Math.max(attempt.notBeforeMs - nowMs, 0),
        probes: attempt.probes,
        fingerprint: attempt.fingerprint,
      },
      type: state?.type ?? 'webhook',
      address: state?.address ?? '',
    },
    dead: { events: state?.dead.events ?? 0, bytes: state?.dead.bytes ?? 0 },
    isDamaged: state === undefined || !isComplete || scans.some(({ isDamaged }) => isDamaged),
  };
}

interface LaneScan {
  readonly lane: FoundLane;
  /** Events that had been taken, whether settled or not. */
  readonly taken: readonly EncodedEvent[];
  readonly isDamaged: boolean;
}

interface LaneFacts {
  /** `seq` of the oldest waiting event. */
  readonly head: number;
  /** `seq`s of the events in batches. */
  readonly ranges: readonly { readonly first: number; readonly last: number }[];
  readonly nextNumber: number;
  readonly base: number;
  readonly nowMs: number;
}

/** Chunks with events before `head`, or in batches, are read. */
async function scanLane(
  saved: ReadonlyMap<number, SavedChunk | undefined>,
  { head, ranges, nextNumber, base, nowMs }: LaneFacts,
  read: (number: number) => Promise<EncodedEvent[] | undefined>,
): Promise<LaneScan> {
  const lane = { chunks: [] as Chunk[], spent: [] as Chunk[], doomed: [] as Chunk[] };
  const taken: EncodedEvent[] = [];
  const isTaken = ({ seq }: EncodedEvent) =>
    seq < head || ranges.some(({ first, last }) => seq >= first && seq <= last);
  let isDamaged = false;
  let expected = saved.keys().next().value ?? nextNumber;
  for (const [number, savedChunk] of saved) {
    if (number !== expected) isDamaged = true;
    expected = number + 1;
    const [first = 0, last = 0] = savedChunk ? [savedChunk[2] - base, savedChunk[3] - base] : [];
    const isInBatch = ranges.some((range) => range.first <= last && range.last >= first);
    const isOld = savedChunk !== undefined && (first < head || isInBatch);
    const events = savedChunk === undefined || isOld ? await read(number) : undefined;
    if (events === undefined && (savedChunk === undefined || isOld)) {
      isDamaged = true;
      lane.doomed.push(chunkOf(number, savedChunk, [], base, nowMs));
      continue;
    }
    const before = events?.filter(isTaken) ?? [];
    taken.push(...before);
    const waiting = events?.filter((event) => !isTaken(event));
    const chunk = chunkOf(number, savedChunk, waiting, base, nowMs);
    if (chunk.waitingEvents > 0) lane.chunks.push(chunk);
    else lane.spent.push({ ...chunk, events: [], lastSeq: before.at(-1)?.seq ?? chunk.lastSeq });
  }
  if (nextNumber > expected) isDamaged = true;
  return { lane: { ...lane, nextNumber: Math.max(nextNumber, expected) }, taken, isDamaged };
}

function chunkOf(
  number: number,
  saved: SavedChunk | undefined,
  waiting: EncodedEvent[] | undefined,
  base: number,
  nowMs: number,
): Chunk {
  const [events = 0, bytes = 0, first = 0, last = 0, oldestMs = nowMs, youngestMs = nowMs] = saved ?? [];
  return {
    number,
    events: waiting,
    next: 0,
    waitingEvents: waiting?.length ?? events,
    waitingBytes: waiting?.reduce((sum, event) => sum + event.bytes, 0) ?? bytes,
    firstSeq: waiting?.[0]?.seq ?? first - base,
    lastSeq: waiting?.at(-1)?.seq ?? last - base,
    oldestMs,
    youngestMs,
    following: undefined,
  };
}

/** Those that are whole keep their ids. What is left of others is sent under a new one. */
function batchesOf(
  state: SavedState | undefined,
  taken: readonly (readonly EncodedEvent[])[],
  base: number,
): { batches: Batch[]; isComplete: boolean } {
  const batches: Batch[] = [];
  let isComplete = true;
  for (const { id, format, events: count, ranges } of state?.batches ?? []) {
    const events = ranges
      .flatMap((range, lane) => {
        if (range === null) return [];
        const [first, last] = range;
        return (taken[lane] ?? []).filter(({ seq }) => seq >= first - base && seq <= last - base);
      })
      .sort((a, b) => a.seq - b.seq);
    const isWhole = events.length === count;
    isComplete &&= isWhole;
    if (events.length > 0)
      batches.push(isWhole ? createBatch(events, format, id) : createBatch(events, format));
  }
  return { batches, isComplete };
}
