/** One of the two lists of events in a spooled queue: those of type logging, or all others. */

import type { LogFile } from '../disk/event-log.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import { Fifo } from '../queue/fifo.js';

/** What waits in a file and is not in memory. */
export interface Run {
  readonly file: LogFile;
  events: number;
  bytes: number;
}

/**
 * Waiting events in order, in four parts: those in front, that are in memory and on disk; those that are on disk only;
 * those that are being written; those that are nowhere but in memory.
 */
export class Lane {
  readonly front = new Fifo<EncodedEvent>();
  frontBytes = 0;
  /** On disk only, by file. */
  readonly disk: Run[] = [];
  /** Position at which that begins, or a lower one. */
  cursor = 0;
  writing = new Fifo<EncodedEvent>();
  fresh = new Fifo<EncodedEvent>();
  /** Bytes of `fresh`. */
  freshBytes = 0;
  /** Of `writing` and `fresh`. */
  unstoredBytes = 0;
  /** Events up to this `seq` are on disk or being written, where anybody waited for them by then. */
  plannedSeq = Number.NEGATIVE_INFINITY;
  /** Events up to this `seq` are on disk. */
  storedSeq = Number.NEGATIVE_INFINITY;

  /** Events that are nowhere but in memory, for certain. */
  get unstoredEvents(): number {
    return this.writing.length + this.fresh.length;
  }

  /** `seq` of the oldest waiting event, or a lower one. `base`: what makes a position of it */
  firstSeq(base: number): number {
    const inFront = this.front.peek();
    if (inFront) return inFront.seq;
    if (this.disk.length > 0) return this.cursor - base;
    return (this.writing.peek() ?? this.fresh.peek())?.seq ?? Number.POSITIVE_INFINITY;
  }

  /** The oldest, where it is in memory. */
  peek(): EncodedEvent | undefined {
    return (
      this.front.peek() ?? (this.disk.length > 0 ? undefined : (this.writing.peek() ?? this.fresh.peek()))
    );
  }

  /** Takes what `peek` shows. */
  shift(): EncodedEvent | undefined {
    const event = this.front.shift();
    if (event) {
      this.frontBytes -= event.bytes;
      return event;
    }
    if (this.disk.length > 0) return undefined;
    const beingWritten = this.writing.shift();
    if (beingWritten === undefined) return this.shiftFresh();
    this.unstoredBytes -= beingWritten.bytes;
    return beingWritten;
  }

  /** Takes the oldest that is nowhere but in memory. */
  shiftFresh(): EncodedEvent | undefined {
    const event = this.fresh.shift();
    if (event === undefined) return undefined;
    this.freshBytes -= event.bytes;
    this.unstoredBytes -= event.bytes;
    return event;
  }

  push(event: EncodedEvent): void {
    this.fresh.push(event);
    this.freshBytes += event.bytes;
    this.unstoredBytes += event.bytes;
  }

  pushFront(event: EncodedEvent): void {
    this.front.push(event);
    this.frontBytes += event.bytes;
  }

  /** Whether an event that is not on disk, or only just, waits here. */
  waits(seq: number): boolean {
    const first = this.writing.peek() ?? this.fresh.peek();
    return first !== undefined && first.seq <= seq;
  }

  /** A commit begins that has everything there is. */
  write(lastSeq: number): void {
    // What was written before is empty by now.
    [this.writing, this.fresh] = [this.fresh, this.writing];
    this.freshBytes = 0;
    this.plannedSeq = lastSeq;
  }

  /** It is done: what it has stays in memory up to `windowBytes`, if nothing before it is on disk only. */
  written(file: LogFile | undefined, windowBytes: number, base: number): void {
    this.storedSeq = this.plannedSeq;
    this.unstoredBytes = this.freshBytes;
    for (let event = this.writing.shift(); event; event = this.writing.shift()) {
      if (this.disk.length === 0 && this.frontBytes + event.bytes <= windowBytes) this.pushFront(event);
      else if (file) this.#leave(event, file, base);
    }
  }

  /** It failed. */
  notWritten(): void {
    for (let event = this.fresh.shift(); event; event = this.fresh.shift()) this.writing.push(event);
    this.fresh = this.writing;
    this.writing = new Fifo();
    this.freshBytes = this.unstoredBytes;
    this.plannedSeq = this.storedSeq;
  }

  /** The disk is gone: everything in memory is nowhere else now. Returns it. */
  restart(): EncodedEvent[] {
    const events = [...this.front, ...this.writing, ...this.fresh];
    for (const part of [this.front, this.writing, this.fresh]) part.clear();
    [this.frontBytes, this.freshBytes, this.unstoredBytes] = [0, 0, 0];
    this.plannedSeq = Number.NEGATIVE_INFINITY;
    this.storedSeq = Number.NEGATIVE_INFINITY;
    for (const event of events) this.push(event);
    return events;
  }

  /** Events of this lane's disk part are in memory now, or gone. */
  unleave(events: number, bytes: number): void {
    const [run] = this.disk;
    if (run === undefined) return;
    run.events -= events;
    run.bytes -= bytes;
    if (run.events > 0) return;
    this.disk.shift();
    this.cursor = Math.max(this.cursor, this.disk[0]?.file.first ?? 0);
  }

  /** How many wait with a `seq` of at most `seq`. Those on disk only are counted by whole files. */
  countUpTo(seq: number, base: number): number {
    let count = 0;
    for (const { file, events } of this.disk) if (file.first - base <= seq) count += events;
    for (const part of [this.front, this.writing, this.fresh]) {
      for (const event of part) {
        if (event.seq > seq) break;
        count++;
      }
    }
    return count;
  }

  #leave(event: EncodedEvent, file: LogFile, base: number): void {
    let run = this.disk.at(-1);
    if (run?.file !== file) {
      if (run === undefined) this.cursor = event.seq + base;
      run = { file, events: 0, bytes: 0 };
      this.disk.push(run);
    }
    run.events++;
    run.bytes += event.bytes;
  }
}
