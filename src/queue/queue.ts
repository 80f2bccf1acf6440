/** The interface of a target's queue, and of whom it belongs to. */

import type { DropReason } from '../report.js';
import type { Batch } from './batch.js';
import type { DeliveryState, Recovery, Refusal } from './delivery-state.js';
import type { EncodedEvent } from './encoded-event.js';

/** Bounds of a queue, each of at least 1; Infinity: none. */
export interface QueueBounds {
  /** Events, waiting or on their way. */
  readonly maxEvents: number;
  /** Bytes of serialised events. */
  readonly maxBytes: number;
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
  /** Dead letters had to go. `reason`: default `rejected` */
  forgotten(events: number, reason?: DropReason): void;
  state(): DeliveryState;
  /** Gives up the batches that are not on their way and whose events are all too old; returns the events. */
  expire(isTooOld: (event: EncodedEvent) => boolean): readonly EncodedEvent[];
}

/**
 * Holds accepted events in order, within bounds, until they are released.
 *
 * Events that were taken stay part of `events` and `bytes` and are never evicted; `release` lets go of them. When
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
  /** `seq` of the last event that may share a batch with `first`, the oldest waiting one; Infinity: all may. */
  lastSeqWith(first: EncodedEvent): number;
  /** The oldest waiting event; `undefined` also while it is read from disk. */
  peek(): EncodedEvent | undefined;
  /** Adds an event, evicting others where necessary; `false` when it was refused. */
  push(event: EncodedEvent): boolean;
  /** Takes the event that `peek` shows. */
  take(): EncodedEvent | undefined;
  /** Lets go of events that were taken. */
  release(events: readonly EncodedEvent[]): void;
  /** The state of its owner has changed. */
  stateChanged(): void;
  /** How many of the waiting events have a `seq` of at most `seq`. */
  countUpTo(seq: number): number;
  /** What must be done before `batch` may be on its way; `undefined`: nothing. Never rejects. */
  beforeAttempt(batch: Batch): Promise<void> | undefined;
  /** Whether an event that was just pushed is on disk, once that is known; `false`: it will not be. */
  stored(event: EncodedEvent): Promise<boolean> | false;
  /** Keeps an event that was refused, instead of `release`; `false` when it cannot. */
  bury(event: EncodedEvent, refusal: Refusal): boolean;
  /** Its owner is gone. Lets go of the waiting events that do not outlive it; says how many they are. */
  close(): number;
  /** The process ends: lets go of what is nowhere but in memory; says how many events that are. */
  abandon(): number;
}
