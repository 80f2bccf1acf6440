/** The option `context`: what is known from the surroundings of a call joins the context of its event. */

import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, vi } from 'vitest';
import { EventTransport } from '../../src/index.js';
import { startReceiver } from '../helpers/receiver.js';
import { eventually } from '../helpers/spool.js';
import { createTestTransport, quickTarget } from '../helpers/transport.js';

const scopes = ['lifecycle', 'logging', 'operation'] as const;

async function start(context: () => object | undefined, options: object = {}) {
  const receiver = await startReceiver();
  const test = createTestTransport([quickTarget(receiver.address, { scopes: [...scopes] })], {
    context,
    ...options,
  });
  const metadata = async () => {
    await test.transport.flush();
    return receiver.events().map((event) => event.metadata);
  };
  return { ...test, receiver, metadata };
}

describe('the context function', () => {
  it('is called for each log record, lifecycle and operation event, in the surroundings of the call', async () => {
    const storage = new AsyncLocalStorage<{ trace_id: string }>();
    const { logger, metadata } = await start(() => storage.getStore());
    storage.run({ trace_id: 't1' }, () => logger.info('one'));
    await storage.run({ trace_id: 't2' }, () => logger.lifecycle('done'));
    const operation = storage.run({ trace_id: 't3' }, () =>
      logger.operation({ description: 'Copying', metadata: { progress: 1 } }),
    );
    storage.run({ trace_id: 't4' }, () => operation.done());
    logger.info('outside');
    expect(await metadata()).toMatchObject([
      { message: 'one', context: { trace_id: 't1' } },
      { action: 'done', context: { trace_id: 't2' } },
      { metadata: { progress: 1, trace_id: 't3' } },
      { metadata: { progress: 1, trace_id: 't4' } },
      { message: 'outside' },
    ]);
    expect((await metadata())[4]).not.toHaveProperty('context.trace_id');
  });

  it('does not replace keys that are there; level and message are none of its', async () => {
    const { logger, metadata } = await start(() => ({
      tenant: 'b',
      level: 'x',
      message: 'y',
      more: { a: [1] },
    }));
    logger.info('one', { tenant: 'a' });
    await logger.lifecycle('done', { context: { tenant: 'a' } });
    logger.operation({ description: 'Copying', metadata: { tenant: 'a' } });
    const [record, lifecycle, operation] = await metadata();
    expect(record).toMatchObject({
      message: 'one',
      level: 'INFO',
      context: { tenant: 'a', more: '{"a":[1]}' },
    });
    expect(record?.context).not.toHaveProperty('message');
    expect(lifecycle).toMatchObject({ context: { tenant: 'a', more: '{"a":[1]}' } });
    expect(operation).toMatchObject({ metadata: { tenant: 'a', more: { a: [1] } } });
  });

  it('is not called for records that nobody wants', async () => {
    const context = vi.fn(() => ({ a: 1 }));
    const receiver = await startReceiver();
    const { logger, transport } = createTestTransport([quickTarget(receiver.address, { level: 'ERROR' })], {
      context,
    });
    logger.info('unwanted');
    transport.silent = true;
    logger.error('unheard');
    expect(context).not.toHaveBeenCalled();
  });

  it.each<[string, () => object, string]>([
    [
      'that throws',
      () => {
        throw new Error('no store');
      },
      'no store',
    ],
    ['that returns no object', () => 5 as never, 'expected it to return an object, got `5`'],
    [
      'that is async, and rejects',
      () => Promise.reject(new Error('late')),
      'expected it to return an object, got a promise',
    ],
  ])('%s is warned of, and costs no event', async (_name, context, message) => {
    const { logger, metadata, warnings, report } = await start(context);
    logger.info('one', { a: 1 });
    await logger.lifecycle('done');
    await report('contextFailed');
    expect((await metadata()).map(({ message, action }) => message ?? action)).toEqual(['one', 'done']);
    expect(warnings).toMatchObject([{ code: 'CONTEXT_FAILED', message: expect.stringContaining(message) }]);
  });

  it('may return what is hostile', async () => {
    const hostile = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no keys');
        },
      },
    );
    const getter = {
      get secret(): string {
        throw new Error('no value');
      },
      good: 1n,
    };
    let context: object = hostile;
    const { logger, metadata } = await start(() => context);
    logger.info('one');
    context = getter;
    logger.info('two');
    expect(await metadata()).toMatchObject([
      { message: 'one' },
      { message: 'two', context: { good: '1', secret: '[Thrown: no value]' } },
    ]);
  });

  it('that logs itself does not go on for ever: it is not called any more', async () => {
    let calls = 0;
    const { logger, metadata, warnings } = await start(() => {
      calls++;
      logger.info('looking for the tenant');
      return { tenant: 'a' };
    });
    logger.info('one');
    logger.info('two');
    expect((await metadata()).map(({ message }) => message)).toEqual([
      'one',
      'looking for the tenant',
      'two',
    ]);
    expect(calls).toBe(1);
    await eventually(() =>
      expect(warnings).toMatchObject([
        { code: 'CONTEXT_FAILED', message: expect.stringContaining('not called any more') },
      ]),
    );
  });

  it('that is no function is a TypeError', () => {
    expect(() => new EventTransport({ context: {} as never })).toThrow(
      new TypeError('Expected `context` to be a function that returns an object, got `[object Object]`'),
    );
  });

  it('can give a catalog the fields that it asks for', async () => {
    const catalog = {
      name: 'kitchen',
      actions: { served: { description: 'Served', context: { table: 'Its number' } } },
    } as const;
    const { logger, metadata } = await start(() => ({ table: 12 }), { catalog });
    await logger.lifecycle('served' as never);
    expect(await metadata()).toMatchObject([{ action: 'served', context: { table: '12' } }]);
  });
});
