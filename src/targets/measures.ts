/** What is measured of a transport beside its status, for those who make metrics of it. */

import type { TargetStatus } from '../delivery/status.js';
import type { EventType } from '../model/event.js';
import type { RequestOutcome } from '../report.js';

/** Counts of one target, since the process started. */
export interface TargetMeasures {
  readonly status: TargetStatus;
  /** Those that were recovered are not among them: nobody looks at them before they are sent. */
  readonly acceptedByType: Readonly<Record<EventType, number>>;
  readonly requests: Readonly<Partial<Record<RequestOutcome, number>>>;
  /** Bytes of bodies, as they went out. */
  readonly sentBytes: number;
  /** Events that were cut down to fit. */
  readonly truncated: number;
}

/** Bounds of each queue; `undefined`: there is none. */
interface QueueLimits {
  readonly events: number | undefined;
  readonly bytes: number;
}

/** What can be looked at, at any time; nothing is done for it in between. */
export interface Measures {
  targets(): readonly TargetMeasures[];
  readonly limits: QueueLimits;
  /** Clients of event streams. */
  listeners(): number;
  /** `undefined` where queues are in memory. */
  spool(): SpoolMeasures | undefined;
}

/** The spool as a whole. */
interface SpoolMeasures {
  /** On disk. */
  readonly bytes: number;
  /** Whether it can be written and read at the moment. */
  readonly isAvailable: boolean;
}

const all = new WeakMap<object, Measures>();

/** Makes measures known as those of their `owner`, without a place for them in the owner's public interface. */
export function offerMeasures(owner: object, measures: Measures): void {
  all.set(owner, measures);
}

/** The measures of a transport; `undefined` for anything else. */
export function measuresOf(owner: unknown): Measures | undefined {
  return typeof owner === 'object' && owner !== null ? all.get(owner) : undefined;
}
