/** The traits of an event format: all that the house knows of one. */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { z } from 'zod';
import { type Event, type EventType, eventTypes } from '../model/event.js';
import type { BodyFormat, Envelope } from './envelope.js';
import type { JsonWriter } from './json-writer.js';

/** Turns an event of a type that the format carries into text. Pure, but for the event's id. */
export type Encode = (event: Event) => string;

/** Writes that text to where it will be sent from. */
export type WriteEvent = (event: Event, json: JsonWriter) => void;

/** What the receivers of a format take. What is not said has no limit. */
export interface Limits {
  /** The most bytes in one body. */
  readonly bodyBytes?: number;
  /** The most events in one body. */
  readonly events?: number;
  /** The most bytes of one event. */
  readonly eventBytes?: number;
}

/** A format. What takes options gets them validated. */
export interface Format<Options extends object = object> {
  /** The types of events that it has a place for. */
  readonly types: readonly EventType[];
  /** The bodies that its receivers understand. */
  readonly bodyFormats: readonly BodyFormat[];
  /** What it needs beside the event: `format_options`. */
  readonly options: StandardSchemaV1<unknown, Options>;
  /** What an event that was cut down to its bare frame fits in, but for what its options put in. */
  readonly bareBytes: number;
  /** Whether it shows the values of a record's keys as they were logged: numbers as numbers. Default: no. */
  readonly showsTypes?: boolean;
  /** `location`: name of the member that writes, where it has one */
  createWriter(options: Options, location?: string): WriteEvent;
  /** `bodyFormat`: one of those that its receivers understand */
  createEnvelope(bodyFormat: BodyFormat, options: Options): Envelope;
  limits?(options: Options): Limits;
  /** The id that an event shows. `text`: what was written. Default: none. */
  idIn?(text: string): string | undefined;
}

/** One that is built in: its schema is known in full. No default of its own but for keys that are optional. */
export interface BuiltInFormat<Options extends object = object> extends Omit<Format<Options>, 'options'> {
  readonly options: z.ZodObject & z.ZodType<Options>;
}

/** For formats that carry everything. */
export const allTypes: readonly EventType[] = eventTypes;

/** A writer that makes whole texts of JSON. */
export function writeText(encode: Encode): WriteEvent {
  return (event, json) => json.json(encode(event));
}
