/** The traits of an event format: all that the house knows of one. */

import type { z } from 'zod';
import { type Event, type EventType, eventTypes } from '../model/event.js';
import type { BodyFormat, Envelope } from './envelope.js';
import type { JsonWriter } from './json-writer.js';

/** Turns an event of a type that the format carries into text. Pure, but for the event's id. */
export type Encode = (event: Event) => string;

/** Writes that text to where it will be sent from. */
export type WriteEvent = (event: Event, json: JsonWriter) => void;

/** A format. What takes options gets them validated. */
export interface Format<Options extends object = object> {
  /** The types of events that it has a place for. */
  readonly types: readonly EventType[];
  /** The bodies that its receivers understand. */
  readonly bodyFormats: readonly BodyFormat[];
  /** What it needs beside the event: `format_options`. No default of its own but for keys that are optional. */
  readonly options: z.ZodObject & z.ZodType<Options>;
  /** What an event that was cut down to its bare frame fits in, but for what its options put in. */
  readonly bareBytes: number;
  createWriter(options: Options): WriteEvent;
  /** `bodyFormat`: one of those that it understands */
  createEnvelope(bodyFormat: BodyFormat): Envelope;
  /** The most bytes that its receivers take in one body. Default: no limit. */
  maxBodyBytes?(options: Options): number;
  /** The id that an event shows. `text`: what was written. Default: none. */
  idIn?(text: string): string | undefined;
}

/** For formats that carry everything. */
export const allTypes: readonly EventType[] = eventTypes;

/** A writer that makes whole texts. */
export function writeText(encode: Encode): WriteEvent {
  return (event, json) => json.text(encode(event));
}
