/** The ordered store under a spool: its keys, and what is under them. */

import type { BatchOperation, ClassicLevel } from 'classic-level';
import type { Batch } from '../queue/batch.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import { decodeChunk, encodeChunk, sealJson, unsealJson } from './chunk-bytes.js';
import type { ClockReading } from './clock.js';
import type { Chunk, Lane } from './lane.js';
import type { SpoolDisk, SpoolQueue } from './spool-queue.js';

type Store = ClassicLevel<string, Buffer>;
/** Something to be written. */
export type Change = BatchOperation<Store, string, Buffer>;

/** First and last position of a batch's events in each lane; `null` where it has none. */
type Ranges = readonly (readonly [first: number, last: number] | null)[];

/** What of a queue is written beside its events. */
export interface SavedState {
  /** The first position that is not in use. */
  readonly end: number;
  /** Of each lane. */
  readonly lanes: readonly {
    /** Number of the oldest chunk, so that those that were deleted are never walked over. */
    readonly firstChunk: number;
    readonly nextNumber: number;
    /** Position of the oldest waiting event. */
    readonly head: number;
  }[];
  readonly batches: readonly {
    readonly id: string;
    readonly format: Batch['format'];
    readonly events: number;
    readonly ranges: Ranges;
  }[];
  /** `atMs`: by the clock of the spool. */
  readonly attempt?: {
    readonly atMs: number;
    readonly notBeforeMs: number;
    readonly probes: number;
    readonly fingerprint: number;
  };
  readonly dead: { readonly events: number; readonly bytes: number };
  readonly type: string;
  readonly address: string;
}

/** What of a chunk can be known without reading it. */
export type SavedChunk = readonly [
  events: number,
  bytes: number,
  first: number,
  last: number,
  oldestMs: number,
  youngestMs: number,
];

/** Bytes written after which files of the store are looked after: it begins a new one every few megabytes. */
const SWEEP_BYTES = 2 ** 20;

/** An open store. */
export class SpoolStore implements SpoolDisk {
  readonly #store: Store;
  readonly #sweep: () => Promise<void>;
  #sinceSweep = 0;

  private constructor(store: Store, sweep: () => Promise<void>) {
    this.#store = store;
    this.#sweep = sweep;
  }

  /**
   * @param sweep called now and then, when there may be new files
   * @throws what the store says, with a `code` in its `cause`
   */
  static async open(location: string, sweep: () => Promise<void>): Promise<SpoolStore> {
    const { ClassicLevel } = await import('classic-level');
    const store: Store = new ClassicLevel(location, {
      keyEncoding: 'utf8',
      valueEncoding: 'buffer',
      // Half of the default: what was deleted leaves the disk the sooner.
      writeBufferSize: 2 * 2 ** 20,
    });
    await store.open();
    await sweep();
    return new SpoolStore(store, sweep);
  }

  /** Makes the best of a store that does not open. */
  static async repair(location: string): Promise<void> {
    const { ClassicLevel } = await import('classic-level');
    await ClassicLevel.repair(location);
  }

  async close(): Promise<void> {
    await this.#store.close();
    await this.#sweep();
  }

