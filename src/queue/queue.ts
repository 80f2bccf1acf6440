/** The interface of a target's queue, and what it holds. */

import type { JsonText } from '../formats/json-writer.js';
import type { EventType } from '../model/event.js';
import type { EventFormat } from '../model/event-format.js';
import type { DropReason } from '../report.js';
import type { Batch } from './batch.js';

/** An event as it will be sent: serialised once, shared by the queues of all targets of its format. */
export interface EncodedEvent extends JsonText {
  /** Place in the joint order of all events of a transport. Those that were found on disk come first, below 0. */
  readonly seq: number;
  readonly type: EventType;
  /** In which it is written, whatever the settings say by now. */
  readonly format: EventFormat;
  /** Milliseconds since the epoch. */
  readonly acceptedAtMs: number;
  /** Where it has one already: an event that comes back from the dead letters. */
  readonly id?: string;
}

/** Bounds of a queue. */
export interface QueueBounds {
  readonly maxEvents: number;
  /** Bytes of serialised events. */
  readonly maxBytes: number;
}

/** Why a receiver would not have an event. */
export interface Refusal {
  /** HTTP status. */
  readonly status: number | undefined;
  /** The beginning of the answer's body. */
  readonly response: string;
}

/** When to try a target again that was down when the process ended. */
export interface PlannedAttempt {
  readonly delayMs: number;
  /** How long the receiver wants to be left alone. */
  readonly patienceMs: number;
  /** Of the settings under which that is so. */
  readonly fingerprint: number;
  /** How many probes have failed. */
  readonly probes: number;
}

/** What a queue found on disk. */
export interface Recovery {
  /** Those of `batches` included. */
  readonly events: number;
  /** Taken before, with their ids and bytes; to be sent before anything else. */
  readonly batches: readonly Batch[];
  readonly attempt: PlannedAttempt | undefined;
  /** Events among the dead letters. */
  readonly dead: number;
  /** `seq` of the youngest event. */
  readonly lastSeq: number;
}

/** What of a target must survive beside its events. */
export interface DeliveryState {
  /** Those that were taken and are not settled. */
  readonly batches: readonly Batch[];
  readonly attempt: PlannedAttempt | undefined;
  readonly type: string;
  /** Without secrets. */
  readonly address: string;
}

/** Makes or finds the queue of a target. */
export type OpenQueue = (name: string, owner: QueueOwner) => Queue;

/** Whom a queue belongs to. */
export interface QueueOwner {
  /** Waiting events were lost. `oldestSeq`: the first of them */
  lost(reason: DropReason, events: number, oldestSeq: number): void;
  /** There is something to take that there was not before, without a `push`. */
  readable(): void;
  /** The queue was opened, or was open when it got this owner. */
  recovered(recovery: Recovery): void;
  /** Dead letters had to go. */
  forgotten(events: number): void;
  state(): DeliveryState;
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
  /** Whether events outlive the process. */
  readonly isDurable: boolean;
  /** `seq` of the oldest waiting event; Infinity when there is none. */
  readonly oldestSeq: number;
  /** Tells its owner what it holds, once that can listen. */
  open(): void;
  /** The oldest waiting event; `undefined` also while it is read from disk. */
  peek(): EncodedEvent | undefined;
  /** Adds an event, evicting others where necessary; `false` when it was refused. */
  push(event: EncodedEvent): boolean;
  /** Takes the event that `peek` shows. */
  take(): EncodedEvent | undefined;
  /** Lets go of events that were taken. */
  settle(events: readonly EncodedEvent[]): void;
  /** The state of its owner has changed. */
  stateChanged(): void;
  /** How many of the waiting events have a `seq` of at most `seq`. */
  countUpTo(seq: number): number;
  /** What must be done before `batch` may be on its way; `undefined`: nothing. Never rejects. */
  beforeAttempt(batch: Batch): Promise<void> | undefined;
  /** Whether an event that was just pushed is on disk, once that is known; `false`: it will not be. */
  stored(event: EncodedEvent): Promise<boolean> | false;
  /** Keeps an event that was refused, instead of `settle`; `false` when it cannot. */
  bury(event: EncodedEvent, refusal: Refusal): boolean;
  /** Its owner is gone. Lets go of the waiting events that do not outlive it; says how many they are. */
  close(): number;
  /** The process ends: lets go of what is nowhere but in memory; says how many events that are. */
  abandon(): number;
}
