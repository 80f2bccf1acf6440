/** Records the changes of operations for one transport, those in quick succession as one. */

import type { OperationEvent } from '../model/event.js';

/** How long changes are gathered. */
const HOLD_MS = 100;

/** What a transport has to do with the operations that it records. */
export interface JournalOptions {
  readonly location: string | undefined;
  readonly complete: (event: OperationEvent) => OperationEvent;
  readonly record: (event: OperationEvent) => void;
}

interface Held {
  event: OperationEvent;
  readonly timer: NodeJS.Timeout;
}

/**
 * Holds back the latest change of each operation. What is held back keeps no process alive: `recordAll` is to be
 * called before the end of things.
 */
export class OperationJournal {
  /** Where operations run, when they do not say so themselves. */
  readonly location: string | undefined;
  /** Adds to an event what only this transport knows, and takes away what it keeps back. */
  readonly complete: (event: OperationEvent) => OperationEvent;
  readonly #record: (event: OperationEvent) => void;
  readonly #held = new Map<string, Held>();
  #holds = true;

  constructor({ location, complete, record }: JournalOptions) {
    this.location = location;
    this.complete = complete;
    this.#record = record;
  }

  /** Records an event at once. It tells of all that was held back of its operation, too. */
  record(event: OperationEvent): void {
    const { id } = event.operation;
    clearTimeout(this.#held.get(id)?.timer);
    this.#held.delete(id);
    this.#record(event);
  }

  /** Records an event 100 ms after the first one that it is gathered with, unless a later one takes its place. */
  hold(event: OperationEvent): void {
    if (!this.#holds) {
      this.record(event);
      return;
    }
    const { id } = event.operation;
    const held = this.#held.get(id);
    if (held) held.event = event;
    else this.#held.set(id, { event, timer: setTimeout(this.#release, HOLD_MS, id).unref() });
  }

  /** Records all that is held back. */
  recordAll(): void {
    for (const { event } of [...this.#held.values()]) this.record(event);
  }

  /** Records all that is held back, and holds back nothing any more. */
  close(): void {
    this.#holds = false;
    this.recordAll();
  }

  readonly #release = (id: string): void => {
    const held = this.#held.get(id);
    if (held) this.record(held.event);
  };
}
