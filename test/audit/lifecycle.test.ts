/** `logger.lifecycle()`: what is recorded, where the helper lives, what its receipts say. */

import { describe, expect, it } from 'vitest';
import winston from 'winston';
import TransportStream from 'winston-transport';
import { EventTransport, type LifecycleDetails, type Requestor } from '../../src/index.js';
import { collectProcessWarnings } from '../helpers/process-warnings.js';
import { startReceiver } from '../helpers/receiver.js';
import { createTestTransport, quickTarget, statusOf } from '../helpers/transport.js';

describe('a lifecycle event', () => {
  it("has Migration Manager's shape, keys in its order", async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([
      quickTarget(receiver.address, { body_format: 'single' }),
    ]);
    await logger.lifecycle('batch-started', {
      metadata: { n: 1, nested: { list: [1, null, 'x'] } },
      requestor: { protocol: 'tls', username: 'a57be4e2', address: '10.0.0.101' },
      entities: ['/1.0/batches/b1'],
      time: new Date(Date.UTC(2025, 11, 9, 23, 33, 4)),
    });
    await transport.flush();
    expect(receiver.requests[0]?.body).toBe(
      '{"time":"2025-12-09T23:33:04.000Z","type":"lifecycle","metadata":{"action":"batch-started","entities":["/1.0/batches/b1"],"requestor":"tls/a57be4e2 (10.0.0.101)","metadata":{"n":1,"nested":{"list":[1,null,"x"]}}}}',
    );
  });

  it('needs no details, and takes one entity as text and a requestor as text', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    await logger.lifecycle('bare');
    await logger.lifecycle('short', { entities: '/1.0/x', requestor: 'unix/root (@)' });
    await transport.flush();
    expect(receiver.events().map((event) => event.metadata)).toEqual([
      { action: 'bare', entities: [] },
      { action: 'short', entities: ['/1.0/x'], requestor: 'unix/root (@)' },
    ]);
  });

  it('keeps every other detail that was given', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    const details: LifecycleDetails = {
      context: { a: 1, b: 'x' },
      name: 'n',
      project: 'p',
      outcome: 'failure',
      message: 'm',
    };
    await logger.lifecycle('all', details);
    await transport.flush();
    expect(receiver.events()[0]?.metadata).toEqual({
      action: 'all',
      entities: [],
      ...details,
      context: { a: '1', b: 'x' },
    });
  });

  it('carries any metadata as JSON', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    const circular: Record<string, unknown> = { big: 1n };
    circular.self = circular;
    for (const metadata of [circular, 'text', 0, null, [new Map([['a', 1]])]])
      await logger.lifecycle('a', { metadata });
    await transport.flush();
    expect(receiver.events().map((event) => event.metadata.metadata)).toEqual([
      { big: '1', self: '[Circular]' },
      'text',
      0,
      null,
      [{ a: 1 }],
    ]);
  });

  it('passes whatever the level, by scope and action', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([
      quickTarget(receiver.address, { name: 'all', level: 'ERROR' }),
      quickTarget(receiver.address, { name: 'none', scopes: ['logging'] }),
      quickTarget(receiver.address, { name: 'some', lifecycle_actions: ['instance-*', 'batch-started'] }),
    ]);
    expect((await logger.lifecycle('instance-created')).queued).toEqual(['all', 'some']);
    expect((await logger.lifecycle('batch-started')).queued).toEqual(['all', 'some']);
    expect((await logger.lifecycle('batch-stopped')).queued).toEqual(['all']);
    await transport.flush();
  });

  it('passes by project, as operations do; what belongs to none passes', async () => {
    const receiver = await startReceiver();
    const scopes = ['lifecycle', 'operation', 'logging'] as const;
    const { transport, logger } = createTestTransport([
      quickTarget(receiver.address, { name: 'all', scopes, enabled: true }),
      quickTarget(receiver.address, { name: 'some', scopes, lifecycle_projects: ['blue', 'green'] }),
    ]);
    expect((await logger.lifecycle('a', { project: 'blue' })).queued).toEqual(['all', 'some']);
    expect((await logger.lifecycle('a', { project: 'red' })).queued).toEqual(['all']);
    expect((await logger.lifecycle('a')).queued).toEqual(['all', 'some']);
    logger.operation({ description: 'of another project', project: 'red' }).done();
    logger.operation({ description: 'of one of theirs', project: 'green' }).done();
    logger.operation({ description: 'of none' }).done();
    logger.error('of none');
    await transport.flush();
    const accepted = (name: string) => statusOf(transport, name).accepted;
    const others = accepted('all') - accepted('some');
    const operations = receiver.events().filter(({ type }) => type === 'operation');
    const red = operations.filter(({ metadata }) => metadata.description === 'of another project');
    expect(red.length).toBeGreaterThan(0);
    expect(others).toBe(1 + red.length);
  });

  it('with details that throw when they are read gets markers, or a TypeError', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    const thrower = {
      get bad(): string {
        throw new Error('no bad');
      },
    };
    await logger.lifecycle('a', { context: thrower, metadata: thrower });
    await transport.flush();
    expect(receiver.events()[0]?.metadata).toMatchObject({
      context: { bad: '[Thrown: no bad]' },
      metadata: { bad: '[Thrown: no bad]' },
    });
    const requestor = new Proxy({} as Requestor, {
      get: () => {
        throw new Error('no requestor');
      },
    });
    expect(await logger.lifecycle('b', { requestor })).toMatchObject({ queued: ['siem'] });
    await transport.flush();
  });

  it.each<[string, unknown, unknown]>([
    ['action', undefined, undefined],
    ['action', '', undefined],
    ['action', 5, undefined],
    ['details', 'a', 'text'],
    ['details', 'a', null],
    ['entities', 'a', { entities: 5 }],
    ['entities', 'a', { entities: ['ok', 5] }],
    ['requestor', 'a', { requestor: 5 }],
    ['requestor', 'a', { requestor: null }],
    ['requestor', 'a', { requestor: 'nobody' }],
    ['requestor', 'a', { requestor: { protocol: 'tls', username: 'u' } }],
    ['time', 'a', { time: 'soon' }],
    ['time', 'a', { time: new Date(Number.NaN) }],
    ['outcome', 'a', { outcome: 'maybe' }],
    ['context', 'a', { context: 'text' }],
    ['name', 'a', { name: 5 }],
    ['entity', 'a', { entity: '/1.0/x' }],
  ])(
    'with a wrong %s throws a TypeError at once that names it, and is not recorded',
    async (key, action, details) => {
      const receiver = await startReceiver();
      const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
      const call = () => logger.lifecycle(action as string, details as LifecycleDetails);
      expect(call).toThrow(TypeError);
      expect(call).toThrow(key);
      expect(statusOf(transport).accepted).toBe(0);
    },
  );
});

