/** Events that a receiver refused for good, kept on disk until somebody sends them again. */

import { builtInFormats } from '../formats/table.js';
import type { EventType } from '../model/event.js';
import { createId } from '../model/event-id.js';
import type { JsonValue } from '../model/json.js';
import type { Refusal } from '../queue/delivery-state.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import type { SpoolQueue } from './spool-queue.js';
import { type Change, letterChange, type SpoolStore } from './store.js';

/** An event that a receiver refused. */
export interface DeadLetter {
  /** Of the event: the one that its format shows, or else made when it was refused. A UUIDv7. */
  readonly id: string;
  /** ISO time at which it was refused. */
  readonly at: string;
  /** ISO time at which it was accepted. */
  readonly acceptedAt: string;
  readonly type: EventType;
  /** HTTP status of the refusal. */
  readonly status?: number;
  /** The first 1 KiB of the answer's body. */
  readonly response: string;
  /** The event as it was sent. */
  readonly event: JsonValue;
}

/** Which dead letters; all of them by default. */
export interface DeadLetterSelection {
  readonly ids?: readonly string[];
  /** Those that were refused at or after this time. Numbers are milliseconds since the epoch. */
  readonly since?: Date | string | number;
}

interface SavedLetter {
  readonly id: string;
  readonly atMs: number;
  readonly acceptedAtMs: number;
  readonly type: EventType;
  readonly format: string;
  readonly status?: number;
  readonly response: string;
  readonly text: string;
}

/** A dead letter that goes back into its queue. */
export interface Returning {
  readonly key: string;
  readonly bytes: number;
  readonly event: Omit<EncodedEvent, 'seq'>;
}

/** The dead letters of all queues of a spool. */
export class DeadLetters {
  readonly #maxBytes: number;
  #bytes = 0;
  #changes: Change[] = [];
  /** Keys of those that are to be deleted, or are being deleted. */
  readonly #gone = new Set<string>();

  /** @param maxBytes of all of them: when there are more, the oldest go */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isFull(): boolean {
    return this.#bytes > this.#maxBytes;
  }

  /** Counts those that were found. */
  add(bytes: number): void {
    this.#bytes += bytes;
  }

  bury(queue: SpoolQueue, event: EncodedEvent, { status, response }: Refusal): void {
    const { type, format, acceptedAtMs, block, start, bytes } = event;
    const text = block.toString('utf8', start, start + bytes);
    const id = event.id ?? builtInFormats.get(format)?.idIn?.(text) ?? createId();
    const letter: SavedLetter = {
      id,
      atMs: Date.now(),
      acceptedAtMs,
      type,
      format,
      ...(status !== undefined && { status }),
      response,
      text,
    };
    const change = letterChange(queue.name, id, letter);
    this.#gone.delete(change.key);
    this.#changes.push(change);
    queue.dead.events++;
    queue.dead.bytes += change.value.length;
    this.#bytes += change.value.length;
  }

  /** What is to be written; `false` when it could not be. */
  async write(write: (changes: Change[]) => Promise<boolean>): Promise<boolean> {
    const changes = this.#changes;
    this.#changes = [];
    const isWritten = await write(changes);
    if (!isWritten) this.#changes.unshift(...changes);
    else for (const { type, key } of changes) if (type === 'del') this.#gone.delete(key);
    return isWritten;
  }

  async list(store: SpoolStore, name: string): Promise<DeadLetter[]> {
    const letters: DeadLetter[] = [];
    for await (const { letter } of store.letters(name)) {
      if (letter !== undefined) letters.push(shown(letter as SavedLetter));
    }
    return letters;
  }

  /** Those that are chosen, ready to be queued. */
  async select(store: SpoolStore, name: string, { ids, since }: DeadLetterSelection): Promise<Returning[]> {
    const wanted = ids && new Set(ids);
    const sinceMs = since === undefined ? Number.NEGATIVE_INFINITY : new Date(since).getTime();
    const chosen: Returning[] = [];
    for await (const { key, bytes, letter } of store.letters(name)) {
      if (letter === undefined || this.#gone.has(key)) continue;
      const { id, atMs, acceptedAtMs, type, format, text } = letter as SavedLetter;
      if ((wanted && !wanted.has(id)) || atMs < sinceMs) continue;
      // One byte stays free behind each text.
      const block = Buffer.from(`${text} `);
      chosen.push({
        key,
        bytes,
        event: { id, type, format, acceptedAtMs, block, start: 0, bytes: block.length - 1 },
      });
    }
    return chosen;
  }

  /** One of them is in its queue again. */
  remove(queue: SpoolQueue, { key, bytes }: Pick<Returning, 'key' | 'bytes'>): void {
    this.#gone.add(key);
    this.#changes.push({ type: 'del', key });
    this.#bytes -= bytes;
    queue.dead.events--;
    queue.dead.bytes -= bytes;
  }

  /** Forgets the oldest of `queue`, as many as must go. */
  async trim(store: SpoolStore, queue: SpoolQueue): Promise<void> {
    let count = 0;
    for await (const { key, bytes } of store.letters(queue.name)) {
      if (!this.isFull) break;
      if (this.#gone.has(key)) continue;
      this.remove(queue, { key, bytes });
      count++;
    }
    if (count > 0) queue.forgotDead(count);
  }
}

/** Formats need not write JSON, or only one piece of it. */
function jsonIn(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function shown({ id, atMs, acceptedAtMs, type, status, response, text }: SavedLetter): DeadLetter {
  return {
    id,
    at: new Date(atMs).toISOString(),
    acceptedAt: new Date(acceptedAtMs).toISOString(),
    type,
    ...(status !== undefined && { status }),
    response,
    event: jsonIn(text),
  };
}
