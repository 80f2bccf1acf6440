/** Brings the chunks of a queue back into memory before their turn comes. */

import type { EncodedEvent } from '../queue/encoded-event.js';
import type { Chunk, Lane } from './lane.js';

/** So much of a lane is read at a time, while there is less than the window in memory. */
const READ_BYTES = 2 ** 20;
/** What could not be read is tried again. */
const RETRY_MS = 1000;

/** Whom the chunks are read for. */
export interface Reader {
  readonly lanes: readonly Lane[];
  /** Empty lists in place of those that are damaged; fewer lists when the disk does not answer. Never rejects. */
  read(lane: Lane, chunks: readonly Chunk[]): Promise<(EncodedEvent[] | undefined)[]>;
  loaded(lane: Lane, chunk: Chunk, events: EncodedEvent[]): void;
  /** There may be something to take. */
  readable(): void;
}

/** One reading at a time. */
export class ReadAhead {
  readonly #reader: Reader;
  readonly #windowBytes: number;
  #isReading = false;

  /** @param windowBytes so much of each lane is enough */
  constructor(reader: Reader, windowBytes: number) {
    this.#reader = reader;
    this.#windowBytes = windowBytes;
  }

  /** Reads what comes next, unless that is under way. */
  start(): void {
    if (!this.#isReading) void this.#read();
  }

  async #read(): Promise<void> {
    const reader = this.#reader;
    this.#isReading = true;
    let isRefused = false;
    for (const lane of reader.lanes) {
      const chunks = this.#nextUnloaded(lane);
      const read = chunks.length > 0 ? await reader.read(lane, chunks) : [];
      isRefused ||= read.length < chunks.length;
      chunks.forEach((chunk, index) => {
        const events = read[index];
        // It may have been evicted meanwhile.
        if (events && chunk.waitingEvents > 0) reader.loaded(lane, chunk, events);
      });
    }
    this.#isReading = false;
    if (isRefused) setTimeout(() => reader.readable(), RETRY_MS).unref();
    else reader.readable();
  }

  /** The chunks that are to be read next, from the first that is not in memory. */
  #nextUnloaded(lane: Lane): Chunk[] {
    const chunks: Chunk[] = [];
    let [loadedBytes, bytes] = [0, 0];
    for (const chunk of lane.from(lane.first)) {
      if (chunk.events) {
        if (chunks.length > 0) break;
        loadedBytes += chunk.waitingBytes;
        if (loadedBytes > this.#windowBytes) break;
      } else {
        chunks.push(chunk);
        bytes += chunk.waitingBytes;
        if (bytes >= READ_BYTES) break;
      }
    }
    return chunks;
  }
}
