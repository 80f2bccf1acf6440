/** Events of all types, at random, and an encoder of each format. */

import fc from 'fast-check';
import type { Encode, WriteEvent } from '../../src/formats/format.js';
import { builtIn, type FormatSettings } from '../../src/formats/formats.js';
import { type JsonText, JsonWriter } from '../../src/formats/json-writer.js';
import type { EventFormat } from '../../src/formats/table.js';
import { type Event, outcomes } from '../../src/model/event.js';
import type { JsonValue } from '../../src/model/json.js';
import { levels } from '../../src/model/level.js';
import { type OperationStatusCode, operationClasses, operationStatuses } from '../../src/model/operation.js';

const text = fc.string({ unit: 'binary' });
const context = fc.dictionary(text, text);
const time = fc.constant('2026-01-02T03:04:05.678Z');
const statusCode = fc.constantFrom(...(Object.keys(operationStatuses).map(Number) as OperationStatusCode[]));

const loggingEvent: fc.Arbitrary<Event> = fc.record(
  {
    type: fc.constant('logging' as const),
    time,
    location: text,
    message: text,
    level: fc.constantFrom(...levels),
    entries: context.map((each) => Object.entries(each).flat()),
  },
  { requiredKeys: ['type', 'time', 'message', 'level', 'entries'] },
);

const lifecycleEvent: fc.Arbitrary<Event> = fc.record(
  {
    type: fc.constant('lifecycle' as const),
    time,
    location: text,
    action: fc.oneof(
      text,
      fc.constantFrom('instance.create', 'key.delete_failure', 'a.b.c_inprogress', '.', '_'),
    ),
    entities: fc.array(text),
    requestor: fc.record({ protocol: text, username: text, address: text }),
    metadata: fc.jsonValue() as fc.Arbitrary<JsonValue>,
    context,
    name: text,
    project: text,
    outcome: fc.constantFrom(...outcomes),
    message: text,
  },
  { requiredKeys: ['type', 'time', 'action', 'entities'] },
);

const operationEvent: fc.Arbitrary<Event> = fc.record(
  {
    type: fc.constant('operation' as const),
    time,
    location: text,
    project: text,
    operation: fc.record({
      id: fc.uuid(),
      class: fc.constantFrom(...operationClasses),
      description: text,
      created_at: time,
      updated_at: time,
      status: fc.constantFrom(...Object.values(operationStatuses)),
      status_code: statusCode,
      resources: fc.dictionary(text, fc.array(text)),
      metadata: fc.dictionary(text, fc.jsonValue() as fc.Arbitrary<JsonValue>),
      may_cancel: fc.boolean(),
      err: text,
      location: text,
    }),
  },
  { requiredKeys: ['type', 'time', 'operation'] },
);

/** Events at random, by type. */
export const arbitraryEvents: Readonly<Record<Event['type'], fc.Arbitrary<Event>>> = {
  logging: loggingEvent,
  lifecycle: lifecycleEvent,
  operation: operationEvent,
};

/** Options with which each format works. */
export const exampleOptions = {
  'migration-manager': {},
  lxd: {},
  'ibm-resource-lifecycle': { account_id: 'abcdef25', region_id: 'us-south', service: 'apprapp' },
  cloudevents: {
    source: '/svc',
    type_prefix: 'com.example',
    extensions: { partitionkey: 'a', sampled: true },
  },
  json: { fields: { service: 'svc' }, timestamp: 'dt' },
  loki: { labels: { app: 'svc' }, structured_metadata: true, tenant: 'me' },
  otlp: { resource: { 'service.name': 'svc' }, scope: { name: 'svc', version: '1' } },
  'splunk-hec': { index: 'main', source: 'svc', sourcetype: '_json', host: 'h' },
  elasticsearch: { index: 'logs-svc-default', ecs: true },
} satisfies Record<EventFormat, FormatSettings['format_options']>;

/** What a format writes with, with example options. */
export function writeEventOf(format: EventFormat): WriteEvent {
  return builtIn.createWriter({ event_format: format, format_options: exampleOptions[format] });
}

/** The same, as a function from an event to its text. */
export function encoderOf(format: EventFormat): Encode {
  return encodingWith(writeEventOf(format));
}

/** What is written, as a function from an event to its text. */
export function encodingWith(write: WriteEvent): Encode {
  return (event) => {
    const json = new JsonWriter();
    json.begin();
    write(event, json);
    return textOf(json.end());
  };
}

export function textOf({ block, start, bytes }: JsonText): string {
  return block.toString('utf8', start, start + bytes);
}
