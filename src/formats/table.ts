/** The table of event formats: what is known of each, by its name. A format is one file, and one line here. */

import type { z } from 'zod';
import { cloudEvents } from './cloudevents.js';
import type { BuiltInFormat } from './format.js';
import { ibmResourceLifecycle } from './ibm-resource-lifecycle.js';
import { lxd } from './lxd.js';
import { migrationManager } from './migration-manager.js';

const table = {
  'migration-manager': migrationManager,
  lxd,
  'ibm-resource-lifecycle': ibmResourceLifecycle,
  cloudevents: cloudEvents,
} satisfies Record<string, BuiltInFormat>;

/** How an event is written down: the names of the formats that are built in. */
export type EventFormat = keyof typeof table;

/** Options of a format that is built in, as they are written down. */
export type FormatOptionsInput = {
  [Name in EventFormat]: z.input<(typeof table)[Name]['options']>;
}[EventFormat];

/** Every format that is built in, by name. */
export const builtInFormats: ReadonlyMap<string, BuiltInFormat> = new Map<string, BuiltInFormat>(
  Object.entries(table),
);
