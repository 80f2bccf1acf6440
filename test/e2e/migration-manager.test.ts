/** The cases that Migration Manager tests its own webhook with, against ours. */

import { expect, it } from 'vitest';
import type { LogTarget } from '../../src/index.js';
import { parseEvents, startReceiver } from '../helpers/receiver.js';
import { createTestTransport } from '../helpers/transport.js';

const entities = ['/1.0/queue/u1', '/1.0/instances/u1', '/1.0/batches/batch1', '/1.0/sources/src1'];
const lifecycle = {
  type: 'lifecycle',
  metadata: { action: 'migration-created', entities, metadata: { instance: { uuid: 'u1' } } },
};
const logging = {
  type: 'logging',
  metadata: { message: 'TEST', level: 'ERROR', context: { key: 'val', key2: 'val2' } },
};

it.each<[string, Partial<LogTarget>, 'error' | 'info', object[]]>([
  ['can receive lifecycle and logging', { scopes: ['lifecycle', 'logging'] }, 'error', [lifecycle, logging]],
  ['logging omitted', { scopes: ['lifecycle'] }, 'error', [lifecycle]],
  ['lifecycle omitted', { scopes: ['logging'] }, 'error', [logging]],
  ['all omitted', { enabled: false }, 'error', []],
  ['discard log level', { scopes: ['logging'] }, 'info', []],
])('%s', async (_name, settings, level, expected) => {
  const receiver = await startReceiver();
  const { transport, logger } = createTestTransport([
    {
      name: 'webhook',
      type: 'webhook',
      level: 'warn',
      address: receiver.address,
      retry_count: 3,
      retry_timeout: '10s',
      body_format: 'single',
      ...settings,
    },
  ]);
  await logger.lifecycle('migration-created', { entities, metadata: { instance: { uuid: 'u1' } } });
  logger[level]('TEST', { key: 'val', key2: 'val2' });
  await transport.flush();
  expect(receiver.requests).toHaveLength(expected.length);
  expect(receiver.requests.every(({ method, url }) => method === 'POST' && url === '/1.0/log')).toBe(true);
  const events = receiver.requests.map((request) => {
    const body = JSON.parse(request.body);
    expect(Object.keys(body)).toEqual(['time', 'type', 'metadata']);
    expect(new Date(body.time).toISOString()).toBe(body.time);
    return parseEvents(request)[0];
  });
  expect(events.map((event) => ({ type: event?.type, metadata: event?.metadata }))).toEqual(expected);
});
