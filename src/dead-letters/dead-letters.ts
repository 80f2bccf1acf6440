/** Events that a receiver refused for good, kept on disk until somebody sends them again, or wants them no more. */

import type { EventLog, LogFile, Waiter } from '../disk/event-log.js';
import type { EventReader } from '../disk/event-reader.js';
import type { LetterNote, NewEvent } from '../disk/layout.js';
import { isWithin, withPosition } from '../disk/state.js';
import { builtInFormats } from '../formats/table.js';
import { createId } from '../model/event-id.js';
import type { Refusal } from '../queue/delivery-state.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import type { DropReason } from '../report.js';
import { type DeadLetter, type DeadLetterPage, type DeadLetterSelection, letterOf } from './dead-letter.js';

/** Whose letters they are: a target's queue. */
export interface Addressee extends Waiter {
  /** Its letters, and their bytes. */
  readonly dead: { events: number; bytes: number };
  readonly guardian: { forgotten(events: number, reason?: DropReason): void };
  /** Some of its letters cannot be read. */
  deadDamaged(file: LogFile, events: number, bytes: number): void;
}

/** A dead letter where it lies. */
interface Letter {
  readonly position: number;
  readonly note: LetterNote;
  readonly event: Omit<EncodedEvent, 'seq'>;
  readonly file: LogFile;
}

interface PendingLetter {
  readonly stored: NewEvent;
  readonly queue: Addressee;
  readonly event: EncodedEvent;
}

/** The dead letters of all queues of a spool. */
export class DeadLetters {
  readonly #log: EventLog;
  readonly #reader: EventReader;
  /** Those that are not on disk yet. */
  #pending: PendingLetter[] = [];
  #writing: PendingLetter[] = [];
  #gone: readonly (readonly [number, number])[];
  #next: number;

  /** @param gone positions of those that are not there any more @param next position of the next */
  constructor(
    log: EventLog,
    reader: EventReader,
    gone: readonly (readonly [number, number])[],
    next: number,
  ) {
    this.#log = log;
    this.#reader = reader;
    this.#gone = gone;
    this.#next = next;
  }

  /** Positions of those that are not there any more, in files that are. */
  get gone(): readonly (readonly [number, number])[] {
    const first = this.#log.files[0]?.first ?? this.#next;
    this.#gone = this.#gone.filter(([, last]) => last >= first);
    return this.#gone;
  }

  get next(): number {
    return this.#next;
  }

  /** Events of `queue` that are to become letters, but not with the commit that is being made: until then they wait. */
  pendingOf(queue: Addressee): EncodedEvent[] {
    return this.#pending.filter((each) => each.queue === queue).map(({ event }) => event);
  }

