/** The events that flow from a logger to its log targets, whatever their format on the wire. */

import { type JsonValue, setOwn } from './json.js';
import type { Level } from './level.js';
import type { Operation } from './operation.js';
import type { Requestor } from './requestor.js';

/** Kinds of event, and so the scopes that a log target can ask for. Their order is on disk: append only. */
export const eventTypes = ['lifecycle', 'logging', 'operation'] as const;

/** Kind of an event. */
export type EventType = (typeof eventTypes)[number];

/** String to string: what receivers of a logging event can decode. */
export type Context = Readonly<Record<string, string>>;

/** How the action of a lifecycle event can end. */
export const outcomes = ['success', 'failure', 'inprogress'] as const;

/** How the action of a lifecycle event ended. */
export type Outcome = (typeof outcomes)[number];

interface EventBase {
  /** UUIDv7. Not there until `idOf` was asked for it: only some formats show it. */
  id?: string;
  /** RFC 3339, UTC. */
  readonly time: string;
  /** Name of the member that the event comes from. */
  readonly location?: string;
}

/** A log record. */
export interface LoggingEvent extends EventBase {
  /** Tells it from the other events. */
  readonly type: 'logging';
  /** What the logger's format left as `message`. */
  readonly message: string;
  /** How severe it is: Winston's level, as one of four. */
  readonly level: Level;
  /** Keys and texts of the context in turn: at every log call, a list takes a third of the time of an object. */
  readonly entries: readonly string[];
  /** What those texts were made of; there when some target's format shows it. */
  readonly typed?: TypedRecord;
}

/** What is lost of a log record where all is text and there are four levels. */
interface TypedRecord {
  /** Winston's own level. */
  readonly level: string;
  /** Keys of the context whose text is the JSON of a value, and was no text to begin with. */
  readonly json: readonly string[];
}

/** The context of a log record as an object. */
export function contextOf({ entries }: LoggingEvent): Context {
  const context: Record<string, string> = {};
  for (let index = 0; index < entries.length; index += 2) {
    setOwn(context, entries[index] as string, entries[index + 1] as string);
  }
  return context;
}

/** An audit record: who did what to which entities. */
export interface LifecycleEvent extends EventBase {
  /** Tells it from the other events. */
  readonly type: 'lifecycle';
  /** What was done. */
  readonly action: string;
  /** URL paths of what it was done to. */
  readonly entities: readonly string[];
  /** Who did it. */
  readonly requestor?: Requestor;
  /** What the service said besides, as JSON. */
  readonly metadata?: JsonValue;
  /** What the service said besides, as texts; what the option `context` returned is part of it. */
  readonly context?: Context;
  /** Name of the entity. */
  readonly name?: string;
  /** Project that it belongs to. */
  readonly project?: string;
  /** How it ended. */
  readonly outcome?: Outcome;
  /** For people. */
  readonly message?: string;
}

/** The state of a background operation after a change. */
export interface OperationEvent extends EventBase {
  /** Tells it from the other events. */
  readonly type: 'operation';
  /** Its state at that moment. */
  readonly operation: Operation;
  /** Project that it belongs to. */
  readonly project?: string;
}

/** Anything that a log target can receive. */
export type Event = LoggingEvent | LifecycleEvent | OperationEvent;
