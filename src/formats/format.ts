/** The place of event formats: each turns an event into the JSON text that a receiver understands. */

import type { Event } from '../model/event.js';
import type { EventFormat } from '../model/event-format.js';
import { encodeMigrationManager } from './migration-manager.js';

/** Turns an event into JSON text, without line breaks. Pure. */
export type Encode = (event: Event) => string;

/** The encoder of each `event_format`. */
export const encoders: Readonly<Record<EventFormat, Encode>> = {
  'migration-manager': encodeMigrationManager,
};
