/** Every target that `docs/coming-from.md` shows is valid, and sends what the page says that it does. */

import { trace } from '@opentelemetry/api';
import { expect, it } from 'vitest';
import winston from 'winston';
import type { LogTarget } from '../../src/index.js';
import { EventTransport } from '../../src/index.js';
import { validateTargets } from '../../src/settings/validate.js';
import { type Received, startReceiver } from '../helpers/receiver.js';
import { readPage, replaced, runSample } from '../helpers/samples.js';
import { createTestTransport } from '../helpers/transport.js';

const page = readPage('docs/coming-from.md');
const targets = page.fences
  .filter(({ language }) => language === 'json')
  .map(({ code }) => JSON.parse(code) as LogTarget);

/** The request that the target of this name makes of one record. */
async function requestOf(name: string, ...[message, meta]: [string, object]): Promise<Received> {
  const receiver = await startReceiver((_request, response) => void response.writeHead(200).end('{}'));
  const target = targets.find((each) => each.name === name)!;
  const { pathname } = new URL(target.address);
  const address = new URL(pathname, receiver.address).href;
  const { transport, logger } = createTestTransport([{ ...target, address, batch_wait: '5ms' }]);
  logger.http(message, meta);
  expect(await transport.shutdown()).toEqual({ delivered: true, pending: 0 });
  expect(receiver.requests).toHaveLength(1);
  return receiver.requests[0]!;
}

it('has a valid target for each that has settings of its own', () => {
  expect(targets.map(({ name }) => name)).toEqual(['http', 'loki', 'betterstack', 'collector']);
  expect(() => validateTargets(targets)).not.toThrow();
});

it('names no key of a target that is not there', () => {
  const [known] = validateTargets([{ name: 'a', address: 'http://127.0.0.1:9/' }]);
  const keys = new Set([...Object.keys(known!), 'log_targets']);
  // Keys of formats, of environments and of events have underscores, too.
  const others = new Set(['trace_id', 'span_id', 'structured_metadata']);
  const named = [...page.text.matchAll(/[`"]([a-z]+(?:_[a-z]+)+)["`]/g)].map(([, key = '']) => key);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((key) => !keys.has(key) && !others.has(key))).toEqual([]);
});

it("sends Winston's records one by one with their types, as Http does", async () => {
  const { body, headers } = await requestOf('http', 'GET /', { dur: 12, nested: { a: [1] } });
  expect(JSON.parse(body)).toEqual({
    timestamp: expect.any(String),
    level: 'http',
    message: 'GET /',
    dur: 12,
    nested: { a: [1] },
  });
  expect(headers.authorization).toMatch(/^Basic /);
  expect(headers['x-service']).toBe('shop');
});

it('sends Loki the message as the line, the keys as structured metadata, and levels in capitals', async () => {
  const { body, headers } = await requestOf('loki', 'GET /', { dur: 12 });
  expect(JSON.parse(body).streams).toEqual([
    {
      stream: { job: 'shop', type: 'logging', level: 'INFO' },
      values: [[expect.any(String), 'GET /', { dur: '12' }]],
    },
  ]);
  expect(headers['x-scope-orgid']).toBe('YOUR_TENANT');
});

it('sends Better Stack flat records with `dt`', async () => {
  const { body, headers } = await requestOf('betterstack', 'GET /', { dur: 12 });
  expect(JSON.parse(body)).toEqual([{ dt: expect.any(String), level: 'http', message: 'GET /', dur: 12 }]);
  expect(headers.authorization).toBe('Bearer YOUR_SOURCE_TOKEN');
});

it('sends a collector texts as attributes', async () => {
  const { body } = await requestOf('collector', 'GET /', { dur: 12 });
  const [record] = JSON.parse(body).resourceLogs[0].scopeLogs[0].logRecords;
  expect(record).toMatchObject({ severityNumber: 9, body: { stringValue: 'GET /' } });
  expect(record.attributes).toContainEqual({ key: 'dur', value: { stringValue: '12' } });
});

it('has a sample with ids of the active span that runs', async () => {
  const receiver = await startReceiver((_request, response) => void response.writeHead(200).end('{}'));
  const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
  const code = replaced(page.sample('getActiveSpan'), {
    'http://localhost:4318/v1/logs': receiver.address,
    // What an SDK would have made active.
    'trace.getActiveSpan()': `trace.wrapSpanContext({ ...${JSON.stringify(ids)}, traceFlags: 1 })`,
  });
  expect(await runSample(code)).toMatchObject({ exitCode: 0, errors: '' });
  const [record] = JSON.parse(receiver.requests[0]!.body).resourceLogs[0].scopeLogs[0].logRecords;
  expect(record).toMatchObject(ids);
  expect(trace.getActiveSpan()).toBeUndefined();
});

it('has a logger for all of them, and calls of it, that run', async () => {
  const receiver = await startReceiver();
  const imports = "import winston from 'winston';\nimport { EventTransport } from 'winston-log-targets';\n";
  const target = `const target = { name: 'a', address: '${receiver.address}', level: 'INFO' };\n`;
  const code = imports + target + page.sample('targets: [target]') + page.sample("'signed in', {");
  expect(await runSample(code)).toMatchObject({ exitCode: 0, errors: '' });
  expect(receiver.events().map(({ metadata }) => metadata)).toEqual([
    { message: 'signed in', level: 'INFO', context: { user: 'ada' } },
  ]);
});

it('an object that comes first becomes the message; `fatal` and `trace` have a place', async () => {
  const receiver = await startReceiver();
  const levels = { fatal: 0, error: 1, warn: 2, info: 3, debug: 4, trace: 5 };
  const events = new EventTransport({
    targets: [{ name: 'a', address: receiver.address, level: 'DEBUG' }],
  });
  const logger = winston.createLogger({ levels, transports: [events] });
  logger.log('fatal', 'one');
  logger.log('trace', 'two');
  logger.info({ user: 'ada' } as never);
  await events.shutdown();
  expect(receiver.events().map(({ metadata }) => [metadata.level, metadata.message])).toEqual([
    ['ERROR', 'one'],
    ['DEBUG', 'two'],
    ['INFO', '{"user":"ada"}'],
  ]);
});
