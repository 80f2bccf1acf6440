/** What is in the body of a request: which protocol it speaks, and its events. */

import { parseJsonTexts } from './json-texts.js';
import { recogniseEvent } from './recognise.js';
import {
  firstText,
  hasOnly,
  isoTime,
  isoTimeOfNanoseconds,
  levelText,
  type Members,
  membersOf,
  requestorText,
  type ShownEvent,
  withoutEmpty,
} from './shown-event.js';

/** Protocols that want answers of their own; `events` is satisfied with any 2xx. */
export type Protocol = 'events' | 'loki' | 'otlp' | 'splunk-hec' | 'elasticsearch';

/** A body that was understood. */
export interface Content {
  readonly protocol: Protocol;
  readonly events: readonly ShownEvent[];
  /** Of a bulk body: the kind of each action and its parameters. */
  readonly actions: readonly { readonly kind: string; readonly parameters: Members }[];
}

/** What a request says about its body. */
export interface BodyFacts {
  readonly path: string;
  readonly contentType: string;
}

/**
 * Reads a body, by its path where that tells the protocol, else by its shape.
 * @throws SyntaxError that says what cannot be read, and quotes nothing
 */
export function readBody(text: string, { path, contentType }: BodyFacts): Content {
  if (/protobuf/i.test(contentType)) throw new SyntaxError('Protobuf is not read here, only JSON');
  const values = parseJsonTexts(text);
  const [first] = values;
  if (/\/_bulk$/.test(path) || (values.length > 1 && isAction(first))) return bulk(values);
  if (/\/services\/collector(\/event)?(\/1\.0)?$/.test(path) || values.some(isForCollector))
    return collector(values);
  if (values.length === 1 && Array.isArray(membersOf(first).streams)) return loki(membersOf(first));
  if (values.length === 1 && Array.isArray(membersOf(first).resourceLogs)) return otlp(membersOf(first));
  const events = values.flatMap((value) => (Array.isArray(value) ? value : [value]));
  return content('events', events.map(recogniseEvent));
}

function content(
  protocol: Protocol,
  events: readonly ShownEvent[],
  actions: Content['actions'] = [],
): Content {
  return { protocol, events, actions };
}

const actionKinds = ['create', 'index', 'update', 'delete'];

function isAction(value: unknown): boolean {
  const [kind, ...others] = Object.keys(membersOf(value));
  return kind !== undefined && others.length === 0 && actionKinds.includes(kind);
}

/** @see https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk */
function bulk(values: readonly unknown[]): Content {
  const events: ShownEvent[] = [];
  const actions: { kind: string; parameters: Members }[] = [];
  for (let at = 0; at < values.length; at++) {
    const [[kind = '', parameters] = []] = Object.entries(membersOf(values[at]));
    if (!isAction(values[at])) throw new SyntaxError(`JSON text ${at + 1} of the body is no bulk action`);
    actions.push({ kind, parameters: membersOf(parameters) });
    if (kind === 'delete') continue;
    at++;
    if (at >= values.length) throw new SyntaxError('The last bulk action has no document');
    events.push({ ...recogniseEvent(values[at]), format: 'elasticsearch' });
  }
  return content('elasticsearch', events, actions);
}

const collectorKeys = ['event', 'time', 'host', 'source', 'sourcetype', 'index', 'fields'];

function isForCollector(value: unknown): boolean {
  const members = membersOf(value);
  return 'event' in members && hasOnly(members, collectorKeys);
}

/** @see https://help.splunk.com/en/splunk-enterprise/get-data-in/collect-http-event-data/format-events-for-http-event-collector */
function collector(values: readonly unknown[]): Content {
  const events = values.map((value, index) => {
    const { event, time, fields, host } = membersOf(value);
    if (event === undefined) throw new SyntaxError(`JSON text ${index + 1} of the body has no \`event\``);
    const shown = recogniseEvent(event);
    return {
      ...shown,
      format: 'splunk-hec',
      type: shown.type === 'event' && shown.format === 'text' ? 'logging' : shown.type,
      time: isoTime(typeof time === 'string' ? Number(time) : time) ?? shown.time,
      details: withoutEmpty({ ...shown.details, ...membersOf(fields), host }),
      event: value,
    };
  });
  return content('splunk-hec', events);
}

