/** What of an event is the line that people read in Loki, and what is the structured metadata beside it. */

import type { ShownEvent } from './shown-event.js';

/** @see https://grafana.com/docs/loki/latest/configure/#limits_config max_structured_metadata_entries_count */
const MAX_ENTRIES = 128;
/** max_structured_metadata_size is 64 KB, of names and values. */
const MAX_BYTES = 64_000;

/** The line and its metadata. What metadata has no room for stands in the line, as JSON. */
export function lineAndMetadata(
  event: ShownEvent,
  hasMetadata: boolean,
): { readonly line: string; readonly metadata: Record<string, string> | undefined } {
  const metadata: Record<string, string> = {};
  const rest: Record<string, string> = Object.create(null);
  let bytes = 0;
  let count = 0;
  for (const [key, value] of entriesOf(event)) {
    const name = freeName(key, metadata);
    const size = Buffer.byteLength(name) + Buffer.byteLength(value);
    if (!hasMetadata || count === MAX_ENTRIES || bytes + size > MAX_BYTES) {
      rest[key] = value;
      continue;
    }
    metadata[name] = value;
    bytes += size;
    count++;
  }
  const more = Object.keys(rest).length > 0 ? ` ${JSON.stringify(rest)}` : '';
  return { line: `${lineOf(event)}${more}`, metadata: hasMetadata ? metadata : undefined };
}

/** The message, or the action with its entities. */
function lineOf(event: ShownEvent): string {
  switch (event.type) {
    case 'logging':
      return event.message;
    case 'lifecycle':
      return [event.action, ...event.entities].join(' ');
    case 'operation': {
      const { description, status, err } = event.operation;
      return `${description}: ${status}${err === '' ? '' : ` (${err})`}`;
    }
  }
}

/** Keys and texts: what is no text is told as JSON. */
function entriesOf(event: ShownEvent): [string, string][] {
  switch (event.type) {
    case 'logging':
      return Object.entries(event.context);
    case 'lifecycle': {
      const { action, requestor, name, project, outcome, message, metadata, context } = event;
      return texts({
        action,
        requestor_protocol: requestor?.protocol,
        requestor_username: requestor?.username,
        requestor_address: requestor?.address,
        name,
        project,
        outcome,
        message,
        metadata,
        ...context,
      });
    }
    case 'operation': {
      const { location: _, ...operation } = event.operation;
      return texts({ ...operation, project: event.project });
    }
  }
}

function texts(values: Readonly<Record<string, unknown>>): [string, string][] {
  return Object.entries(values).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return [[key, typeof value === 'string' ? value : JSON.stringify(value)]];
  });
}

/** Loki answers to one name that it cannot use with a 500, to the whole request. */
function freeName(key: string, taken: object): string {
  let name = key.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d|$)/, '_');
  while (Object.hasOwn(taken, name) || name === '__proto__') name += '_';
  return name;
}