  /** Keeps an event. */
  bury(queue: Addressee, event: EncodedEvent, { status, response }: Refusal): void {
    const { type, format, acceptedAtMs, block, start, bytes } = event;
    const text = block.toString('utf8', start, start + bytes);
    const id = event.id ?? builtInFormats.get(format)?.idIn?.(text) ?? createId();
    const letter = { id, atMs: Date.now(), ...(status !== undefined && { status }), response };
    const kept = { seq: this.#next++, type, format, acceptedAtMs, block, start, bytes, id };
    const stored = { event: kept, queues: [queue], letter };
    this.#pending.push({ stored, queue, event });
    queue.dead.events++;
    queue.dead.bytes += bytes;
  }

  /** What is to be written. */
  write(): NewEvent[] {
    this.#writing = this.#pending;
    this.#pending = [];
    return this.#writing.map(({ stored }) => stored);
  }

  /** They will lie in `file`. */
  planned(file: LogFile): void {
    for (const { stored, queue } of this.#writing) file.add(queue, 1, stored.event.bytes);
  }

  written(): void {
    this.#writing = [];
  }

  notWritten(file: LogFile | undefined): void {
    for (const { stored, queue } of this.#writing) file?.add(queue, -1, -stored.event.bytes);
    this.#pending = [...this.#writing, ...this.#pending];
    this.#writing = [];
  }

  /** Those of a queue that are on disk, the oldest first. */
  async *of(queue: Addressee): AsyncGenerator<Letter> {
    for (const file of [...this.#log.files]) {
      // Those that are being written are counted already.
      const writing = file === this.#log.files.at(-1) ? this.#writing : [];
      let left = file.amountOf(queue)[0] - writing.filter((each) => each.queue === queue).length;
      for (let [position, isEnd] = [file.first, left === 0]; !isEnd; ) {
        const piece = await this.#reader.read(file, position);
        for (const { position: place, event, waiters, letter } of piece.events) {
          if (place < position || letter === undefined || !waiters.includes(queue.name)) continue;
          if (isWithin(this.#gone, place)) continue;
          left--;
          yield { position: place, note: letter, event, file };
        }
        position = piece.next;
        isEnd = piece.isEnd;
        // Fewer than there were: the rest cannot be read any more.
        if (isEnd && left > 0 && file.amountOf(queue)[0] >= left) this.#damaged(queue, file, left);
      }
    }
  }

  async list(
    queue: Addressee,
    { limit = Number.POSITIVE_INFINITY, after }: DeadLetterPage,
  ): Promise<DeadLetter[]> {
    const all: DeadLetter[] = [];
    let page: DeadLetter[] | undefined;
    for await (const letter of this.of(queue)) {
      if (after !== undefined && page === undefined) {
        if (letter.note.id === after) page = [];
        // Where that letter is not there any more: ids are in order of time, nearly.
        else if (letter.note.id > after) all.push(letterOf(letter.note, letter.event));
        continue;
      }
      const list = page ?? all;
      if (list.length >= limit) break;
      list.push(letterOf(letter.note, letter.event));
    }
    return (page ?? all).slice(0, limit);
  }

  /** Those that are chosen. */
  async *select(queue: Addressee, { ids, since }: DeadLetterSelection, before?: Date | string | number) {
    const wanted = ids && new Set(ids);
    if (wanted?.size === 0) return;
    const [sinceMs, beforeMs] = [
      timeOf(since, Number.NEGATIVE_INFINITY),
      timeOf(before, Number.POSITIVE_INFINITY),
    ];
    for await (const letter of this.of(queue)) {
      const { id, atMs } = letter.note;
      if ((!wanted || wanted.has(id)) && atMs >= sinceMs && atMs < beforeMs) yield letter;
    }
  }

  /** One of them is not among them any more. */
  remove(queue: Addressee, { position, file, event: { bytes } }: Letter): void {
    this.#gone = withPosition(this.#gone, position);
    file.add(queue, -1, -bytes);
    queue.dead.events--;
    queue.dead.bytes -= bytes;
  }

  /** Forgets the oldest of the queue that has the most until all together have at most `maxBytes`; says which. */
  async trim<Each extends Addressee>(queues: readonly Each[], maxBytes: number): Promise<Each | undefined> {
    if (this.#log.usedBytes <= maxBytes) return undefined;
    const [fullest] = [...queues].sort((a, b) => b.dead.bytes - a.dead.bytes);
    if (fullest === undefined) return undefined;
    try {
      for await (const letter of this.of(fullest)) {
        if (this.#log.usedBytes <= maxBytes) break;
        this.remove(fullest, letter);
        fullest.guardian.forgotten(1);
      }
    } catch {
      // What cannot be read now is tried again after the next commit.
    }
    return fullest;
  }

  #damaged(queue: Addressee, file: LogFile, events: number): void {
    const [, bytes] = file.amountOf(queue);
    file.add(queue, -events, -bytes);
    queue.deadDamaged(file, events, bytes);
  }
}

function timeOf(time: Date | string | number | undefined, otherwise: number): number {
  return time === undefined ? otherwise : new Date(time).getTime();
}