/** @see https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs */
function loki(body: Members): Content {
  const streams = body.streams as unknown[];
  const events = streams.flatMap((each) => {
    const { stream, values } = membersOf(each);
    const labels = membersOf(stream);
    return (Array.isArray(values) ? values : []).map((value: unknown): ShownEvent => {
      const [time, line, metadata] = Array.isArray(value) ? value : [];
      const all: Members = { ...labels, ...membersOf(metadata) };
      const { type, level, requestor_protocol, requestor_username, requestor_address, ...others } = all;
      const kind = firstText(type) ?? 'logging';
      const requestor = {
        protocol: requestor_protocol,
        username: requestor_username,
        address: requestor_address,
      };
      return {
        format: 'loki',
        type: kind,
        level: kind === 'logging' ? levelText(level) : undefined,
        time: isoTimeOfNanoseconds(time),
        text: String(line ?? ''),
        by: requestorText(requestor),
        details: withoutEmpty({ ...others, action: kind === 'lifecycle' ? undefined : others.action }),
        event: { stream, value },
      };
    });
  });
  return content('loki', events);
}

/** @see https://opentelemetry.io/docs/specs/otlp/#otlphttp-request */
function otlp(body: Members): Content {
  const list = (value: unknown, key: string) => {
    const inner = membersOf(value)[key];
    return Array.isArray(inner) ? inner : [];
  };
  const events = list(body, 'resourceLogs').flatMap((resourceLogs) =>
    list(resourceLogs, 'scopeLogs').flatMap((scopeLogs) =>
      list(scopeLogs, 'logRecords').map((record) =>
        logRecord(membersOf(record), attributes(membersOf(membersOf(resourceLogs).resource).attributes)),
      ),
    ),
  );
  return content('otlp', events);
}

function logRecord(record: Members, resource: Members): ShownEvent {
  const { eventName, severityText, severityNumber, body, timeUnixNano, observedTimeUnixNano } = record;
  const { 'log.record.uid': _, type, requestor, entities, ...others } = attributes(record.attributes);
  const name = firstText(eventName);
  const text = bodyText(body);
  const kind = firstText(type) ?? (name === undefined ? 'logging' : 'lifecycle');
  const isNamed = name === undefined || name === kind || text.startsWith(name);
  return {
    format: 'otlp',
    type: kind,
    level:
      kind === 'logging' ? levelText(firstText(severityText) ?? severityLevel(severityNumber)) : undefined,
    time: isoTimeOfNanoseconds(timeUnixNano ?? observedTimeUnixNano),
    text: isNamed ? text : [name, text].filter((each) => each).join(' '),
    by: requestorText(requestor),
    details: withoutEmpty({
      ...others,
      entities: isNamed && kind === 'lifecycle' ? undefined : entities,
      traceId: record.traceId,
      'service.name': resource['service.name'],
    }),
    event: record,
  };
}

function bodyText(body: unknown): string {
  const value = attributeValue(body);
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}

/** Four numbers for each level, from TRACE at 1 to FATAL at 21. */
function severityLevel(value: unknown): string | undefined {
  if (typeof value !== 'number' || value < 1) return undefined;
  return ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'][Math.floor((value - 1) / 4)];
}

/** OTLP writes each value with its type: `{ "key": "a", "value": { "stringValue": "b" } }`. */
function attributes(list: unknown): Members {
  return Object.fromEntries(
    (Array.isArray(list) ? list : []).map((each) => {
      const { key, value } = membersOf(each);
      return [String(key), attributeValue(value)];
    }),
  );
}

function attributeValue(typed: unknown): unknown {
  const [[kind, value] = []] = Object.entries(membersOf(typed));
  if (kind === 'arrayValue') {
    const { values } = membersOf(value);
    return (Array.isArray(values) ? values : []).map(attributeValue);
  }
  return kind === 'kvlistValue' ? attributes(membersOf(value).values) : value;
}
