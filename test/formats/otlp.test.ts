/** OpenTelemetry's log records, read with the official definitions of the protocol. */

import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtIn } from '../../src/formats/formats.js';
import type { Event, LifecycleEvent } from '../../src/model/event.js';
import { createBatch } from '../../src/queue/batch.js';
import { problemsOf } from '../../src/settings/validate.js';
import { arbitraryEvents, encoderOf, exampleOptions } from './events.js';

/** What protobufjs makes of opentelemetry-proto: part of the package, though not of its interface. */
const require = createRequire(import.meta.url);
const entry = require.resolve('@opentelemetry/otlp-transformer');
const definitions = require(entry.replace(/index\.js$/, 'generated/root.js'));
const Request = definitions.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;

interface Decoded {
  resourceLogs: {
    resource: { attributes: object[] };
    scopeLogs: { scope: object; logRecords: Record<string, unknown>[] }[];
  }[];
}

/**
 * Through the binary form and back: only what the definitions know comes through. In JSON, ids of traces are hex
 * where protobuf's own JSON has base64.
 */
function decode(body: string): Decoded {
  const json = JSON.parse(body, (key, value) =>
    key === 'traceId' || key === 'spanId' ? Buffer.from(value, 'hex').toString('base64') : value,
  );
  const message = Request.fromObject(json);
  expect(Request.verify(message)).toBeNull();
  const bytes = Request.encode(message).finish();
  const decoded = Request.toObject(Request.decode(bytes), { longs: String, bytes: String }) as Decoded;
  // Nothing was left out that is no default.
  expect(decoded).toEqual(Request.toObject(Request.fromObject(json), { longs: String, bytes: String }));
  return decoded;
}

const settings = { event_format: 'otlp', format_options: exampleOptions.otlp };

function bodyOf(events: readonly Event[]): string {
  const encode = encoderOf('otlp');
  const encoded = events.map((event, seq) => {
    const block = Buffer.from(`${encode(event)} `);
    return {
      seq,
      type: event.type,
      format: 'otlp',
      acceptedAtMs: 0,
      block,
      start: 0,
      bytes: block.length - 1,
    };
  });
  return createBatch(encoded, 'array', 'msg_1', builtIn.createEnvelope(settings, 'array')).body.toString();
}

const time = '2026-01-02T03:04:05.678Z';
const started: LifecycleEvent = {
  type: 'lifecycle',
  time,
  location: 'n1',
  action: 'batch-started',
  entities: ['/1.0/batches/b1'],
  requestor: { protocol: 'tls', username: 'me', address: '::1' },
  metadata: { size: 3, ratio: 0.5, done: false, none: null, list: ['a'] },
};

describe('a body', () => {
  it('is what the definitions know, whatever the events', () => {
    const events = fc.array(fc.oneof(...Object.values(arbitraryEvents)), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(events, (list) => {
        // A lone surrogate is no text in protobuf.
        const wellFormed = JSON.parse(JSON.stringify(list).toWellFormed()) as Event[];
        const [resourceLogs] = decode(bodyOf(wellFormed)).resourceLogs;
        expect(resourceLogs?.scopeLogs[0]?.logRecords).toHaveLength(list.length);
      }),
      { numRuns: 50 },
    );
  });

  it('tells of the resource and of what logs in it, once', () => {
    const decoded = decode(bodyOf([started, started]));
    expect(decoded.resourceLogs).toHaveLength(1);
    expect(decoded.resourceLogs[0]?.resource.attributes).toEqual([
      { key: 'service.name', value: { stringValue: 'svc' } },
    ]);
    expect(decoded.resourceLogs[0]?.scopeLogs).toMatchObject([{ scope: { name: 'svc', version: '1' } }]);
  });
});

