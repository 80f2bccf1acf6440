/** The table of event formats: what is known of each, by its name. A format is one file, and one line here. */

import type { z } from 'zod';
import { cloudEvents } from './cloudevents.js';
import type { BodyFormat, Envelope } from './envelope.js';
import type { Format, WriteEvent } from './format.js';
import { ibmResourceLifecycle } from './ibm-resource-lifecycle.js';
import { lxd } from './lxd.js';
import { migrationManager } from './migration-manager.js';

const formats = {
  'migration-manager': migrationManager,
  lxd,
  'ibm-resource-lifecycle': ibmResourceLifecycle,
  cloudevents: cloudEvents,
} satisfies Record<string, Format>;

/** How an event is written down: the names of the formats that are built in. */
export type EventFormat = keyof typeof formats;

/** Options of a format that is built in, as they are written down. */
export type FormatOptionsInput = {
  [Name in EventFormat]: z.input<(typeof formats)[Name]['options']>;
}[EventFormat];

/** The formats that may be used, by name. */
export type FormatTable = ReadonlyMap<string, Format>;

/** Every format that is built in. */
export const builtInFormats: FormatTable = new Map<string, Format>(Object.entries(formats));

/** The part of a log target's settings that says how its events are written down. Options fit their format. */
export interface FormatSettings {
  readonly event_format: string;
  readonly format_options: Readonly<Record<string, unknown>>;
}

/**
 * The format with this name.
 * @throws TypeError when there is none: settings are validated against the table
 */
export function formatNamed(name: string, table: FormatTable = builtInFormats): Format {
  const format = table.get(name);
  if (format === undefined) throw new TypeError(`There is no event format ${JSON.stringify(name)}`);
  return format;
}

/** What a target's events are written with. */
export function createWriteEvent({ event_format, format_options }: FormatSettings): WriteEvent {
  return formatNamed(event_format).createWriter(format_options);
}

/** What goes around events of a format. Those that were written before the settings changed may not go with them. */
export function createEnvelope(eventFormat: string, bodyFormat: BodyFormat): Envelope {
  const format = formatNamed(eventFormat);
  const isUnderstood = format.bodyFormats.includes(bodyFormat);
  return format.createEnvelope(isUnderstood ? bodyFormat : 'array');
}

/** The most bytes that the receivers of a format take in one body, beside what the settings allow. */
export function maxBodyBytes({ event_format, format_options }: FormatSettings): number {
  return formatNamed(event_format).maxBodyBytes?.(format_options) ?? Number.POSITIVE_INFINITY;
}

/** The id of an event that its format shows. `text`: what was written */
export function eventIdIn(eventFormat: string, text: string): string | undefined {
  return builtInFormats.get(eventFormat)?.idIn?.(text);
}
