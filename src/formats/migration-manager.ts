/**
 * Migration Manager's events: `{"time","type","metadata"}`.
 *
 * A logging event has exactly the fields that Migration Manager sends. A lifecycle event has its four, and after
 * them those of ours that were given (`context`, `name`, `project`, `outcome`, `message`): its receivers skip
 * fields that they do not know, and an auditor finds nothing missing. An operation event, which Migration Manager
 * has none of, carries LXD's fields.
 */

import type { Event, LifecycleEvent, LoggingEvent } from '../model/event.js';
import { formatRequestor } from '../model/requestor.js';

/** Encodes one event. */
export function encodeMigrationManager(event: Event): string {
  return `{"time":"${event.time}","type":"${event.type}","metadata":${
    event.type === 'logging'
      ? loggingMetadata(event)
      : event.type === 'lifecycle'
        ? lifecycleMetadata(event)
        : JSON.stringify(event.operation)
  }}`;
}

/** The frame is written by hand, only what needs escaping goes through JSON: half the time of one big `stringify`. */
function loggingMetadata({ message, level, context }: LoggingEvent): string {
  return `{"message":${JSON.stringify(message)},"level":"${level}","context":${JSON.stringify(context)}}`;
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
