/** Events that are in no file yet, each once, with the queues that wait for it. */

import { laneOf } from '../disk/state.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import { Fifo } from '../queue/fifo.js';
import type { SpoolQueue } from './spool-queue.js';

/** An event and who waits, or waited, for it. A class for the same reason as `EncodedEvent`. */
export class Entry {
  readonly event: EncodedEvent;
  queues: readonly SpoolQueue[];

  constructor(event: EncodedEvent, queues: readonly SpoolQueue[]) {
    this.event = event;
    this.queues = queues;
  }
}

/** By lane. */
export class Unwritten {
  #lists: [Fifo<Entry>, Fifo<Entry>] = [new Fifo(), new Fifo()];
  readonly #bytes: [logging: number, audit: number] = [0, 0];
  #last: Entry | undefined;
  /** Queues of the last, where it has more than one; and those of one before it. */
  #own: SpoolQueue[] | undefined;
  #shared: readonly SpoolQueue[] = [];

  /** Bytes of texts, by lane. */
  get bytes(): readonly [logging: number, audit: number] {
    return this.#bytes;
  }

  /** Whether an event is there already, for another queue: it is offered to all of them in turn. */
  has(event: EncodedEvent): boolean {
    return this.#last?.event === event;
  }

  add(event: EncodedEvent, queue: SpoolQueue): void {
    if (this.#last?.event === event) {
      if (this.#own === undefined) {
        this.#own = [...this.#last.queues];
        this.#last.queues = this.#own;
      }
      this.#own.push(queue);
      return;
    }
    this.#share();
    const entry = new Entry(event, queue.alone);
    this.#last = entry;
    this.#add(entry);
  }

  /** Forgets the oldest that nobody waits for. */
  prune(): void {
    for (const [lane, list] of this.#lists.entries()) {
      for (let entry = list.peek(); entry; entry = list.peek()) {
        const { event, queues } = entry;
        if (queues.some((queue) => queue.holds(event))) break;
        list.shift();
        this.#bytes[lane as 0 | 1] -= event.bytes;
        if (entry === this.#last) this.#last = undefined;
      }
    }
  }

  /** Takes out all that somebody waits for, by lane, with those who do. */
  take(): [Entry[], Entry[]] {
    const taken = this.#lists.map((list) => {
      const entries: Entry[] = [];
      for (let entry = list.shift(); entry; entry = list.shift()) {
        const { event, queues } = entry;
        if (!queues.every((queue) => queue.holds(event))) {
          entry.queues = queues.filter((queue) => queue.holds(event));
        }
        if (entry.queues.length > 0) entries.push(entry);
      }
      return entries;
    }) as [Entry[], Entry[]];
    this.#clear();
    return taken;
  }

  /** Puts back what could not be written, before what has come since. */
  putBack(entries: readonly Entry[]): void {
    const later = this.#lists.flatMap((list) => [...list]);
    const last = this.#last;
    this.#clear();
    for (const entry of [...entries, ...later]) this.#add(entry);
    this.#last = last;
  }

  /** Puts in order, and joins, what several queues have added anew. */
  sort(): void {
    const entries = this.#lists.flatMap((list) => [...list]).sort((a, b) => a.event.seq - b.event.seq);
    this.#clear();
    for (const { event, queues } of entries) for (const queue of queues) this.add(event, queue);
  }

  /** Events in a row go to the same queues: they have one list of them. */
  #share(): void {
    if (this.#last && this.#own && isSame(this.#own, this.#shared)) this.#last.queues = this.#shared;
    else if (this.#own) this.#shared = this.#own;
    this.#own = undefined;
  }

  #add(entry: Entry): void {
    const lane = laneOf(entry.event);
    this.#lists[lane].push(entry);
    this.#bytes[lane] += entry.event.bytes;
  }

  #clear(): void {
    this.#lists = [new Fifo(), new Fifo()];
    this.#bytes.fill(0);
    this.#last = undefined;
    this.#own = undefined;
  }
}

/** Whether the same wait. */
export function isSame(a: readonly SpoolQueue[], b: readonly SpoolQueue[]): boolean {
  return a === b || (a.length === b.length && a.every((queue, index) => queue === b[index]));
}
