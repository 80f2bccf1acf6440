/** Plain JSON: log records as the service wrote them, each value of the type that it was logged with. */

import { z } from 'zod';
import type { Event, LoggingEvent } from '../model/event.js';
import type { JsonValue } from '../model/json.js';
import { isJsonValue, MAX_LEVELS } from '../model/json-value.js';
import { orDefault, text } from '../model/keys.js';
import { bodyFormats, jsonEnvelopes } from './envelope.js';
import { allTypes, type BuiltInFormat, writeText } from './format.js';

/** What plain JSON needs beside the event. */
export interface JsonOptions {
  /** Joined to each event; keys that are already there win. Default: none. */
  readonly fields: Readonly<Record<string, JsonValue>>;
  /** Name of the key with the time. Default: `timestamp`. */
  readonly timestamp: string;
}

const FIELD = `something that JSON can hold, at most ${MAX_LEVELS} levels deep`;

const field = z
  .unknown()
  .refine(isJsonValue, FIELD)
  .meta({ description: FIELD }) as unknown as z.ZodType<JsonValue>;

const options = z.strictObject(
  {
    fields: orDefault(z.record(z.string(), field, 'an object'), {}),
    timestamp: orDefault(
      text(
        'a name other than `level`, `message` and `type`',
        (name) => !['level', 'message', 'type'].includes(name),
      ),
      'timestamp',
    ),
  },
  'an object',
);

/** For whoever takes JSON, in arrays, in lines or one by one. */
export const json = {
  types: allTypes,
  bodyFormats,
  options,
  bareBytes: 512,
  showsTypes: true,
  createWriter: ({ fields, timestamp }) => {
    const members = Object.entries(fields).map(([key, value]) => [key, JSON.stringify(value)] as const);
    return writeText((event) => new Members(timestamp, event).encode(members));
  },
  createEnvelope: (bodyFormat) => jsonEnvelopes[bodyFormat],
} satisfies BuiltInFormat<JsonOptions>;

/** The keys of one event and their values, written down. None is there twice. */
class Members {
  readonly #members = new Map<string, string>();

  constructor(timestamp: string, event: Event) {
    this.#members.set(timestamp, JSON.stringify(event.time));
    if (event.type === 'logging') this.#addRecord(event);
    else this.#addAll(ownKeysOf(event));
    if (event.location !== undefined) this.#add('location', JSON.stringify(event.location));
  }

  encode(fields: readonly (readonly [string, string])[]): string {
    for (const [key, value] of fields) if (!this.#members.has(key)) this.#members.set(key, value);
    return `{${[...this.#members].map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
  }

  #addRecord({ level, message, entries, typed }: LoggingEvent): void {
    this.#add('level', JSON.stringify(typed?.level ?? level.toLowerCase()));
    this.#add('message', JSON.stringify(message));
    const isJson = new Set(typed?.json);
    for (let index = 0; index < entries.length; index += 2) {
      const [key, value] = entries.slice(index, index + 2) as [string, string];
      this.#add(key, isJson.has(key) ? jsonOf(value) : JSON.stringify(value));
    }
  }

  #addAll(keys: object): void {
    for (const [key, value] of Object.entries(keys)) {
      if (value !== undefined) this.#add(key, JSON.stringify(value));
    }
  }

  /** What has the name of something else gets out of its way. */
  #add(key: string, value: string): void {
    let free = key;
    while (this.#members.has(free)) free += '_';
    this.#members.set(free, value);
  }
}

/** As `JSON.stringify` has it, of numbers that JSON has no place for. */
function jsonOf(written: string): string {
  return written === 'NaN' || written.endsWith('Infinity') ? 'null' : written;
}

function ownKeysOf(event: Exclude<Event, LoggingEvent>): object {
  const { type, project } = event;
  if (type === 'operation') {
    const { location, ...operation } = event.operation;
    return { type, ...operation, project, ...(event.location === undefined && { location }) };
  }
  const { action, entities, requestor, metadata, context, name, outcome, message } = event;
  return { type, action, entities, requestor, metadata, context, name, project, outcome, message };
}
