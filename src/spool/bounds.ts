/** Decides what has to go: for room, and when it is too old. */

import type { SpoolClock } from '../disk/clock.js';
import type { LogFile } from '../disk/event-log.js';
import { type LogBounds, type Logs, maxFileBytesOf } from '../disk/logs.js';
import { lanes } from '../disk/state.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import type { SpoolQueue } from './spool-queue.js';
import type { Unwritten } from './unwritten.js';

/** So much of the spool stays open to logging events, whatever else there is. */
const LOGGING_SHARE = 1 / 4;
/** Within `maxAge`, the time is noted so often. */
const MARKS = 64;

/** Whose events it bounds, and by how much. */
interface BoundsOptions extends LogBounds {
  readonly queues: ReadonlyMap<string, SpoolQueue>;
  readonly unwritten: Unwritten;
}

/** The oldest go first, whoever waits for them: so nobody who takes nothing keeps others from getting any. */
export class Bounds {
  readonly #options: BoundsOptions;
  /** Now and then: what had been accepted by when, by the clock of the spool. */
  readonly #marks: { readonly seq: number; readonly ms: number }[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Once there is a disk. */
  logs: Logs | undefined;
  /** What makes a position of a `seq`. */
  base = 0;

  constructor(options: BoundsOptions) {
    this.#options = options;
  }

  /** Bytes of all events. */
  get usedBytes(): number {
    return this.#used(0) + this.#used(1);
  }

  /** Evicts what must go for `event`; `false` when that is not enough. */
  makeRoom({ bytes, type }: Pick<EncodedEvent, 'bytes' | 'type'>): boolean {
    const { maxBytes } = this.#options;
    const isLogging = type === 'logging';
    const maxAuditBytes = maxBytes * (1 - LOGGING_SHARE);
    if (bytes > (isLogging ? maxBytes : maxAuditBytes)) return false;
    while (!isLogging && this.#used(1) + bytes > maxAuditBytes) if (!this.#evict(1)) return false;
    while (this.usedBytes + bytes > maxBytes) {
      if (!this.#evict(0) && (isLogging || !this.#evict(1))) return false;
    }
    return true;
  }

  /** Whether an event fits without any other being evicted. */
  hasRoomFor({ bytes, type }: Pick<EncodedEvent, 'bytes' | 'type'>): boolean {
    const { maxBytes } = this.#options;
    const fits = type === 'logging' || this.#used(1) + bytes <= maxBytes * (1 - LOGGING_SHARE);
    return fits && this.usedBytes + bytes <= maxBytes;
  }

  /** Evicts the oldest files as long as all together take too much: the one that is written to goes beyond `maxBytes`. */
  trimFiles(): void {
    const { logs } = this;
    if (logs === undefined) return;
    const { maxBytes } = this.#options;
    const sizes = [...logs.logging.files, ...logs.audit.files, ...logs.dead.files];
    let tooMuch = sizes.reduce(
      (sum, file) => sum + (file.live.size > 0 ? file.bytes : 0),
      -maxBytes - maxFileBytesOf(maxBytes),
    );
    for (const [lane, kind] of lanes.entries()) {
      for (const file of logs[kind].files) {
        if (tooMuch <= 0) return;
        if (this.#evictFile(lane as 0 | 1, file)) tooMuch -= file.bytes;
      }
    }
  }

  /** Notes when the next event comes: not for nothing, since a clock takes its time. */
  mark(seq: number, clock: SpoolClock): void {
    const { maxAgeMs } = this.#options;
    if (!Number.isFinite(maxAgeMs)) return;
    const ms = clock.nowMs;
    const last = this.#marks.at(-1)?.ms ?? Number.NEGATIVE_INFINITY;
    if (ms - last > maxAgeMs / MARKS) this.#marks.push({ seq, ms });
  }

  /** Drops what is too old. `nowMs`: by the clock of the spool */
  expire(nowMs: number): void {
    const limitMs = nowMs - this.#options.maxAgeMs;
    const spanMs = this.#options.maxAgeMs / MARKS;
    let seq = Number.NEGATIVE_INFINITY;
    for (let [mark, next] = this.#marks; mark && mark.ms + spanMs < limitMs; [mark, next] = this.#marks) {
      seq = (next?.seq ?? Number.POSITIVE_INFINITY) - 1;
      this.#marks.shift();
    }
    const positions = lanes.map((kind) => {
      const last = this.logs?.[kind].files.findLast(({ youngestMs }) => youngestMs < limitMs)?.last;
      return Math.max(seq + this.base, last ?? Number.NEGATIVE_INFINITY);
    }) as [number, number];
    if (positions.every((position) => position === Number.NEGATIVE_INFINITY)) return;
    for (const queue of this.#options.queues.values()) {
      for (const lane of [0, 1] as const) queue.evictUpTo(lane, positions[lane], 'too-old');
      queue.expireBatches(positions);
    }
  }

  /** Keeps looking for what is too old. `nowMs`: by the clock of the spool; `undefined`: not yet */
  watch(nowMs: () => number | undefined): void {
    const { maxAgeMs } = this.#options;
    if (!Number.isFinite(maxAgeMs)) return;
    const periodMs = Math.min(Math.max(maxAgeMs / 16, 20), 60_000);
    this.#timer = setInterval(() => {
      const now = nowMs();
      if (now !== undefined) this.expire(now);
    }, periodMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #used(lane: 0 | 1): number {
    return this.#options.unwritten.bytes[lane] + (this.logs?.[lanes[lane]].usedBytes ?? 0);
  }

  /** Evicts the oldest event from all queues in which it waits; `false` when there is none. */
  #evict(lane: 0 | 1): boolean {
    const { queues } = this.#options;
    let oldest = Number.POSITIVE_INFINITY;
    for (const queue of queues.values()) oldest = Math.min(oldest, queue.lanes[lane].firstSeq(this.base));
    if (oldest === Number.POSITIVE_INFINITY) return false;
    for (const queue of queues.values()) {
      if (queue.lanes[lane].firstSeq(this.base) === oldest) queue.evictFirst(queue.lanes[lane], 'queue-full');
    }
    return true;
  }

  /** Whether nobody waits for anything in the file any more. */
  #evictFile(lane: 0 | 1, file: LogFile): boolean {
    for (const waiter of [...file.live.keys()]) {
      this.#options.queues.get(waiter.name)?.evictUpTo(lane, file.last, 'queue-full');
    }
    return file.live.size === 0;
  }
}

/** Of all queues together, so much that is on disk is held in memory, too; of each lane within bounds. */
const WINDOW_BYTES = { all: 2 ** 26, most: 3 * 2 ** 20, least: 2 ** 17 };

/** So much of each lane that is on disk is held in memory, too: what is sent next. */
export function windowBytesOf(queues: number): number {
  const { all, most, least } = WINDOW_BYTES;
  return Math.min(Math.max(all / Math.max(queues, 1), least), most);
}
