/** The interface of a target's queue, and what it holds. */

import type { JsonText } from '../formats/json-writer.js';
import type { EventType } from '../model/event.js';
import type { EventFormat } from '../model/event-format.js';

/** An event as it will be sent: serialised once, shared by the queues of all targets of its format. */
export interface EncodedEvent extends JsonText {
  /** Place in the joint order of all events of a transport. */
  readonly seq: number;
  readonly type: EventType;
  /** In which it is written, whatever the settings say by now. */
  readonly format: EventFormat;
  /** Milliseconds since the epoch. */
  readonly acceptedAtMs: number;
}

/** Bounds of a queue. */
export interface QueueBounds {
  readonly maxEvents: number;
  /** Bytes of serialised events. */
  readonly maxBytes: number;
}

/**
 * Holds accepted events in order, within bounds, until they are settled.
 *
 * Events that were taken stay part of `events` and `bytes` and are never evicted; `settle` lets go of them. When
 * an event does not fit, the oldest waiting logging events make room for it; when there are none left, an event
 * of another type displaces the oldest of its kind, and a logging event is refused.
 */
export interface Queue {
  /** Events held: waiting and taken. */
  readonly events: number;
  /** Bytes held: waiting and taken. */
  readonly bytes: number;
  /** Events that wait to be taken. */
  readonly waitingEvents: number;
  /** Bytes that wait to be taken. */
  readonly waitingBytes: number;
  /** The oldest waiting event. */
  peek(): EncodedEvent | undefined;
  /** Adds an event, evicting others where necessary; `false` when it was refused. */
  push(event: EncodedEvent): boolean;
  /** Takes the oldest waiting event. */
  take(): EncodedEvent | undefined;
  /** Lets go of events that were taken. */
  settle(events: readonly EncodedEvent[]): void;
  /** How many of the waiting events have a `seq` of at most `seq`. */
  countUpTo(seq: number): number;
  /** Lets go of all waiting events and says how many they were. */
  clear(): number;
}
