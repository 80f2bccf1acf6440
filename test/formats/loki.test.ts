/** Loki's streams: few labels, names and times that Loki can use, and nothing lost that has no place of its own. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtIn } from '../../src/formats/formats.js';
import type { Event } from '../../src/model/event.js';
import { problemsOf } from '../../src/settings/validate.js';
import { startReceiver } from '../helpers/receiver.js';
import { createTestTransport, quickTarget } from '../helpers/transport.js';
import { arbitraryEvents, encodingWith } from './events.js';

interface Stream {
  stream: Record<string, string>;
  values: [string, string, Record<string, string>?][];
}

const time = '2026-01-02T03:04:05.678Z';
const logging = (entries: string[], message = 'm'): Event => ({
  type: 'logging',
  time,
  message,
  level: 'INFO',
  entries,
});

function encode(event: Event, format_options = {}): Stream {
  return JSON.parse(encodingWith(builtIn.createWriter({ event_format: 'loki', format_options }))(event));
}

describe('labels', () => {
  it('are the same for events of one type, level and place, whatever else is in them', () => {
    const texts = fc.string({ unit: 'binary' });
    const events = fc.oneof(...Object.values(arbitraryEvents));
    fc.assert(
      fc.property(events, texts, (event, location) => {
        const { stream } = encode({ ...event, location }, { labels: { app: 'svc' } });
        expect(stream).toEqual({
          app: 'svc',
          type: event.type,
          ...(event.type === 'logging' && { level: event.level }),
          ...(location !== '' && { location }),
        });
      }),
    );
  });

  it.each<[object, string[]]>([
    [
      { labels: Object.fromEntries(Array.from({ length: 13 }, (_, index) => [`l${index}`, 'x'])) },
      ['labels'],
    ],
    [{ labels: { 'a-b': 'x' } }, ['labels.a-b']],
    [{ labels: { '1a': 'x' } }, ['labels.1a']],
    [{ labels: { __a: 'x' } }, ['labels.__a']],
    [
      { labels: { level: 'x', type: 'x', location: 'x' } },
      ['labels.level', 'labels.type', 'labels.location'],
    ],
    [{ labels: { a: '' } }, ['labels.a']],
    [
      { labels: { a: 5 }, tenant: 'a\nb', structured_metadata: 'no', more: 1 },
      ['labels.a', 'tenant', 'structured_metadata', 'more'],
    ],
    [{ labels: { a: 'x' }, tenant: 'me', structured_metadata: false }, []],
  ])('that Loki would not take are refused, with all else that is wrong: %j', (format_options, paths) => {
    const target = { name: 'a', address: 'https://a', event_format: 'loki', format_options };
    const problems = problemsOf({ log_targets: [target] });
    const found = problems.map(({ path }) => path.replace('log_targets[0].format_options.', ''));
    expect(found.sort()).toEqual([...paths].sort());
  });
});

describe('structured metadata', () => {
  it('has names that Loki can use, no two the same, and all keys of the context', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary', maxLength: 5 }), fc.string(), { maxKeys: 60 }),
        (context) => {
          const [[, line, metadata = {}] = []] = encode(logging(Object.entries(context).flat())).values;
          expect(line).toBe('m');
          expect(Object.keys(metadata)).toHaveLength(Object.keys(context).length);
          for (const name of Object.keys(metadata)) expect(name).toMatch(/^[A-Za-z_]\w*$/);
          expect(Object.values(metadata).sort()).toEqual(Object.values(context).sort());
        },
      ),
    );
  });

  it('has at most 128 entries and 64 kB: what is left stands in the line', () => {
    const keys = Array.from({ length: 200 }, (_, index) => [`k${index}`, String(index)]);
    const [[, line = '', metadata = {}] = []] = encode(
      logging([...keys.flat(), 'large', 'x'.repeat(70_000)]),
    ).values;
    expect(Object.keys(metadata)).toHaveLength(128);
    const rest = JSON.parse(line.slice('m '.length));
    expect({ ...metadata, ...rest }).toEqual({ ...Object.fromEntries(keys), large: 'x'.repeat(70_000) });
  });

  it('stands in the line where Loki takes none', () => {
    const [value] = encode(logging(['a', 'b', '__proto__', 'c']), { structured_metadata: false }).values;
    expect(value).toEqual([expect.any(String), 'm {"a":"b","__proto__":"c"}']);
    expect(encode(logging([]), { structured_metadata: false }).values[0]?.[1]).toBe('m');
  });

  it('of a lifecycle event tells who, how and with what; the line is the action with its entities', () => {
    const { values } = encode({
      type: 'lifecycle',
      time,
      action: 'batch-started',
      entities: ['/1.0/batches/b1', '/1.0/sources/s1'],
      requestor: { protocol: 'tls', username: 'me', address: '::1' },
      metadata: { a: [1] },
      outcome: 'failure',
      message: 'It went wrong',
    });
    expect(values[0]?.slice(1)).toEqual([
      'batch-started /1.0/batches/b1 /1.0/sources/s1',
      {
        action: 'batch-started',
        requestor_protocol: 'tls',
        requestor_username: 'me',
        requestor_address: '::1',
        metadata: '{"a":[1]}',
        outcome: 'failure',
        message: 'It went wrong',
      },
    ]);
  });
});

it('times are nanoseconds as text that grow within a millisecond, and are never given twice', () => {
  const events = Array.from({ length: 2000 }, () => logging([]));
  const write = encodingWith(builtIn.createWriter({ event_format: 'loki', format_options: {} }));
  const times = events.map((event) => (JSON.parse(write(event)) as Stream).values[0]?.[0] ?? '');
  for (const each of times) expect(each).toMatch(/^1767323045678\d{6}$/);
  expect(new Set(times).size).toBe(times.length);
  expect(times).toEqual([...times].sort());
  // Also when the service gives its records times of its own, which come back.
  const other = { ...logging([]), time: '2026-01-02T03:04:05.679Z' };
  const again = [other, logging([]), other, logging([])].map(
    (event) => (JSON.parse(write(event)) as Stream).values[0]?.[0],
  );
  expect(new Set([...times, ...again]).size).toBe(times.length + again.length);
});

it('goes to Loki as one push, with the tenant in its header', async () => {
  const receiver = await startReceiver(204);
  const { transport, logger } = createTestTransport(
    [
      quickTarget(receiver.address, {
        event_format: 'loki',
        format_options: { tenant: 'me' },
        compression: 'gzip',
      }),
    ],
    { location: 'n1' },
  );
  for (let index = 0; index < 3; index++) logger.warn('m', { request: `r${index}` });
  await transport.flush();
  const [{ headers, body } = { headers: {}, body: '' }] = receiver.requests;
  expect(headers).toMatchObject({
    'x-scope-orgid': 'me',
    'content-type': 'application/json',
    'content-encoding': 'gzip',
  });
  const { streams } = JSON.parse(body) as { streams: Stream[] };
  expect(streams.map(({ stream }) => stream)).toEqual(
    Array(3).fill({ type: 'logging', level: 'WARN', location: 'n1' }),
  );
  expect(streams.map(({ values }) => values[0]?.[2])).toEqual([
    { request: 'r0' },
    { request: 'r1' },
    { request: 'r2' },
  ]);
});
