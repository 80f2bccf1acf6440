/** How an event becomes text: what every format has to offer. */

import type { Event } from '../model/event.js';
import type { JsonWriter } from './json-writer.js';

/** Turns an event of a type that the format carries into JSON text, without line breaks. Pure, but for the event's id. */
export type Encode = (event: Event) => string;

/** Writes that text to where it will be sent from. */
export type WriteEvent = (event: Event, json: JsonWriter) => void;
