/** Brings events of a queue back into memory before their turn comes. */

import type { LogFile } from '../disk/event-log.js';
import type { Piece } from '../disk/event-reader.js';
import type { Lane } from './lane.js';
import type { SpoolShare } from './share.js';

/** What could not be read is tried again, so many times. */
const RETRY_MS = 1000;
const MAX_READS = 10;

/** Whom events are read for. */
export interface Reader {
  readonly name: string;
  readonly lanes: readonly Lane[];
  readonly share: Pick<SpoolShare<never>, 'isOpen' | 'windowBytes' | 'read'>;
  /** Events that should be in `file` are not there. */
  damaged(file: LogFile, events: number, bytes: number): void;
  /** There may be something to take. */
  readable(): void;
}

/** One reading at a time. */
export class ReadAhead {
  readonly #reader: Reader;
  #isReading = false;
  #failedReads = 0;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** Reads what comes next, unless that is under way. */
  start(): void {
    if (this.#isReading || !this.#reader.share.isOpen) return;
    this.#isReading = true;
    void this.#read().then((isDone) => {
      this.#isReading = false;
      if (isDone) this.#reader.readable();
      else setTimeout(() => this.#reader.readable(), RETRY_MS).unref();
    });
  }

  /** Fills the window of each lane, as far as one reading goes; `false` where the disk did not answer. */
  async #read(): Promise<boolean> {
    const reader = this.#reader;
    for (const lane of reader.lanes) {
      const [run] = lane.disk;
      if (run === undefined || lane.frontBytes >= reader.share.windowBytes / 2) continue;
      const { cursor } = lane;
      let piece: Piece;
      try {
        piece = await reader.share.read(run.file, cursor);
      } catch {
        if (++this.#failedReads < MAX_READS) return false;
        piece = { events: [], from: cursor, next: cursor, isEnd: true, fileBytes: run.file.bytes };
      }
      this.#failedReads = 0;
      // It may have been evicted meanwhile.
      if (lane.disk[0] === run && lane.cursor === cursor) this.#loaded(lane, piece);
    }
    return true;
  }

  #loaded(lane: Lane, { events, next, isEnd, fileBytes }: Piece): void {
    const [run] = lane.disk;
    if (run === undefined) return;
    const { name } = this.#reader;
    const { cursor } = lane;
    lane.cursor = Math.max(cursor, next);
    let waiters: readonly string[] | undefined;
    let isOurs = false;
    for (const { position, event, waiters: all } of events) {
      if (position < cursor) continue;
      if (all !== waiters) isOurs = all.includes(name);
      waiters = all;
      if (!isOurs) continue;
      lane.pushFront(event);
      lane.unleave(1, event.bytes);
      if (lane.disk[0] !== run) return;
    }
    // Fewer than there were, unless some have been written since: the rest is damaged.
    if (!isEnd || fileBytes < run.file.bytes) return;
    const { events: lost, bytes } = run;
    this.#reader.damaged(run.file, lost, bytes);
    lane.unleave(lost, bytes);
  }
}
