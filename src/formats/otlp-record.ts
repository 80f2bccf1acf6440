/** What of an event goes into which part of an OpenTelemetry log record. */

import type { JsonValue } from '../model/json.js';
import type { ShownEvent } from './shown-event.js';

/**
 * A value in protobuf's JSON.
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/common/v1/common.proto
 */
type AnyValue = Readonly<Record<string, unknown>>;

interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

/** Where in a trace something happened. */
interface Trace {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly flags?: number;
}

/** The semantic conventions' name for an id of a record. */
const ID = 'log.record.uid';

/** Keys of a context that tell of a trace, as OpenTelemetry's own instrumentation of Winston puts them there. */
const traceKeys = { traceId: 'trace_id', spanId: 'span_id', flags: 'trace_flags' } as const;

/** The trace that the context tells of, where that is one. */
export function traceOf(event: ShownEvent): Trace {
  const context: Readonly<Record<string, string>> = ('context' in event && event.context) || {};
  const traceId = hexIn(context[traceKeys.traceId], 32);
  if (traceId === undefined) return {};
  const spanId = hexIn(context[traceKeys.spanId], 16);
  const flags = /^[\da-f]{2}$/i.test(context[traceKeys.flags] ?? '') && context[traceKeys.flags];
  return { traceId, ...(spanId && { spanId }), ...(flags && { flags: Number.parseInt(flags, 16) }) };
}

/** Ids that are all zeros are none. */
function hexIn(text: string | undefined, length: number): string | undefined {
  const isId = text?.length === length && /^[\da-f]+$/i.test(text) && /[^0]/.test(text);
  return isId ? text.toLowerCase() : undefined;
}

/** Names the kind of thing that happened; log records have no kind. */
export function eventNameOf(event: ShownEvent): string | undefined {
  if (event.type === 'logging') return undefined;
  return event.type === 'lifecycle' ? event.action : event.type;
}

/** What people read. */
export function bodyOf(event: ShownEvent): string {
  switch (event.type) {
    case 'logging':
      return event.message;
    case 'lifecycle':
      return event.message ?? [event.action, ...event.entities].join(' ');
    case 'operation':
      return `${event.operation.description}: ${event.operation.status}`;
  }
}

/** All that has no place of its own. `trace`: what has one */
export function attributesOf(event: ShownEvent, trace: Trace): KeyValue[] {
  const { id, type, location } = event;
  const own = { [ID]: id, type, location };
  return attributeList([...Object.entries(own), ...entriesOf(event, trace)]);
}

function entriesOf(event: ShownEvent, trace: Trace): [string, unknown][] {
  switch (event.type) {
    case 'logging':
      return withoutTrace(event.context, trace);
    case 'lifecycle': {
      const { entities, requestor, metadata, context, name, project, outcome } = event;
      const rest = { entities, requestor, metadata, name, project, outcome };
      return [...Object.entries(rest), ...withoutTrace(context ?? {}, trace)];
    }
    case 'operation': {
      const { location: _, ...operation } = event.operation;
      return Object.entries({ operation, project: event.project });
    }
  }
}

function withoutTrace(context: Readonly<Record<string, string>>, trace: Trace): [string, string][] {
  const told = new Set(Object.keys(trace).map((key) => traceKeys[key as keyof typeof traceKeys] as string));
  return Object.entries(context).filter(([key]) => !told.has(key));
}

/** Keys must not be there twice: what is there first stays. */
export function attributeList(entries: readonly (readonly [string, unknown])[]): KeyValue[] {
  const values = new Map<string, AnyValue>();
  for (const [key, value] of entries) {
    if (value !== undefined && !values.has(key)) values.set(key, anyValue(value as JsonValue));
  }
  return [...values].map(([key, value]) => ({ key, value }));
}

function anyValue(value: JsonValue): AnyValue {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'number':
      // 64 bits are text in protobuf's JSON.
      return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
    default:
      if (value === null) return {};
      if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
      return { kvlistValue: { values: attributeList(Object.entries(value)) } };
  }
}

/** The id in a record that was written. */
export function idOfRecord(written: string): string | undefined {
  const { attributes } = JSON.parse(written) as {
    attributes: { key: string; value: { stringValue?: string } }[];
  };
  return attributes.find(({ key }) => key === ID)?.value.stringValue;
}
