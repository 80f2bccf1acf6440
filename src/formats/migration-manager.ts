/**
 * Migration Manager's events: `{"time","type","metadata"}`.
 *
 * A logging event has exactly the fields that Migration Manager sends. A lifecycle event has its four, and after
 * them those of ours that were given (`context`, `name`, `project`, `outcome`, `message`): its receivers skip
 * fields that they do not know, and an auditor finds nothing missing. An operation event, which Migration Manager
 * has none of, carries LXD's fields.
 */

import type { Event, LifecycleEvent, LoggingEvent, OperationEvent } from '../model/event.js';
import { type Level, levels } from '../model/level.js';
import { formatRequestor } from '../model/requestor.js';
import { bodyFormats, jsonEnvelopes } from './envelope.js';
import { allTypes, type BuiltInFormat } from './format.js';
import type { JsonWriter } from './json-writer.js';
import { noOptions } from './no-options.js';

/** What Migration Manager sends. */
export const migrationManager = {
  types: allTypes,
  bodyFormats,
  options: noOptions,
  bareBytes: 256,
  createWriter: () => writeMigrationManager,
  createEnvelope: (bodyFormat) => jsonEnvelopes[bodyFormat],
} satisfies BuiltInFormat;

/** Writes one event. */
export function writeMigrationManager(event: Event, json: JsonWriter): void {
  if (event.type === 'logging') writeLogging(event, json);
  else json.json(`{"time":"${event.time}","type":"${event.type}","metadata":${metadataOf(event)}}`);
}

function metadataOf(event: LifecycleEvent | OperationEvent): string {
  return event.type === 'lifecycle' ? lifecycleMetadata(event) : JSON.stringify(event.operation);
}

/** What stands between the message and the context, for each level. */
const afterMessage = Object.fromEntries(
  levels.map((level) => [level, Buffer.from(`,"level":"${level}","context":`)]),
) as unknown as Readonly<Record<Level, Buffer>>;
const end = Buffer.from('}}');

/** Piece by piece, as every log record comes through here: one `stringify` takes twice as long. */
function writeLogging({ time, message, level, entries }: LoggingEvent, json: JsonWriter): void {
  json.bytes(beforeMessage(time));
  json.string(message);
  json.bytes(afterMessage[level]);
  json.object(entries);
  json.bytes(end);
}

let cachedTime: string | undefined;
let cachedBytes = Buffer.alloc(0);

/** Remembers the last answer: in a burst thousands of records share a millisecond. */
function beforeMessage(time: string): Buffer {
  if (time !== cachedTime) {
    cachedBytes = Buffer.from(`{"time":"${time}","type":"logging","metadata":{"message":`);
    cachedTime = time;
  }
  return cachedBytes;
}

function lifecycleMetadata(event: LifecycleEvent): string {
  const { action, entities, requestor, metadata, context, name, project, outcome, message } = event;
  return JSON.stringify({
    action,
    entities,
    requestor: requestor && formatRequestor(requestor),
    metadata,
    context,
    name,
    project,
    outcome,
    message,
  });
}
