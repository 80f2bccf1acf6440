/**
 * Events in the fields of the Elastic Common Schema.
 * @see https://www.elastic.co/docs/reference/ecs
 */

import type { Outcome } from '../model/event.js';
import type { ShownEvent } from './shown-event.js';

const VERSION = '8.17.0';

const outcomes: Readonly<Record<Outcome, string>> = {
  success: 'success',
  failure: 'failure',
  inprogress: 'unknown',
};

/** A document. What the schema has no field for stands in `labels`, as text, or under the event's own type. */
export function ecsOf(event: ShownEvent): object {
  return {
    '@timestamp': event.time,
    ecs: { version: VERSION },
    ...(event.location && { service: { node: { name: event.location } } }),
    ...fieldsOf(event),
  };
}

function fieldsOf(event: ShownEvent): object {
  const { id } = event;
  switch (event.type) {
    case 'logging': {
      const { message, level, context } = event;
      return { message, log: { level }, event: { id, kind: 'event' }, ...fromContext(context) };
    }
    case 'lifecycle': {
      const { action, entities, requestor, metadata, context, name, project, outcome, message } = event;
      return {
        message: message ?? [action, ...entities].join(' '),
        event: { id, kind: 'event', action, outcome: outcome && outcomes[outcome] },
        ...(requestor && { user: { name: requestor.username }, source: { address: requestor.address } }),
        ...fromContext(context ?? {}),
        lifecycle: {
          entities,
          protocol: requestor?.protocol,
          name,
          project,
          // Any two of them may differ in what their keys hold, which one index cannot: it would refuse the second.
          metadata: metadata === undefined ? undefined : JSON.stringify(metadata),
        },
      };
    }
    case 'operation': {
      const { project, operation } = event;
      const { metadata, resources, location: _, ...rest } = operation;
      return {
        message: `${operation.description}: ${operation.status}`,
        event: { id, kind: 'event', action: 'operation' },
        operation: {
          ...rest,
          project,
          resources: JSON.stringify(resources),
          metadata: JSON.stringify(metadata),
        },
      };
    }
  }
}

/** `labels` has no dots in its names: they would be objects. */
function fromContext(context: Readonly<Record<string, string>>): object {
  const labels: Record<string, string> = Object.create(null);
  const { trace_id: trace, span_id: span, stack, ...rest } = context;
  for (const [key, value] of Object.entries(rest)) {
    let name = key.replaceAll('.', '_') || '_';
    while (name in labels) name += '_';
    labels[name] = value;
  }
  return {
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(trace !== undefined && { trace: { id: trace } }),
    ...(span !== undefined && { span: { id: span } }),
    ...(stack !== undefined && { error: { stack_trace: stack } }),
  };
}
