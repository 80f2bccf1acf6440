/** What the queues of a spool share: room, a disk, and commits. */

import type { LogFile } from '../disk/event-log.js';
import type { Piece } from '../disk/event-reader.js';
import type { Batch } from '../queue/batch.js';
import type { DeliveryState, Refusal } from '../queue/delivery-state.js';
import type { EncodedEvent } from '../queue/encoded-event.js';
import type { QueueBounds } from '../queue/queue.js';
import type { DropReason } from '../report.js';

/** What all queues of a spool share. `Member`: such a queue */
export interface SpoolShare<Member> {
  /** What makes a position, which goes on over restarts, of a `seq`. */
  readonly base: number;
  /** Whether there is a disk to read from and write to, full or not. */
  readonly isOpen: boolean;
  /** Whether it is not known yet what is on disk: that comes first. */
  readonly isOpening: boolean;
  /** Whether it is worth waiting for room on disk. */
  readonly isPatient: boolean;
  /** Bounds of what is nowhere but in memory, for each queue. */
  readonly memory: QueueBounds;
  /** So much of each lane that is on disk is held in memory, too. */
  readonly windowBytes: number;
  /** Evicts events of whatever queue, so that `event` fits; `false` when that cannot be. */
  makeRoom(event: EncodedEvent): boolean;
  /** Has an event written for `queue`, with the next commit, unless it is settled by then. */
  add(event: EncodedEvent, queue: Member): void;
  /** Some events that were added need not be written for somebody any more. */
  settled(): void;
  /** The file that has an event. */
  fileOf(event: EncodedEvent): LogFile | undefined;
  read(file: LogFile, position: number): Promise<Piece>;
  /** Has `queue` written: at once, or within 50 ms. */
  commit(queue: Member, when: 'now' | 'soon'): void;
  /** Resolves once the commit is over that has what is in the queues now; to whether its events were written. */
  committed(): Promise<boolean>;
  /** Events of a queue that nobody owns were lost. */
  lost(queue: Member, reason: DropReason, events: number): void;
  /** Events of `queue` could not be read. */
  damaged(queue: Member, file: LogFile, events: number): void;
  /** Keeps a dead letter; `false` when it cannot. */
  bury(queue: Member, event: EncodedEvent, refusal: Refusal): boolean;
}

/** What was found on disk of one queue. */
export interface FoundQueue {
  readonly batches: readonly Batch[];
  readonly attempt: DeliveryState['attempt'];
  readonly type: string;
  readonly address: string;
  readonly heads: readonly [logging: number, audit: number];
  /** Files with events that wait, by lane. */
  readonly files: readonly (readonly {
    readonly file: LogFile;
    readonly events: number;
    readonly bytes: number;
  }[])[];
  readonly dead: { readonly events: number; readonly bytes: number };
}

/** Of a queue that is new. */
export const nothingFound: FoundQueue = {
  batches: [],
  attempt: undefined,
  type: 'webhook',
  address: '',
  heads: [0, 0],
  files: [[], []],
  dead: { events: 0, bytes: 0 },
};