describe('a log record', () => {
  const recordOf = (event: Event) =>
    decode(bodyOf([event])).resourceLogs[0]?.scopeLogs[0]?.logRecords[0] ?? {};
  const logging = (entries: string[] = [], level: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' = 'INFO'): Event => ({
    type: 'logging',
    time,
    message: 'm',
    level,
    entries,
  });

  it.each([
    ['DEBUG', 5],
    ['INFO', 9],
    ['WARN', 13],
    ['ERROR', 17],
  ] as const)('has the severity of its level: %s', (level, number) => {
    expect(recordOf(logging([], level))).toMatchObject({ severityNumber: number, severityText: level });
  });

  it('has its time, its message, and the keys of its context', () => {
    expect(recordOf(logging(['addr', '[::]:6443']))).toEqual({
      timeUnixNano: `${Date.parse(time)}000000`,
      observedTimeUnixNano: `${Date.parse(time)}000000`,
      severityNumber: 9,
      severityText: 'INFO',
      body: { stringValue: 'm' },
      attributes: [
        { key: 'log.record.uid', value: { stringValue: expect.stringMatching(/^[\da-f-]{36}$/) } },
        { key: 'type', value: { stringValue: 'logging' } },
        { key: 'addr', value: { stringValue: '[::]:6443' } },
      ],
    });
  });

  it('stands in the trace that its context tells of', () => {
    const trace = '5b8efff798038103d269b633813fc60c';
    const record = recordOf(
      logging(['trace_id', trace, 'span_id', 'eee19b7ec3c1b174', 'trace_flags', '01', 'a', 'b']),
    );
    const hex = (text: unknown) => Buffer.from(text as string, 'base64').toString('hex');
    expect([hex(record.traceId), hex(record.spanId), record.flags]).toEqual([trace, 'eee19b7ec3c1b174', 1]);
    expect(JSON.stringify(record.attributes)).not.toContain('trace_');
    expect(JSON.stringify(record.attributes)).toContain('"key":"a"');
  });

  it.each([
    ['0'.repeat(32), 'eee19b7ec3c1b174'],
    ['not a trace', 'eee19b7ec3c1b174'],
  ])('keeps in its context what is no trace: %s', (trace, span) => {
    const record = recordOf(logging(['trace_id', trace, 'span_id', span]));
    expect(record.traceId).toBeUndefined();
    expect(record.spanId).toBeUndefined();
    expect(JSON.stringify(record.attributes)).toContain(trace);
    expect(JSON.stringify(record.attributes)).toContain(span);
  });

  it('of a lifecycle event is named by the action, and keeps the types of its metadata', () => {
    const record = recordOf(started);
    expect(record).toMatchObject({
      eventName: 'batch-started',
      body: { stringValue: 'batch-started /1.0/batches/b1' },
    });
    const attributes = Object.fromEntries(
      (record.attributes as { key: string; value: unknown }[]).map(({ key, value }) => [key, value]),
    );
    expect(attributes).toMatchObject({
      location: { stringValue: 'n1' },
      entities: { arrayValue: { values: [{ stringValue: '/1.0/batches/b1' }] } },
      metadata: {
        kvlistValue: {
          values: [
            { key: 'size', value: { intValue: '3' } },
            { key: 'ratio', value: { doubleValue: 0.5 } },
            { key: 'done', value: { boolValue: false } },
            { key: 'none' },
            { key: 'list', value: { arrayValue: { values: [{ stringValue: 'a' }] } } },
          ],
        },
      },
    });
  });
});

it.each([
  [{}, ['format_options.resource']],
  [{ resource: {} }, ['format_options.resource.service.name']],
  [{ resource: { 'service.name': '' } }, ['format_options.resource.service.name']],
  [
    { resource: { 'service.name': 'a', b: undefined, c: () => {} } },
    ['format_options.resource.b', 'format_options.resource.c'],
  ],
  [
    { resource: { 'service.name': 'a' }, scope: { version: '1' }, more: 1 },
    ['format_options.scope.name', 'format_options.more'],
  ],
  [{ resource: { 'service.name': 'a', 'host.cpus': 4, tags: ['x'] }, scope: { name: 'b' } }, []],
])('all that is wrong with its options is told: %j', (format_options, paths) => {
  const target = { name: 'a', address: 'https://a', event_format: 'otlp', format_options };
  const problems = problemsOf({ log_targets: [target] }).map(({ path }) =>
    path.replace('log_targets[0].', ''),
  );
  expect(problems.sort()).toEqual([...paths].sort());
});
