/** What a queue on disk looks like from outside while its target is away. */

import type { TargetStatus } from '../delivery/status.js';
import type { SpoolQueue } from '../spool/spool-queue.js';

/** A queue that waits for its target to come back. */
export function parkedStatus({ name, events, bytes, dead, guardian }: SpoolQueue): TargetStatus {
  const { dropped, state } = guardian;
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  const accepted = events + dead.events + lost;
  return {
    name,
    type: state.type,
    address: state.address,
    state: 'disabled',
    accepted,
    recovered: accepted,
    delivered: 0,
    pending: { events, bytes },
    dropped: { ...dropped },
    dead: dead.events,
    attempts: 0,
  };
}
