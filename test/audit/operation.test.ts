/** `logger.operation()`: what each change sends, what is gathered, and that the last change never gets lost. */

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import winston from 'winston';
import { EventTransport, type Operation, type OperationOptions } from '../../src/index.js';
import { type Receiver, startReceiver } from '../helpers/receiver.js';
import { createTestTransport, quickTarget, statusOf } from '../helpers/transport.js';

const scopes = ['operation', 'lifecycle', 'logging'] as const;

async function start(options = {}) {
  const receiver = await startReceiver();
  const test = createTestTransport([quickTarget(receiver.address, { scopes })], options);
  return { receiver, ...test };
}

function operationsAt(receiver: Receiver): Operation[] {
  return receiver.events().map(({ metadata }) => metadata as unknown as Operation);
}

/** Resolves when whatever earlier changes still had to send has been sent: timers of one duration fire in their order. */
async function allIsSent({
  receiver,
  logger,
}: Pick<Awaited<ReturnType<typeof start>>, 'receiver' | 'logger'>) {
  const fence = logger.operation({ description: 'fence' });
  fence.update({ isLater: true });
  await receiver.until(() => operationsAt(receiver).some(({ metadata }) => metadata?.isLater === true));
}

const statuses = (receiver: Receiver) => operationsAt(receiver).map(({ status }) => status);

describe('an operation', () => {
  it('has LXD’s fields in its order, and tells of its beginning and its end', async () => {
    const { receiver, transport, logger } = await start();
    const operation = logger.operation({
      description: 'Creating instance',
      resources: { instances: ['/1.0/instances/c1'], images: '/1.0/images/i1' },
      metadata: { progress: 0, started: new Date(0) },
    });
    expect(operation.done({ progress: 100 })).toBe(true);
    await transport.flush();
    const [first, last] = operationsAt(receiver);
    expect(Object.keys(first ?? {})).toEqual(
      'id class description created_at updated_at status status_code resources metadata may_cancel err location'.split(
        ' ',
      ),
    );
    expect(first).toEqual({
      id: expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
      class: 'task',
      description: 'Creating instance',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      updated_at: first?.created_at,
      status: 'Running',
      status_code: 103,
      resources: { instances: ['/1.0/instances/c1'], images: ['/1.0/images/i1'] },
      metadata: { progress: 0, started: '1970-01-01T00:00:00.000Z' },
      may_cancel: false,
      err: '',
      location: 'none',
    });
    expect(last).toEqual({
      ...first,
      updated_at: expect.any(String),
      status: 'Success',
      status_code: 200,
      metadata: { progress: 100, started: '1970-01-01T00:00:00.000Z' },
    });
    expect(first?.id).toBe(operation.id);
    expect(receiver.events().map(({ type }) => type)).toEqual(['operation', 'operation']);
  });

  it('that fails says why', async () => {
    const { receiver, transport, logger } = await start();
    for (const error of [new Error('no space'), 'quota', { code: 5 }, undefined, new Error('')])
      logger.operation({ description: 'd' }).fail(error);
    await transport.flush();
    const failed = operationsAt(receiver).filter(({ status }) => status === 'Failure');
    expect(failed.map(({ err }) => err)).toEqual([
      'no space',
      'quota',
      '{"code":5}',
      'Unknown error',
      'Error',
    ]);
    expect(failed.every(({ status_code }) => status_code === 400)).toBe(true);
  });

  it('goes to targets with the scope, whatever their level, and to no others', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([
      quickTarget(receiver.address, { name: 'with', scopes: ['operation'], level: 'ERROR' }),
      quickTarget(receiver.address, { name: 'without' }),
    ]);
    logger.operation({ description: 'd' }).done();
    await transport.flush();
    expect(statusOf(transport, 'with').delivered).toBe(2);
    expect(statusOf(transport, 'without').accepted).toBe(0);
  });

  it('has its project and its location in the format lxd', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport(
      [quickTarget(receiver.address, { scopes, event_format: 'lxd', body_format: 'single' })],
      { location: 'n1' },
    );
    logger.operation({ description: 'one', project: 'web' });
    logger.operation({ description: 'two', location: 'n2' });
    await transport.flush();
    const events = receiver.requests.map(({ body }) => JSON.parse(body));
    expect(events).toMatchObject([
      { type: 'operation', location: 'n1', project: 'web', metadata: { location: 'n1' } },
      { type: 'operation', location: 'n2', metadata: { location: 'n2' } },
    ]);
  });

  it('keeps its place among records and lifecycle events', async () => {
    const { receiver, transport, logger } = await start();
    logger.info('one');
    const operation = logger.operation({ description: 'two' });
    void logger.lifecycle('three');
    operation.done();
    logger.info('five');
    await transport.flush();
    expect(receiver.events().map(({ type }) => type)).toEqual([
      'logging',
      'operation',
      'lifecycle',
      'operation',
      'logging',
    ]);
  });

  it.each<[string, unknown]>([
    ['options', undefined],
    ['options', 'text'],
    ['description', {}],
    ['description', { description: '' }],
    ['description', { description: 5 }],
    ['class', { description: 'd', class: 'job' }],
    ['resources', { description: 'd', resources: 'x' }],
    ['resources.instances', { description: 'd', resources: { instances: [5] } }],
    ['metadata', { description: 'd', metadata: 'x' }],
    ['metadata', { description: 'd', metadata: [] }],
    ['mayCancel', { description: 'd', mayCancel: 'yes' }],
    ['onCancel', { description: 'd', onCancel: 'x' }],
    ['project', { description: 'd', project: 5 }],
    ['location', { description: 'd', location: 5 }],
    ['retries', { description: 'd', retries: 5 }],
  ])('with a wrong %s throws a TypeError at once that names it: %j', async (key, options) => {
    const { transport, logger } = await start();
    expect(() => logger.operation(options as OperationOptions)).toThrow(TypeError);
    expect(() => logger.operation(options as OperationOptions)).toThrow(`\`${key}\``);
    expect(statusOf(transport).accepted).toBe(0);
  });

  it('is not told of by a silent transport', async () => {
    const { transport, logger } = await start({ silent: true });
    logger.operation({ description: 'd' }).done();
    expect(statusOf(transport).accepted).toBe(0);
  });
});

