/** Gives an event its id when somebody asks for it. */

import { v7 } from 'uuid';
import type { Event } from './event.js';

/** An id that no other thing has: a UUIDv7, so that ids sort by the time at which they were made. */
export function createId(): string {
  return v7();
}

/**
 * The id of an event, made the first time and then the same for every format and every copy. Most formats show none:
 * their events do not pay for one.
 */
export function idOf(event: Event): string {
  event.id ??= createId();
  return event.id;
}
