/** The option `redact`: values that do not leave the process, on whichever road. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import winston from 'winston';
import { EventTransport, type LogTarget } from '../../src/index.js';
import { startStream } from '../helpers/event-stream.js';
import { startReceiver } from '../helpers/receiver.js';
import { createSpooledTransport, eventually, filesIn, spoolDirectory } from '../helpers/spool.js';
import { createTestTransport, quickTarget } from '../helpers/transport.js';

const SECRET = 'hunter2';
const scopes = ['lifecycle', 'logging', 'operation'] as const;

async function start(redact: string[], options: object = {}, loggerOptions: winston.LoggerOptions = {}) {
  const receiver = await startReceiver();
  const test = createTestTransport(
    [quickTarget(receiver.address, { scopes })],
    { redact, ...options },
    loggerOptions,
  );
  const metadata = async () => {
    await test.transport.flush();
    return receiver.events().map((event) => event.metadata);
  };
  return { ...test, receiver, metadata };
}

describe('in a log record', () => {
  it('paths begin at its top', async () => {
    const { logger, metadata } = await start(['password', 'user.password', '*.token', '**.authorization']);
    logger.info('login', {
      password: SECRET,
      user: { name: 'n', password: SECRET },
      session: { token: SECRET },
      request: { headers: [{ authorization: SECRET }] },
      authorization: SECRET,
      kept: 'yes',
    });
    expect(await metadata()).toEqual([
      {
        message: 'login',
        level: 'INFO',
        context: {
          password: '[Redacted]',
          user: '{"name":"n","password":"[Redacted]"}',
          session: '{"token":"[Redacted]"}',
          request: '{"headers":[{"authorization":"[Redacted]"}]}',
          authorization: '[Redacted]',
          kept: 'yes',
        },
      },
    ]);
  });

  it('the caller’s objects stay as they are, and so does what other transports get', async () => {
    const { logger, metadata, transport } = await start(['user.password', '**.token']);
    const seen: unknown[] = [];
    const other = new (Object.getPrototypeOf(Object.getPrototypeOf(EventTransport)))({
      log: (info: { user: { password: string } }, next: () => void) => {
        seen.push(info.user.password);
        next();
      },
    });
    logger.add(other);
    const user = Object.freeze({ password: SECRET, deep: Object.freeze({ token: SECRET }) });
    logger.info('login', { user });
    expect(JSON.stringify(await metadata())).not.toContain(SECRET);
    expect(user).toEqual({ password: SECRET, deep: { token: SECRET } });
    expect(seen).toEqual([SECRET]);
    expect(transport.status().accepted).toBe(1);
  });

  it.each<[string, string[], unknown[], object]>([
    ['its message', ['message'], ['secret hunter2'], { message: '[Redacted]' }],
    [
      'a message that is an object',
      ['message.password'],
      [{ message: { password: SECRET, a: 1 } }],
      { message: '{"password":"[Redacted]","a":1}' },
    ],
    [
      'a message that is an error, which keeps its stack',
      ['**.password'],
      [new Error('failed')],
      { message: 'failed', context: { stack: expect.stringMatching(/^Error: failed\n/) } },
    ],
    [
      'keys of an error',
      ['config.token', 'stack'],
      [Object.assign(new Error('failed'), { config: { token: SECRET } })],
      { message: 'failed', context: { config: '{"token":"[Redacted]"}', stack: '[Redacted]' } },
    ],
    ['its time is no secret: it stays', ['**.password'], ['m', { timestamp: new Date(0) }], { message: 'm' }],
  ])('it may be %s', async (_name, redact, [first, ...rest], expected) => {
    const { logger, metadata, receiver } = await start(redact);
    logger.info(first as string, ...rest);
    expect(await metadata()).toMatchObject([expected]);
    if ((rest[0] as { timestamp?: Date } | undefined)?.timestamp) {
      expect(receiver.events()[0]?.time).toBe('1970-01-01T00:00:00.000Z');
    }
  });

  it('neither the transport’s own format sees it, nor gets it past', async () => {
    const seen: string[] = [];
    const format = winston.format((info) => {
      seen.push(JSON.stringify(info), String(info[Symbol.for('message')]));
      return { ...info, copy: { ...info }, password: SECRET };
    })();
    const { logger, metadata } = await start(
      ['password', 'copy.other'],
      { format },
      { format: winston.format.json() },
    );
    logger.info('login', { password: SECRET, other: SECRET });
    expect(await metadata()).toMatchObject([{ context: { password: '[Redacted]', other: SECRET } }]);
    expect((await metadata())[0]?.context?.copy).toContain('"other":"[Redacted]"');
    expect(seen.join().replaceAll(`"other":"${SECRET}"`, '')).not.toContain(SECRET);
  });

  it('what `context` returns is under the same paths', async () => {
    const { logger, metadata } = await start(['tenant.key', 'context.tenant.key', 'metadata.tenant.key'], {
      context: () => ({ tenant: { key: SECRET, name: 'n' } }),
    });
    logger.info('one');
    await logger.lifecycle('done');
    logger.operation({ description: 'Copying' });
    expect(await metadata()).toMatchObject([
      { context: { tenant: '{"key":"[Redacted]","name":"n"}' } },
      { context: { tenant: '{"key":"[Redacted]","name":"n"}' } },
      { metadata: { tenant: { key: '[Redacted]', name: 'n' } } },
    ]);
  });

  it('hostile values come through without it, or as a marker', async () => {
    const { logger, metadata } = await start(['**.password']);
    const circular: Record<string, unknown> = { password: SECRET };
    circular.self = circular;
    const hostile = {
      circular,
      map: new Map([['password', SECRET]]),
      getter: Object.defineProperty({}, 'password', {
        enumerable: true,
        get() {
          throw new Error('no');
        },
      }),
      proxy: new Proxy(
        {},
        {
          ownKeys() {
            throw new Error('no keys');
          },
        },
      ),
      big: 1n,
      date: new Date(0),
      bytes: Buffer.from('abc'),
    };
    logger.info('m', hostile);
    logger.log(
      new Proxy(
        { level: 'info', message: 'p', [Symbol.for('level')]: 'info' },
        {
          ownKeys() {
            throw new Error('no keys');
          },
        },
      ) as never,
    );
    const [first] = await metadata();
    expect(first?.context).toMatchObject({
      circular: '{"password":"[Redacted]","self":"[Circular]"}',
      map: '{"password":"[Redacted]"}',
      getter: '{"password":"[Redacted]"}',
      big: '1',
      date: '"1970-01-01T00:00:00.000Z"',
      bytes: '"[Buffer: 3 bytes]"',
    });
    expect(JSON.stringify(await metadata())).not.toContain(SECRET);
  });
});

describe('in a lifecycle event', () => {
  it('paths begin at its details', async () => {
    const { logger, metadata } = await start([
      'metadata.user.password',
      'context.auth.token',
      'context.plain',
      'requestor.username',
      'entities.1',
      'message',
      'name',
      'password',
    ]);
    const details = {
      metadata: { user: { password: SECRET, name: 'n' }, password: 'kept' },
      context: { auth: { token: SECRET, kind: 'k' }, plain: SECRET, kept: 'kept' },
      requestor: `tls/${SECRET} (10.0.0.1)`,
      entities: ['/1.0/a', `/1.0/${SECRET}`],
      message: SECRET,
      name: SECRET,
      project: 'p',
    };
    await logger.lifecycle('done', details);
    expect(await metadata()).toMatchObject([
      {
        metadata: { user: { password: '[Redacted]', name: 'n' }, password: 'kept' },
        context: { auth: '{"token":"[Redacted]","kind":"k"}', plain: '[Redacted]', kept: 'kept' },
        requestor: 'tls/[Redacted] (10.0.0.1)',
        entities: ['/1.0/a', '[Redacted]'],
        message: '[Redacted]',
        name: '[Redacted]',
        project: 'p',
      },
    ]);
    expect(details.metadata.user.password).toBe(SECRET);
  });

  it('everything but action, time and outcome can go, and the event still comes', async () => {
    const { logger, metadata, receiver } = await start(['**']);
    await logger.lifecycle('done', {
      metadata: SECRET,
      context: { a: SECRET },
      requestor: `tls/${SECRET} (10.0.0.1)`,
      entities: `/1.0/${SECRET}`,
      outcome: 'success',
      time: 0,
    });
    expect(await metadata()).toMatchObject([
      { action: 'done', entities: ['[Redacted]'], metadata: '[Redacted]', context: { a: '[Redacted]' } },
    ]);
    expect(receiver.events()[0]?.time).toBe('1970-01-01T00:00:00.000Z');
    expect(JSON.stringify(await metadata())).not.toContain(SECRET);
  });

  it('a wrong type is told as ever', async () => {
    const { transport } = await start(['**']);
    expect(() => transport.lifecycle('done', { time: 'never' })).toThrow(TypeError);
  });
});

it('in an operation paths begin at its options, also for its updates and its end', async () => {
  const { logger, metadata } = await start(['metadata.token', 'resources.images', 'description', 'token']);
  const operation = logger.operation({
    description: SECRET,
    resources: { images: `/1.0/${SECRET}`, others: ['/1.0/o'] },
    metadata: { token: SECRET, a: 1 },
  });
  operation.update({ token: SECRET, b: 2 });
  operation.done({ token: SECRET });
  const all = await metadata();
  expect(all.at(-1)).toMatchObject({
    description: '[Redacted]',
    resources: { images: ['[Redacted]'], others: ['/1.0/o'] },
    metadata: { token: '[Redacted]', a: 1, b: 2 },
  });
  expect(JSON.stringify(all)).not.toContain(SECRET);
});

it('each of several transports on a logger keeps back what it is told to', async () => {
  const { logger, metadata } = await start(['metadata.token']);
  const other = await start([]);
  logger.add(other.transport);
  await logger.lifecycle('done', { metadata: { token: 't' } });
  logger.operation({ description: 'Copying', metadata: { token: 't' } }).done();
  expect((await metadata()).map((each) => JSON.stringify(each.metadata))).toEqual(
    Array.from({ length: 3 }, () => '{"token":"[Redacted]"}'),
  );
  for (const { metadata: inner } of await other.metadata()) expect(inner).toEqual({ token: 't' });
});

it.each(['migration-manager', 'lxd', 'cloudevents'] as const)(
  'holds in the format %s',
  async (event_format) => {
    const receiver = await startReceiver();
    const format_options =
      event_format === 'cloudevents' ? { source: 'https://a.example', type_prefix: 'com.example' } : {};
    const target = quickTarget(receiver.address, {
      event_format,
      format_options,
      scopes,
    } as Partial<LogTarget>);
    const { logger, transport } = createTestTransport([target], { redact: ['**.token'] });
    logger.info('one', { token: SECRET });
    await logger.lifecycle('two', { metadata: { token: SECRET }, context: { token: SECRET } });
    logger.operation({ description: 'three', metadata: { token: SECRET } }).done();
    await transport.flush();
    const bodies = receiver.requests.map(({ body }) => body).join();
    expect(bodies.match(/\[Redacted\]/g)?.length).toBeGreaterThanOrEqual(4);
    expect(bodies).not.toContain(SECRET);
  },
);

it('holds in the event stream', async () => {
  const { logger, listen } = await startStream({ transportOptions: { redact: ['**.token'] } });
  const { events, until } = await listen();
  logger.info('one', { token: SECRET });
  await logger.lifecycle('two', { context: { token: SECRET } });
  await until(2);
  expect(JSON.stringify(events())).not.toContain(SECRET);
  expect(JSON.stringify(events())).toContain('[Redacted]');
});

it('holds on disk and in the dead letters', async () => {
  const receiver = await startReceiver(422);
  const directory = spoolDirectory();
  const spooled = createSpooledTransport(
    [quickTarget(receiver.address)],
    { directory },
    { redact: ['**.token'] },
  );
  await spooled.transport.ready();
  await spooled.logger.lifecycle('one', { metadata: { token: SECRET } });
  spooled.logger.info('two', { token: SECRET });
  await eventually(async () => expect(await spooled.deadLetters()).toHaveLength(2));
  expect(JSON.stringify(await spooled.deadLetters())).not.toContain(SECRET);
  await spooled.close();
  for (const file of filesIn(directory)) {
    expect(readFileSync(join(directory, file)).includes(SECRET)).toBe(false);
  }
});