describe('changes in quick succession', () => {
  it('are sent as one, with all that they merged, the last one always', async () => {
    const { receiver, transport, logger } = await start();
    const operation = logger.operation({ description: 'd', metadata: { kept: 1 } });
    for (let progress = 1; progress <= 1000; progress++) {
      expect(operation.update({ progress, [`k${progress % 3}`]: progress })).toBe(true);
    }
    await receiver.until(() => receiver.events().length === 2);
    expect(operationsAt(receiver)[1]?.metadata).toEqual({
      kept: 1,
      progress: 1000,
      k0: 999,
      k1: 1000,
      k2: 998,
    });
    await allIsSent({ receiver, logger });
    // With the two of the fence.
    expect(statusOf(transport).accepted).toBe(4);
    operation.update({ progress: 1001 });
    operation.update({ progress: 1002 });
    await receiver.until(() => receiver.events().length === 5);
    expect(operationsAt(receiver)[4]?.metadata).toMatchObject({ kept: 1, progress: 1002 });
  });

  it('that go on are sent every 100 ms, not put off for ever', async () => {
    const { receiver, transport, logger } = await start();
    const operation = logger.operation({ description: 'd' });
    const startedAt = performance.now();
    let progress = 0;
    while (receiver.events().length < 6) {
      operation.update({ progress: ++progress });
      await sleep(10); // a load
    }
    operation.update({ progress: 'last' });
    await transport.flush();
    const events = operationsAt(receiver);
    // The first and the last are sent at once, and of a hundred milliseconds one of those between.
    expect(events.length).toBeLessThanOrEqual(3 + (performance.now() - startedAt) / 99);
    expect(events.at(-1)?.metadata).toEqual({ progress: 'last' });
  });

  it('are part of the end, which is sent at once', async () => {
    const { receiver, transport, logger } = await start();
    const operation = logger.operation({ description: 'd' });
    operation.update({ a: 1 });
    operation.done({ b: 2 });
    await transport.flush();
    expect(statuses(receiver)).toEqual(['Running', 'Success']);
    expect(operationsAt(receiver)[1]?.metadata).toEqual({ a: 1, b: 2 });
    await allIsSent({ receiver, logger });
    expect(operationsAt(receiver).filter(({ description }) => description === 'd')).toHaveLength(2);
    expect(statusOf(transport).accepted).toBe(4);
  });

  it('of several operations are kept apart', async () => {
    const { receiver, transport, logger } = await start();
    const [one, two] = [logger.operation({ description: '1' }), logger.operation({ description: '2' })];
    one.update({ n: 1 });
    two.update({ n: 2 });
    await transport.flush();
    expect(operationsAt(receiver).map(({ description, metadata }) => [description, metadata])).toEqual([
      ['1', {}],
      ['2', {}],
      ['1', { n: 1 }],
      ['2', { n: 2 }],
    ]);
  });

  it('are delivered by a flush, and by the end of the logger', async () => {
    const { receiver, transport, logger } = await start();
    const operation = logger.operation({ description: 'd' });
    operation.update({ n: 1 });
    expect(await transport.flush()).toEqual({ delivered: true, pending: 0 });
    expect(operationsAt(receiver).map(({ metadata }) => metadata)).toEqual([{}, { n: 1 }]);
    operation.update({ n: 2 });
    const finished = new Promise((resolve) => logger.on('finish', resolve));
    logger.end();
    await finished;
    expect(operationsAt(receiver).at(-1)?.metadata).toEqual({ n: 2 });
    expect(() => operation.update({ n: 3 })).not.toThrow();
    expect(operation.done()).toBe(true);
    expect(statusOf(transport)).toMatchObject({ accepted: 5, delivered: 3, dropped: { shutdown: 2 } });
  });
});

