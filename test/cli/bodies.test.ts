/** Bodies are read whatever protocol they speak, and never make the reader throw anything but what it says. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBody } from '../../src/cli/events/bodies.js';
import { eventLine } from '../../src/cli/events/event-line.js';
import { parseJsonTexts } from '../../src/cli/events/json-texts.js';
import { recogniseEvent } from '../../src/cli/events/recognise.js';

const facts = { path: '/', contentType: 'application/json' };

describe('JSON texts behind each other', () => {
  it('are found again, with or without anything between objects', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(fc.array(object), fc.constantFrom('', ' ', '\n', '\r\n\r\n'), (values, separator) => {
        const text = values.map((value) => JSON.stringify(value)).join(separator);
        expect(parseJsonTexts(text)).toEqual(values.map((value) => JSON.parse(JSON.stringify(value))));
      }),
    );
  });

  it('are found again one a line, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (values) => {
        const texts = values.map((value) => JSON.stringify(value));
        expect(parseJsonTexts(texts.join('\n'))).toEqual(texts.map((text) => JSON.parse(text)));
      }),
    );
  });

  it('that cannot be read are counted, not quoted', () => {
    expect(() => parseJsonTexts('{}{"password":hunter2}')).toThrow('JSON text 2 of the body cannot be read');
    expect(() => parseJsonTexts('{"a":"')).toThrow('JSON text 1');
  });
});

describe('a body', () => {
  it('of any JSON becomes lines without line ends and control characters, or a SyntaxError', () => {
    const keys = [
      'streams',
      'values',
      'stream',
      'resourceLogs',
      'scopeLogs',
      'logRecords',
      'body',
      'event',
      'create',
      'metadata',
      'type',
      'time',
      'timestamp',
      'specversion',
      'event_type',
      'event_properties',
      'attributes',
      'message',
    ];
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: 'binary' }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        tie('list'),
        tie('object'),
      ),
      list: fc.array(tie('json'), { maxLength: 3 }),
      object: fc.dictionary(fc.constantFrom(...keys), tie('json'), { maxKeys: 5 }),
    }));
    fc.assert(
      fc.property(
        fc.array(json, { maxLength: 3 }),
        fc.constantFrom('/', '/a/_bulk', '/services/collector/event'),
        (values, path) => {
          const text = values.map((value) => JSON.stringify(value)).join('\n');
          try {
            for (const event of readBody(text, { ...facts, path }).events) {
              expect(eventLine(event, (_style, shown) => shown)).not.toMatch(/[\p{Cc}\u2028\u202e]/u);
            }
          } catch (error) {
            expect(error).toBeInstanceOf(SyntaxError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('of bulk actions gives the documents and what to answer', () => {
    const text =
      '{"index":{"_index":"a"}}\n{"message":"m"}\n{"delete":{"_id":"3"}}\n{"create":{}}\n{"message":"n"}\n';
    const { protocol, events, actions } = readBody(text, facts);
    expect({
      protocol,
      texts: events.map((event) => event.text),
      kinds: actions.map(({ kind }) => kind),
    }).toEqual({
      protocol: 'elasticsearch',
      texts: ['m', 'n'],
      kinds: ['index', 'delete', 'create'],
    });
    expect(() => readBody('{"create":{}}', { ...facts, path: '/_bulk' })).toThrow('no document');
    expect(() => readBody('{"message":"m"}', { ...facts, path: '/_bulk' })).toThrow('no bulk action');
  });
});

describe('a plain event', () => {
  it.each([
    [
      { timestamp: '2026-01-01T00:00:00Z', level: 'warning', message: 'm', a: 1 },
      { level: 'WARN', text: 'm', details: { a: 1 } },
    ],
    [
      { '@timestamp': '2026-01-01T00:00:00Z', log: { level: 'error' }, message: 'm' },
      { level: 'ERROR', text: 'm' },
    ],
    [
      { dt: '2026-01-01T00:00:00Z', level: 'info', msg: 'm' },
      { level: 'INFO', text: 'm' },
    ],
    [
      {
        type: 'lifecycle',
        timestamp: 1767225600,
        action: 'created',
        entities: ['/a'],
        requestor: 'tls/x (1)',
      },
      { type: 'lifecycle', text: 'created /a', by: 'tls/x (1)' },
    ],
    [
      {
        type: 'lifecycle',
        time: '2026-01-01T00:00:00Z',
        metadata: { action: 'a', entities: [], requestor: '', metadata: { n: 1 } },
      },
      { format: 'migration-manager', text: 'a', details: { metadata: { n: 1 } } },
    ],
    [
      {
        type: 'operation',
        timestamp: '2026-01-01T00:00:00Z',
        project: 'p',
        metadata: { id: '1', description: 'Copying', status: 'Running' },
      },
      { format: 'lxd', type: 'operation', text: 'Copying: Running', details: { id: '1', project: 'p' } },
    ],
  ])('%j is shown by the usual names', (event, shown) => {
    expect(recogniseEvent(event)).toMatchObject({ time: '2026-01-01T00:00:00.000Z', ...shown });
  });

  it.each([3, null, 'text', [], { a: 1 }])('%j is shown as it is', (event) => {
    const { text } = recogniseEvent(event);
    expect(text).toBe(typeof event === 'string' ? event : JSON.stringify(event));
  });
});