describe('the helper', () => {
  it('is there as soon as the transport is added, on children, detached, and on the transport itself', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    const { lifecycle } = logger;
    await lifecycle('detached');
    await logger.child({ request: 1 }).lifecycle('child');
    await logger.child({}).child({}).lifecycle('grandchild');
    await transport.lifecycle('transport');
    await transport.flush();
    expect(receiver.names()).toEqual(['detached', 'child', 'grandchild', 'transport']);
  });

  it('is enumerable nowhere and gone with the last transport', async () => {
    const [a, b] = [new EventTransport(), new EventTransport()];
    const logger = winston.createLogger({
      transports: [a, b, new winston.transports.Console({ silent: true })],
    });
    expect(Object.keys(logger)).not.toContain('lifecycle');
    logger.remove(a);
    expect(typeof logger.lifecycle).toBe('function');
    logger.remove(b);
    expect(logger.lifecycle).toBeUndefined();
  });

  it('survives logger.configure() with the same transport', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    logger.configure({ transports: [transport], level: 'debug' });
    await logger.lifecycle('one');
    logger.debug('two');
    await transport.flush();
    expect(receiver.names()).toEqual(['one', 'two']);
  });

  it('can still be called while and after the logger ends: nothing is thrown', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    const finished = new Promise((resolve) => logger.on('finish', resolve));
    logger.end();
    await finished;
    expect(await logger.lifecycle('late')).toEqual({
      queued: [],
      durable: false,
      dropped: [{ target: 'siem', reason: 'shutdown' }],
    });
    expect(statusOf(transport)).toMatchObject({ accepted: 1, dropped: { shutdown: 1 } });
  });
});