describe('the handle', () => {
  it('can be used detached, and ignores what comes after the end', async () => {
    const { receiver, transport, logger } = await start();
    const { update, done, fail, cancel } = logger.operation({ description: 'd', mayCancel: true });
    expect(done()).toBe(true);
    expect([update({ a: 1 }), done(), fail('x'), await cancel()]).toEqual([false, false, false, false]);
    await transport.flush();
    expect(statuses(receiver)).toEqual(['Running', 'Success']);
  });

  it('throws at once when metadata is no object', async () => {
    const { receiver, transport, logger } = await start();
    const operation = logger.operation({ description: 'd' });
    for (const wrong of ['x', 5, null, undefined, [1]])
      expect(() => operation.update(wrong as unknown as object)).toThrow('`metadata`');
    expect(() => operation.done('x' as unknown as object)).toThrow(TypeError);
    expect(operation.done()).toBe(true);
    await transport.flush();
    expect(statuses(receiver)).toEqual(['Running', 'Success']);
  });

  it('cancels once, though what cancels it calls back', async () => {
    const receiver = await startReceiver();
    const { logger } = createTestTransport([quickTarget(receiver.address, { scopes: ['operation'] })]);
    let calls = 0;
    const operation = logger.operation({
      description: 'd',
      onCancel: () => {
        calls++;
        return operation.cancel();
      },
    });
    expect(await operation.cancel()).toBe(true);
    expect(calls).toBe(1);
  });

  it('cancels by what it was given for that', async () => {
    const { receiver, transport, logger } = await start();
    let release = () => {};
    const stopped = new Promise<void>((resolve) => {
      release = resolve;
    });
    const operation = logger.operation({ description: 'd', onCancel: () => stopped });
    const [first, second] = [operation.cancel(), operation.cancel()];
    await receiver.until(() => receiver.events().length === 2);
    release();
    expect(await Promise.all([first, second])).toEqual([true, true]);
    await transport.flush();
    expect(operationsAt(receiver).map(({ status_code, may_cancel }) => [status_code, may_cancel])).toEqual([
      [103, true],
      [104, true],
      [401, true],
    ]);
  });

  it('refuses to cancel what may not be', async () => {
    const { receiver, transport, logger } = await start();
    let called = false;
    const onCancel = () => {
      called = true;
    };
    expect(await logger.operation({ description: 'd', mayCancel: false }).cancel()).toBe(false);
    expect(await logger.operation({ description: 'd', mayCancel: false, onCancel }).cancel()).toBe(false);
    expect(called).toBe(false);
    await transport.flush();
    expect(statuses(receiver)).toEqual(['Running', 'Running']);
  });

  it('cancels what nothing was said of: whoever holds the handle stops it', async () => {
    const { receiver, transport, logger } = await start();
    const cancelled = [
      logger.operation({ description: 'd' }).cancel(),
      logger.operation({ description: 'd', mayCancel: true }).cancel(),
    ];
    await transport.flush();
    expect(await Promise.all(cancelled)).toEqual([true, true]);
    expect(operationsAt(receiver).map(({ status, may_cancel }) => [status, may_cancel])).toEqual([
      ['Running', false],
      ['Cancelled', false],
      ['Running', true],
      ['Cancelled', true],
    ]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('stuck');
      },
    ],
    ['rejects', () => Promise.reject(new Error('stuck'))],
  ])('fails when cancelling %s', async (_name, onCancel) => {
    const { receiver, transport, logger } = await start();
    expect(await logger.operation({ description: 'd', onCancel }).cancel()).toBe(false);
    await transport.flush();
    expect(operationsAt(receiver).at(-1)).toMatchObject({ status: 'Failure', err: 'stuck' });
  });

  it('leaves an operation as it ended while it was being cancelled', async () => {
    const { receiver, transport, logger } = await start();
    let finish = () => {};
    const onCancel = () =>
      new Promise<void>((resolve) => {
        finish = resolve;
      });
    const operation = logger.operation({ description: 'd', onCancel });
    const cancelled = operation.cancel();
    operation.done();
    finish();
    expect(await cancelled).toBe(false);
    await transport.flush();
    expect(statuses(receiver)).toEqual(['Running', 'Success']);
  });
});

