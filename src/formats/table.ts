/** The table of event formats: what is known of each, by its name. A format is one file, and one line here. */

import type { z } from 'zod';
import { cloudEvents } from './cloudevents.js';
import { elasticsearch } from './elasticsearch.js';
import type { BuiltInFormat } from './format.js';
import { ibmResourceLifecycle } from './ibm-resource-lifecycle.js';
import { json } from './json.js';
import { loki } from './loki.js';
import { lxd } from './lxd.js';
import { migrationManager } from './migration-manager.js';
import { otlp } from './otlp.js';
import { splunkHec } from './splunk-hec.js';

const table = {
  'migration-manager': migrationManager,
  lxd,
  'ibm-resource-lifecycle': ibmResourceLifecycle,
  cloudevents: cloudEvents,
  loki,
  json,
  otlp,
  'splunk-hec': splunkHec,
  elasticsearch,
} satisfies Record<string, BuiltInFormat>;

/** How an event is written down: the names of the formats that are built in. */
export type EventFormat = keyof typeof table;

/** Options of a format that is built in, as they are written down. */
export type FormatOptionsInput = { [Name in EventFormat]: Strict<InputOf<Name>> }[EventFormat];

type InputOf<Name extends EventFormat> = z.input<(typeof table)[Name]['options']>;

type KeyOf<Input> = string extends keyof Input ? never : keyof Input;

type KeyOfAny<Name extends EventFormat = EventFormat> = Name extends unknown ? KeyOf<InputOf<Name>> : never;

/** Without it, the options of one format would pass for those of another that needs none. */
type Strict<Input> = Input & { readonly [Key in Exclude<KeyOfAny, keyof Input>]?: never };

/** Every format that is built in, by name. */
export const builtInFormats: ReadonlyMap<string, BuiltInFormat> = new Map<string, BuiltInFormat>(
  Object.entries(table),
);
