/** The place of event formats: each turns an event into the JSON that a receiver understands. */

import type { EventFormat, FormatOptionsOf, FormatSettings } from '../model/event-format.js';
import { createCloudEventsEncoder, isForEventNotifications } from './cloudevents.js';
import { createIbmResourceLifecycleEncoder } from './ibm-resource-lifecycle.js';
import { encodeLxd } from './lxd.js';
import { writeMigrationManager } from './migration-manager.js';
import type { Encode, WriteEvent } from './write-event.js';

/** What each `event_format` writes with, made from its options. */
export const formats: { readonly [Format in EventFormat]: (options: FormatOptionsOf[Format]) => WriteEvent } =
  {
    'migration-manager': () => writeMigrationManager,
    lxd: () => writeText(encodeLxd),
    'ibm-resource-lifecycle': (options) => writeText(createIbmResourceLifecycleEncoder(options)),
    cloudevents: (options) => writeText(createCloudEventsEncoder(options)),
  };

function writeText(encode: Encode): WriteEvent {
  return (event, json) => json.text(encode(event));
}

/** What a target's events are written with. */
export function createWriteEvent({ event_format, format_options }: FormatSettings): WriteEvent {
  return formats[event_format](format_options as never);
}

/**
 * IBM Event Notifications takes 64 KB a notification. Whether that is 64,000 or 65,536 bytes is not said: what
 * keeps to the first keeps to both.
 */
const EVENT_NOTIFICATIONS_BYTES = 64_000;

/** The most bytes that the receivers of a format take in one body, beside what the settings allow. */
export function maxBodyBytes({ format_options }: FormatSettings): number {
  return isForEventNotifications(format_options) ? EVENT_NOTIFICATIONS_BYTES : Number.POSITIVE_INFINITY;
}

/** The id of an event that its format shows. `text`: what was written */
export function eventIdIn(format: EventFormat, text: string): string | undefined {
  if (format !== 'cloudevents' && format !== 'ibm-resource-lifecycle') return undefined;
  const event = JSON.parse(text);
  return format === 'cloudevents' ? event.id : event.event_id;
}