describe('the helper', () => {
  it('is on the logger, its children, detached, and on the transport', async () => {
    const { receiver, transport, logger } = await start();
    const { operation } = logger;
    operation({ description: 'detached' });
    logger.child({}).operation({ description: 'child' });
    transport.operation({ description: 'transport' });
    await transport.flush();
    expect(operationsAt(receiver).map(({ description }) => description)).toEqual([
      'detached',
      'child',
      'transport',
    ]);
  });

  it('tells all transports of a logger, under one id, and goes with the last of them', async () => {
    const receiver = await startReceiver();
    const first = createTestTransport([quickTarget(receiver.address, { scopes })]);
    const second = createTestTransport([quickTarget(receiver.address, { scopes })], { location: 'n2' });
    first.logger.add(second.transport);
    const operation = first.logger.operation({ description: 'd' });
    operation.update({ a: 1 });
    await Promise.all([first.transport.flush(), second.transport.flush()]);
    expect(new Set(operationsAt(receiver).map(({ id }) => id))).toEqual(new Set([operation.id]));
    expect(
      operationsAt(receiver)
        .map(({ location }) => location)
        .sort(),
    ).toEqual(['n2', 'n2', 'none', 'none']);

    const [a, b] = [new EventTransport(), new EventTransport()];
    const console = new winston.transports.Console({ silent: true });
    const logger = winston.createLogger({ transports: [a, b, console] });
    expect(Object.keys(logger)).not.toContain('operation');
    logger.remove(a);
    expect(typeof logger.operation).toBe('function');
    logger.remove(b);
    expect(logger.operation).toBeUndefined();
  });
});

it('operation events are the last to be evicted', async () => {
  const receiver = await startReceiver(503);
  const { transport, logger } = createTestTransport(
    [quickTarget(receiver.address, { scopes, retry_timeout: '1h', batch_size: 1 })],
    { memory: { maxEvents: 4 } },
  );
  logger.operation({ description: 'one' });
  await receiver.untilRequests(1);
  logger.operation({ description: 'two' });
  for (let index = 0; index < 10; index++) logger.info(String(index));
  logger.operation({ description: 'three' });
  logger.operation({ description: 'four' });
  expect(statusOf(transport)).toMatchObject({ pending: { events: 4 }, dropped: { 'queue-full': 10 } });
  receiver.answer = 200;
  transport.reload([quickTarget(receiver.address, { scopes })]);
  await transport.flush();
  expect(operationsAt(receiver).map(({ description }) => description)).toEqual([
    'one',
    'two',
    'three',
    'four',
  ]);
});

it('an operation that is too large is cut down', async () => {
  const receiver = await startReceiver();
  const { transport, logger } = createTestTransport([
    quickTarget(receiver.address, { scopes, batch_bytes: 1000 }),
  ]);
  logger.operation({ description: 'd', metadata: { first: 1, text: 'ü'.repeat(5000) } });
  await transport.flush();
  expect(receiver.requests[0]?.raw.length).toBeLessThanOrEqual(1000);
  expect(operationsAt(receiver)[0]).toMatchObject({
    description: 'd',
    status_code: 103,
    metadata: { first: 1, truncated: expect.any(Number) },
  });
});
