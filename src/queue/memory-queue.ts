/** The queue that lives in memory. */

import type { DropReason } from '../report.js';
import type { EncodedEvent } from './encoded-event.js';
import { Fifo } from './fifo.js';
import type { Queue, QueueBounds } from './queue.js';

/**
 * Two lists, one for logging events and one for all others, so that the oldest logging event can go without a
 * search; reading merges them by `seq`.
 */
export class MemoryQueue implements Queue {
  readonly #bounds: QueueBounds;
  readonly #onLost: (reason: DropReason, events: number, oldestSeq: number) => void;
  readonly #logging = new Fifo<EncodedEvent>();
  readonly #audit = new Fifo<EncodedEvent>();
  #loggingBytes = 0;
  #auditBytes = 0;
  #takenEvents = 0;
  #takenBytes = 0;

  constructor(bounds: QueueBounds, onLost: (reason: DropReason, events: number, oldestSeq: number) => void) {
    this.#bounds = bounds;
    this.#onLost = onLost;
  }

  readonly isDurable = false;

  get oldestSeq(): number {
    return this.peek()?.seq ?? Number.POSITIVE_INFINITY;
  }

  open(): void {}

  get events(): number {
    return this.#logging.length + this.#audit.length + this.#takenEvents;
  }

  get bytes(): number {
    return this.#loggingBytes + this.#auditBytes + this.#takenBytes;
  }

  get waitingEvents(): number {
    return this.#logging.length + this.#audit.length;
  }

  get waitingBytes(): number {
    return this.#loggingBytes + this.#auditBytes;
  }

  peek(): EncodedEvent | undefined {
    const logging = this.#logging.peek();
    const audit = this.#audit.peek();
    if (logging === undefined || audit === undefined) return logging ?? audit;
    return logging.seq < audit.seq ? logging : audit;
  }

  lastSeqWith(): number {
    return Number.POSITIVE_INFINITY;
  }

  push(event: EncodedEvent): boolean {
    if (!this.#fits(event) && !this.#makeRoom(event)) return false;
    if (event.type === 'logging') {
      this.#logging.push(event);
      this.#loggingBytes += event.bytes;
    } else {
      this.#audit.push(event);
      this.#auditBytes += event.bytes;
    }
    return true;
  }

  take(): EncodedEvent | undefined {
    const event = this.peek();
    if (event === undefined) return undefined;
    this.#remove(event);
    this.#takenEvents++;
    this.#takenBytes += event.bytes;
    return event;
  }

  release(events: readonly EncodedEvent[]): void {
    this.#takenEvents -= events.length;
    for (const event of events) this.#takenBytes -= event.bytes;
  }

  countUpTo(seq: number): number {
    let count = 0;
    for (const list of [this.#logging, this.#audit]) {
      for (const event of list) {
        if (event.seq > seq) break;
        count++;
      }
    }
    return count;
  }

  stateChanged(): void {}

  beforeAttempt(): undefined {
    return undefined;
  }

  stored(): false {
    return false;
  }

  bury(): false {
    return false;
  }

  abandon(): number {
    return 0;
  }

  close(): number {
    const count = this.waitingEvents;
    this.#logging.clear();
    this.#audit.clear();
    this.#loggingBytes = 0;
    this.#auditBytes = 0;
    return count;
  }

  #fits(event: EncodedEvent): boolean {
    return this.events < this.#bounds.maxEvents && this.bytes + event.bytes <= this.#bounds.maxBytes;
  }

  /** Evicts nothing unless that makes enough room. */
  #makeRoom(event: EncodedEvent): boolean {
    const isLogging = event.type === 'logging';
    const keptEvents = this.#takenEvents + (isLogging ? this.#audit.length : 0);
    const keptBytes = this.#takenBytes + (isLogging ? this.#auditBytes : 0);
    if (keptEvents >= this.#bounds.maxEvents || keptBytes + event.bytes > this.#bounds.maxBytes) return false;
    while (!this.#fits(event)) {
      const victim = this.#logging.peek() ?? this.#audit.peek();
      if (victim === undefined) return false;
      this.#remove(victim);
      this.#onLost('queue-full', 1, victim.seq);
    }
    return true;
  }

  /** Removes the oldest event of a list. */
  #remove(event: EncodedEvent): void {
    if (event.type === 'logging') {
      this.#logging.shift();
      this.#loggingBytes -= event.bytes;
    } else {
      this.#audit.shift();
      this.#auditBytes -= event.bytes;
    }
  }
}