  /** `sync`: comes back when the disk has it. */
  async write(changes: Change[], sync: boolean): Promise<void> {
    await this.#store.batch(changes, { sync });
    for (const change of changes) this.#sinceSweep += change.type === 'put' ? change.value.length : 0;
    if (this.#sinceSweep < SWEEP_BYTES) return;
    this.#sinceSweep = 0;
    void this.#sweep();
  }

  async clock(): Promise<ClockReading | undefined> {
    return unsealJson(await this.#store.get('clock')) as ClockReading | undefined;
  }

  /** The queues that there is something of; `undefined` where that is damaged. */
  async states(): Promise<Map<string, SavedState | undefined>> {
    const states = new Map<string, SavedState | undefined>();
    for await (const [key, value] of this.#store.iterator(range('s/'))) {
      states.set(key.slice('s/'.length), unsealJson(value) as SavedState | undefined);
    }
    return states;
  }

  /** What is known of the chunks of a lane, by number, from `firstChunk` on. */
  async chunks(name: string, lane: string, firstChunk: number): Promise<Map<number, SavedChunk | undefined>> {
    const chunks = new Map<number, SavedChunk | undefined>();
    const prefix = `m/${name}/${lane}/`;
    const keys = { ...range(prefix), gte: chunkKey('m', name, lane, firstChunk) };
    for await (const [key, value] of this.#store.iterator(keys)) {
      chunks.set(Number(key.slice(prefix.length)), unsealJson(value) as SavedChunk | undefined);
    }
    return chunks;
  }

  async readChunk(
    name: string,
    lane: string,
    number: number,
    base: number,
  ): Promise<EncodedEvent[] | undefined> {
    try {
      return decodeChunk(await this.#store.get(chunkKey('c', name, lane, number)), base);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'LEVEL_CORRUPTION') return undefined;
      throw error;
    }
  }

  async read(
    { name, base = 0 }: SpoolQueue,
    lane: Lane,
    chunks: readonly Chunk[],
  ): Promise<EncodedEvent[][]> {
    const read = chunks.map(({ number }) => this.readChunk(name, lane.key, number, base));
    try {
      return (await Promise.all(read)).map((events) => events ?? []);
    } catch {
      return [];
    }
  }

  /** Dead letters of a queue, the oldest first, with their keys. */
  async *letters(name: string): AsyncGenerator<{ key: string; bytes: number; letter: unknown }> {
    for await (const [key, value] of this.#store.iterator(range(`d/${name}/`))) {
      yield { key, bytes: value.length, letter: unsealJson(value) };
    }
  }
}

function range(prefix: string): { gt: string; lt: string } {
  // The character behind `/`.
  return { gt: prefix, lt: `${prefix.slice(0, -1)}0` };
}

/** Numbers sort as text when they are equally long. */
function chunkKey(kind: 'c' | 'm', name: string, lane: string, number: number): string {
  return `${kind}/${name}/${lane}/${String(number).padStart(15, '0')}`;
}

export function letterChange(name: string, id: string, letter: object): Change & { readonly value: Buffer } {
  return { type: 'put', key: `d/${name}/${id}`, value: sealJson(letter) };
}

export function clockChange(reading: ClockReading): Change {
  return { type: 'put', key: 'clock', value: sealJson(reading) };
}

export function forgetChange(name: string): Change {
  return { type: 'del', key: `s/${name}` };
}

/** What must be written of a queue: events that are not on disk, chunks that are over, and its state. */
export function changesOf(queue: SpoolQueue, nowMs: number): { changes: Change[]; hasEvents: boolean } {
  const { name, base = 0 } = queue;
  const changes: Change[] = [];
  for (const lane of queue.lanes) {
    for (const chunk of [...lane.spent, ...lane.from(lane.firstUnstored)]) {
      if (chunk.lastSeq <= lane.storedSeq) continue;
      const events = (chunk.events ?? []).filter(
        (event, index) => index >= chunk.next || queue.isTaken(event),
      );
      if (events.length === 0) continue;
      // Only now, so that numbers have no gaps.
      if (chunk.number < 0) chunk.number = lane.nextNumber++;
      const value = encodeChunk(events, base);
      changes.push(
        { type: 'put', key: chunkKey('c', name, lane.key, chunk.number), value },
        {
          type: 'put',
          key: chunkKey('m', name, lane.key, chunk.number),
          value: sealJson(savedChunk(chunk, events, base)),
        },
      );
    }
  }
  const hasEvents = changes.length > 0;
  for (const lane of queue.lanes) {
    for (const { number } of lane.dying) {
      changes.push(
        { type: 'del', key: chunkKey('c', name, lane.key, number) },
        { type: 'del', key: chunkKey('m', name, lane.key, number) },
      );
    }
  }
  changes.push({ type: 'put', key: `s/${name}`, value: sealJson(savedState(queue, nowMs)) });
  return { changes, hasEvents };
}

function savedChunk(chunk: Chunk, events: readonly EncodedEvent[], base: number): SavedChunk {
  const bytes = events.reduce((sum, event) => sum + event.bytes, 0);
  const [first, last] = [events[0]?.seq ?? 0, events.at(-1)?.seq ?? 0];
  return [events.length, bytes, first + base, last + base, chunk.oldestMs, chunk.youngestMs];
}

function savedState(queue: SpoolQueue, nowMs: number): SavedState {
  const { base = 0, lanes, dead } = queue;
  const { batches, attempt, type, address } = queue.state;
  const end = Math.max(...lanes.map(({ lastSeq }) => lastSeq), -1) + 1 + base;
  return {
    end,
    lanes: lanes.map((lane) => ({
      firstChunk: lane.firstNumber,
      nextNumber: lane.nextNumber,
      head: lane.first ? lane.first.firstSeq + base : end,
    })),
    batches: batches.map(({ id, format, events }) => ({
      id,
      format,
      events: events.length,
      ranges: [
        rangeOf(
          events.filter(({ type: each }) => each === 'logging'),
          base,
        ),
        rangeOf(
          events.filter(({ type: each }) => each !== 'logging'),
          base,
        ),
      ],
    })),
    ...(attempt && {
      attempt: {
        atMs: nowMs + attempt.delayMs,
        notBeforeMs: nowMs + attempt.patienceMs,
        probes: attempt.probes,
        fingerprint: attempt.fingerprint,
      },
    }),
    dead,
    type,
    address,
  };
}

function rangeOf(events: readonly EncodedEvent[], base: number): Ranges[number] {
  const [first, last] = [events[0], events.at(-1)];
  return first && last ? [first.seq + base, last.seq + base] : null;
}
