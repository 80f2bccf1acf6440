/** What an event costs, in numbers of things that do not depend on how fast a machine is. */

import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import winston from 'winston';
import { startReceiver } from '../helpers/receiver.js';
import { createTestTransport, quickTarget, statusOf } from '../helpers/transport.js';

/** Counts calls until the test is over. */
function countCalls<Key extends string>(object: Record<Key, unknown>, key: Key) {
  const spy = vi.spyOn(object as never, key as never) as unknown as { mock: { calls: unknown[] } };
  onTestFinished(() => void vi.restoreAllMocks());
  return () => spy.mock.calls.length;
}

/** Winston's own JSON would be counted as well. */
const passThrough = winston.format((info) => info)();

async function createLogger(more: object = {}) {
  const receiver = await startReceiver();
  // As it is by default, but for the level.
  const { transport } = createTestTransport([
    { name: 'a', address: receiver.address, level: 'INFO', ...more },
  ]);
  const logger = winston.createLogger({ format: passThrough, transports: [transport] });
  const log = (count: number) => {
    for (let index = 0; index < count; index++) {
      logger.info('A request was served', { index, method: 'GET', path: '/1.0/instances', ms: 1.5 });
    }
  };
  return { receiver, transport, log };
}

it('10,000 events make two requests', async () => {
  const { receiver, transport, log } = await createLogger();
  log(10_000);
  await transport.flush();
  expect(statusOf(transport)).toMatchObject({ delivered: 10_000, attempts: 2 });
  expect(receiver.requests).toHaveLength(2);
});

it('a plain record is written without JSON.stringify, ticks or timers of its own, and without a buffer of its own', async () => {
  const { transport, log } = await createLogger();
  log(100);
  await transport.flush();
  const calls = {
    stringify: countCalls(JSON, 'stringify'),
    buffers: countCalls(Buffer, 'allocUnsafeSlow'),
    immediates: countCalls(globalThis, 'setImmediate'),
    timers: countCalls(globalThis, 'setTimeout'),
  };
  log(4000);
  await immediate();
  const counts = Object.fromEntries(Object.entries(calls).map(([name, count]) => [name, count()]));
  // 4,000 events are some 700 kB: eleven or twelve blocks of 64 KiB.
  expect(counts.buffers).toBeLessThan(14);
  expect(counts.stringify).toBe(0);
  // One for the records, one for the batch that is due, one here; a request has a few.
  expect(counts.immediates).toBeLessThan(10);
  expect(counts.timers).toBeLessThan(10);
  await transport.flush();
});

it('taking a record asks for no tick', async () => {
  const { transport } = await createLogger();
  const ticks = countCalls(process, 'nextTick');
  for (let index = 0; index < 1000; index++) transport.write({ level: 'info', message: 'm' });
  expect(ticks()).toBe(0);
  await transport.flush();
});

it.each([
  ['nothing was logged', 0],
  ['all is delivered', 1000],
])('no timer is made while %s', async (_name, count) => {
  const { transport, log } = await createLogger();
  log(count);
  await transport.flush();
  const counts = (['setImmediate', 'setInterval', 'setTimeout'] as const).map((name) =>
    countCalls(globalThis, name),
  );
  /** Nothing tells that no timer is made but time. As long as the answer is being cleared away there may be some. */
  const madeInAWhile = async () => {
    const before = counts.map((count) => count());
    await sleep(300);
    return counts.map((count, index) => count() - before[index]!);
  };
  await expect.poll(madeInAWhile, { interval: 0 }).toEqual([0, 0, 0]);
});

it('while a target is down its queue asks for no timer for each event', async () => {
  const receiver = await startReceiver(503);
  const target = quickTarget(receiver.address, { retry_timeout: '1h', retry_count: 1 });
  const { transport, logger } = createTestTransport([target]);
  logger.error('one');
  await expect.poll(() => statusOf(transport).state).toBe('down');
  const timers = countCalls(globalThis, 'setTimeout');
  for (let index = 0; index < 1000; index++) logger.error(String(index));
  await immediate();
  expect(timers()).toBeLessThan(3);
});
