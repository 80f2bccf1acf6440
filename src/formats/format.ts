/** The place of event formats: each turns an event into the JSON that a receiver understands. */

import type { Event } from '../model/event.js';
import type { EventFormat } from '../model/event-format.js';
import type { JsonWriter } from './json-writer.js';
import { writeMigrationManager } from './migration-manager.js';

/** Writes the JSON of an event, without line breaks. Knows nothing but the event. */
export type WriteEvent = (event: Event, json: JsonWriter) => void;

/** What writes each `event_format`. */
export const formats: Readonly<Record<EventFormat, WriteEvent>> = {
  'migration-manager': writeMigrationManager,
};
