/** The formats in which events can be sent: their names, their options, and the types of events they carry. */

import type { EventType } from './event.js';

/** Every `event_format`. Their order is on disk: append only. */
export const eventFormats = ['migration-manager', 'lxd', 'ibm-resource-lifecycle', 'cloudevents'] as const;

/** How an event is written down. */
export type EventFormat = (typeof eventFormats)[number];

/** The types of events that a format has a place for. */
export const carriedTypes: Readonly<Record<EventFormat, readonly EventType[]>> = {
  'migration-manager': ['lifecycle', 'logging', 'operation'],
  lxd: ['lifecycle', 'logging', 'operation'],
  'ibm-resource-lifecycle': ['lifecycle'],
  cloudevents: ['lifecycle', 'logging', 'operation'],
};

/** A format that needs nothing beside the event. */
type NoOptions = Readonly<Record<string, never>>;

/** Who a resource belongs to, in IBM's terms. */
export interface IbmResourceLifecycleOptions {
  /** The account in which things happen. */
  readonly account_id: string;
  /** The region in which they happen, for instance `us-south`. */
  readonly region_id: string;
  /** Name of the service, as it is part of a CRN. */
  readonly service: string;
}

/** What CloudEvents say about where they come from. */
export interface CloudEventsOptions {
  /** The `source` attribute: a URI reference. */
  readonly source: string;
  /** Reverse DNS name with which the `type` attribute begins: `com.example`. */
  readonly type_prefix: string;
  /** Extension attributes, the same for each event: text, booleans, integers of 32 bits. Default: none. */
  readonly extensions: CloudEventsExtensions;
}

/** Extension attributes by name: 1 to 20 lower-case letters and digits. */
export type CloudEventsExtensions = Readonly<Record<string, string | boolean | number>>;

/** What each format needs beside the event, validated. */
export interface FormatOptionsOf {
  readonly 'migration-manager': NoOptions;
  readonly lxd: NoOptions;
  readonly 'ibm-resource-lifecycle': IbmResourceLifecycleOptions;
  readonly cloudevents: CloudEventsOptions;
}

/** The part of a log target's settings that says how its events are written down. Options fit their format. */
export interface FormatSettings {
  readonly event_format: EventFormat;
  readonly format_options: FormatOptionsOf[EventFormat];
}