describe('a receipt', () => {
  it('names the targets whose queue holds the event', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([
      quickTarget(receiver.address, { name: 'a' }),
      quickTarget(receiver.address, { name: 'b' }),
    ]);
    expect(await logger.lifecycle('one')).toEqual({ queued: ['a', 'b'], durable: false, dropped: [] });
    await transport.flush();
  });

  it('is merged over all transports of the logger, and each delivers', async () => {
    const receiver = await startReceiver();
    const first = createTestTransport([quickTarget(receiver.address, { name: 'a' })]);
    const second = createTestTransport([quickTarget(receiver.address, { name: 'b' })]);
    first.logger.add(second.transport);
    expect((await first.logger.lifecycle('one')).queued).toEqual(['a', 'b']);
    await Promise.all([first.transport.flush(), second.transport.flush()]);
    expect(receiver.names()).toEqual(['one', 'one']);
  });

  it('says where the event was dropped at once', async () => {
    const receiver = await startReceiver(503);
    const { transport, logger } = createTestTransport(
      [quickTarget(receiver.address, { retry_timeout: '1h' })],
      {
        memory: { maxEvents: 1 },
      },
    );
    await logger.lifecycle('one');
    await receiver.untilRequests(1);
    expect(await logger.lifecycle('two')).toEqual({
      queued: [],
      durable: false,
      dropped: [{ target: 'siem', reason: 'queue-full' }],
    });
    expect(statusOf(transport)).toMatchObject({
      accepted: 2,
      pending: { events: 1 },
      dropped: { 'queue-full': 1 },
    });
  });

  it('is empty when the transport is silent', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)], { silent: true });
    logger.error('no');
    expect(await logger.lifecycle('no')).toEqual({ queued: [], durable: false, dropped: [] });
    expect(statusOf(transport).accepted).toBe(0);
  });
});

/** Takes a record at each turn of the event loop, so that its logger buffers. */
class SlowTransport extends TransportStream {
  override log(_info: unknown, next: () => void): void {
    setImmediate(next);
  }
}

it('the joint order holds beside a transport that is slower than the logger', async () => {
  const receiver = await startReceiver();
  const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
  logger.add(new SlowTransport());
  const expected: string[] = [];
  const receipts: Promise<unknown>[] = [];
  for (let index = 0; index < 300; index++) {
    expected.push(`m${index}`);
    logger.info(`m${index}`);
    if (index % 10 !== 0) continue;
    expected.push(`a${index}`);
    receipts.push(logger.lifecycle(`a${index}`));
  }
  for (const receipt of await Promise.all(receipts)) expect(receipt).toMatchObject({ queued: ['siem'] });
  await receiver.until(() => receiver.names().length === expected.length);
  expect(receiver.names()).toEqual(expected);
  expect(logger.listenerCount('data')).toBe(2);
  await transport.flush();
});

it("the order holds for the transport's own lifecycle too, and many that wait print no warning", async () => {
  const warnings = collectProcessWarnings();
  const receiver = await startReceiver();
  const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
  logger.add(new SlowTransport());
  for (let index = 0; index < 40; index++) logger.info('record');
  const receipts = Array.from({ length: 30 }, () => transport.lifecycle('audit'));
  await Promise.all(receipts);
  await transport.flush();
  expect(receiver.names()).toEqual([...Array(40).fill('record'), ...Array(30).fill('audit')]);
  expect(warnings).toEqual([]);
});

it('a lifecycle event is not held up for ever by a transport that has stopped', async () => {
  const receiver = await startReceiver();
  const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
  logger.add(new TransportStream({ log: () => {} }));
  for (let index = 0; index < 100; index++) logger.info(String(index));
  expect(await logger.lifecycle('audit')).toMatchObject({ queued: ['siem'] });
  await transport.flush();
  expect(receiver.names()).toContain('audit');
});

it('events of all kinds keep one joint order', async () => {
  const receiver = await startReceiver();
  const { transport, logger } = createTestTransport([quickTarget(receiver.address, { batch_size: 3 })]);
  const child = logger.child({});
  for (let index = 0; index < 40; index += 4) {
    logger.info(String(index));
    void logger.lifecycle(String(index + 1));
    child.warn(String(index + 2));
    void transport.lifecycle(String(index + 3));
  }
  await transport.flush();
  expect(receiver.names()).toEqual(Array.from({ length: 40 }, (_, index) => String(index)));
});
