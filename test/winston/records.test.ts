/** From a record of a real Winston logger to the event that a receiver gets. */

import { describe, expect, it, onTestFinished, vi } from 'vitest';
import winston from 'winston';
import { migrationManager, writeMigrationManager } from '../../src/formats/migration-manager.js';
import type { Level } from '../../src/index.js';
import { cpuMs } from '../helpers/cpu-time.js';
import { startReceiver } from '../helpers/receiver.js';
import { createTestTransport, quickTarget, statusOf } from '../helpers/transport.js';

const { format } = winston;

/** What arrives of what `log` logs. */
async function received(
  log: (logger: winston.Logger) => void,
  loggerOptions: winston.LoggerOptions = {},
  transportOptions = {},
) {
  const receiver = await startReceiver();
  const { transport, logger } = createTestTransport(
    [quickTarget(receiver.address)],
    transportOptions,
    loggerOptions,
  );
  log(logger);
  expect(await transport.flush({ timeoutMs: 30_000 })).toEqual({ delivered: true, pending: 0 });
  return receiver.events();
}

async function receivedContext(meta: object): Promise<Readonly<Record<string, string>>> {
  const [event] = await received((logger) => logger.info('message', meta));
  return event?.metadata.context ?? {};
}

describe('the event of a record', () => {
  it("has Migration Manager's shape, keys in its order", async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([
      quickTarget(receiver.address, { body_format: 'single' }),
    ]);
    logger.error('TEST', { key: 'val', key2: 'val2' });
    await transport.flush();
    expect(receiver.requests[0]?.body).toMatch(
      /^\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","type":"logging","metadata":\{"message":"TEST","level":"ERROR","context":\{"key":"val","key2":"val2"\}\}\}$/,
    );
  });

  it('has the time of the log call', async () => {
    const before = Date.now();
    const [event] = await received((logger) => logger.info('one'));
    const time = Date.parse(event?.time ?? '');
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now());
  });

  it.each([
    ['text', '2025-12-09T23:33:04.5+02:00', '2025-12-09T21:33:04.500Z'],
    ['a Date', new Date(Date.UTC(2025, 0, 2)), '2025-01-02T00:00:00.000Z'],
    ['milliseconds', 1_700_000_000_123, '2023-11-14T22:13:20.123Z'],
  ])('takes its time from a timestamp that is a valid date: %s', async (_kind, timestamp, time) => {
    const [event] = await received((logger) => logger.info('one', { timestamp, other: 1 }));
    expect(event?.time).toBe(time);
    expect(event?.metadata.context).toEqual({ other: '1' });
  });

  it.each([['08:15:00'], ['12'], [''], [Number.NaN], [9e15], [true]])(
    'keeps a timestamp in the context that is none: %s',
    async (timestamp) => {
      const [event] = await received((logger) => logger.info('one', { timestamp }));
      expect(event?.metadata.context).toEqual({ timestamp: String(timestamp) });
    },
  );
});

describe('levels', () => {
  it.each([
    [
      'npm',
      winston.config.npm.levels,
      {
        silly: 'DEBUG',
        debug: 'DEBUG',
        verbose: 'DEBUG',
        http: 'INFO',
        info: 'INFO',
        warn: 'WARN',
        error: 'ERROR',
      },
    ],
    [
      'syslog',
      winston.config.syslog.levels,
      {
        debug: 'DEBUG',
        info: 'INFO',
        notice: 'INFO',
        warning: 'WARN',
        error: 'ERROR',
        crit: 'ERROR',
        alert: 'ERROR',
        emerg: 'ERROR',
      },
    ],
    [
      'cli',
      winston.config.cli.levels,
      {
        silly: 'DEBUG',
        input: 'INFO',
        verbose: 'DEBUG',
        prompt: 'INFO',
        debug: 'DEBUG',
        info: 'INFO',
        data: 'INFO',
        help: 'INFO',
        warn: 'WARN',
        error: 'ERROR',
      },
    ],
    [
      'custom',
      { fatal: 0, error: 1, audit: 2, info: 3, trace: 4 },
      { fatal: 'ERROR', error: 'ERROR', audit: 'ERROR', info: 'INFO', trace: 'INFO' },
    ],
    ['unknown', { loud: 0, quiet: 1 }, { loud: 'INFO', quiet: 'INFO' }],
  ])('of %s map to the four', async (_set, levels, expected) => {
    const events = await received(
      (logger) => {
        for (const level of Object.keys(expected)) logger.log(level, level);
      },
      { levels },
    );
    expect(Object.fromEntries(events.map(({ metadata }) => [metadata.message, metadata.level]))).toEqual(
      expected,
    );
  });

  it('come from the record, not from what colorize makes of them', async () => {
    const [event] = await received((logger) => logger.warn('one'), {
      format: format.colorize({ all: false }),
    });
    expect(event?.metadata).toMatchObject({ message: 'one', level: 'WARN', context: {} });
  });

  it.each<[Level, string[]]>([
    ['DEBUG', ['silly', 'debug', 'verbose', 'http', 'info', 'warn', 'error']],
    ['INFO', ['http', 'info', 'warn', 'error']],
    ['WARN', ['warn', 'error']],
    ['ERROR', ['error']],
  ])(
    "a target of level %s gets what is as severe, whatever the logger's own level",
    async (level, expected) => {
      for (const own of ['error', 'silly']) {
        const receiver = await startReceiver();
        const { transport, logger } = createTestTransport(
          [quickTarget(receiver.address, { level })],
          {},
          { level: own },
        );
        for (const name of ['silly', 'debug', 'verbose', 'http', 'info', 'warn', 'error'])
          logger.log(name, name);
        await transport.flush();
        expect(receiver.names()).toEqual(expected);
        expect(statusOf(transport).accepted).toBe(expected.length);
        expect(logger.isLevelEnabled(expected[0]!)).toBe(true);
      }
    },
  );

  it("are capped by the transport's own level, which can be set", async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)], { level: 'warn' });
    expect(transport.level).toBe('warn');
    logger.info('no');
    logger.warn('one');
    transport.level = 'debug';
    logger.debug('two');
    logger.silly('no');
    await transport.lifecycle('three');
    await transport.flush();
    expect(receiver.names()).toEqual(['one', 'two', 'three']);
  });

  it('of several loggers with different sets are all understood', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    const syslog = winston.createLogger({ levels: winston.config.syslog.levels, transports: [transport] });
    const custom = winston.createLogger({
      levels: { error: 0, audit: 1, trace: 2 },
      transports: [transport],
    });
    syslog.emerg('one');
    syslog.debug('two');
    custom.log('trace', 'three');
    logger.silly('four');
    await transport.flush();
    expect(receiver.events().map(({ metadata }) => [metadata.message, metadata.level])).toEqual([
      ['one', 'ERROR'],
      ['two', 'DEBUG'],
      ['three', 'ERROR'],
      ['four', 'DEBUG'],
    ]);
  });
});

it('a hostile level throws nowhere', async () => {
  const hostile = [Object.create(null), { toString: () => expect.unreachable() }, Symbol('s'), 5];
  const receiver = await startReceiver();
  const { transport } = createTestTransport([quickTarget(receiver.address)]);
  for (const level of hostile) {
    transport.write({ level, message: 'one', [Symbol.for('level')]: level });
    transport.log({
      level,
      message: 'one',
      get exception(): boolean {
        throw new Error('no exception');
      },
    });
  }
  await transport.flush();
  expect(receiver.events().every(({ metadata }) => metadata.level === 'INFO')).toBe(true);
  expect(receiver.names()).toHaveLength(8);
});

it('a record is written down once, however many targets get it', async () => {
  const write = vi.fn(writeMigrationManager);
  const create = vi.spyOn(migrationManager, 'createWriter').mockReturnValue(write);
  onTestFinished(() => create.mockRestore());
  const receiver = await startReceiver();
  const targets = ['a', 'b', 'c', 'd'].map((name) => quickTarget(receiver.address, { name, batch_size: 2 }));
  const { transport, logger } = createTestTransport(targets);
  for (let index = 0; index < 10; index++) logger.info(String(index));
  await logger.lifecycle('audit');
  await transport.flush();
  expect(receiver.names()).toHaveLength(44);
  expect(write).toHaveBeenCalledTimes(11);
});

describe('formats', () => {
  it('json and timestamp leave message, time and context as they should be', async () => {
    const [event] = await received((logger) => logger.info('one', { a: 1 }), {
      format: format.combine(format.timestamp(), format.json()),
    });
    expect(event?.metadata).toEqual({ message: 'one', level: 'INFO', context: { a: '1' } });
  });

  it('splat fills the message in', async () => {
    const [event] = await received((logger) => logger.info('%s is %d', 'x', 5, { a: 1 }), {
      format: format.splat(),
    });
    expect(event?.metadata).toMatchObject({ message: 'x is 5', context: { a: '1' } });
  });

  it('errors({ stack: true }) puts the stack into the context', async () => {
    const [event] = await received((logger) => logger.error(new Error('boom')), {
      format: format.combine(format.errors({ stack: true }), format.json()),
    });
    expect(event?.metadata.message).toBe('boom');
    expect(event?.metadata.context?.stack).toMatch(/^Error: boom\n {4}at /);
  });

  it('an error logged without format.errors keeps message and stack', async () => {
    const events = await received((logger) => {
      logger.error(new Error('boom'));
      logger.error({ message: new Error('inside') });
    });
    expect(events.map(({ metadata }) => metadata.message)).toEqual(['boom', 'inside']);
    for (const { metadata } of events) expect(metadata.context?.stack).toMatch(/^Error: (boom|inside)\n/);
  });

  it('label, defaultMeta and the metadata of child loggers go into the context', async () => {
    const [event] = await received((logger) => logger.child({ request: 7 }).info('one', { a: 'b' }), {
      defaultMeta: { service: 'svc' },
      format: format.label({ label: 'lab' }),
    });
    expect(event?.metadata.context).toEqual({ service: 'svc', request: '7', a: 'b', label: 'lab' });
  });

  it("the transport's own format works on a copy, and may leave records out", async () => {
    const seen: unknown[] = [];
    const own = format((info) =>
      info.message === 'no' ? false : { ...info, message: `own ${info.message}` },
    )();
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)], { format: own });
    logger.on('data', (info) => seen.push(info.message));
    logger.info('no');
    logger.info('one');
    await transport.flush();
    expect(receiver.names()).toEqual(['own one']);
    expect(seen).toEqual(['no', 'one']);
  });

  it('a format of the transport that throws costs that record, counted and reported, and throws nowhere', async () => {
    const receiver = await startReceiver();
    const bad = format((info) => {
      if (info.message === 'bad') throw new Error('no format');
      return info;
    })();
    const { transport, logger, report, warnings } = createTestTransport([quickTarget(receiver.address)], {
      format: bad,
    });
    logger.info('bad');
    logger.info('good');
    await report('formatFailed');
    await transport.flush();
    expect(receiver.names()).toEqual(['good']);
    expect(statusOf(transport)).toMatchObject({ accepted: 2, dropped: { unserializable: 1 } });
    expect(warnings[0]?.message).toContain('no format');
  });
});

describe('a context value', () => {
  it('is the text itself, the stack of an Error, JSON of the rest', async () => {
    const context = await receivedContext({
      text: 'as "it" is',
      error: new RangeError('far'),
      number: 1.5,
      flag: false,
      nothing: null,
      missing: undefined,
      list: [1, 'two', undefined, new Error('in a list')],
      object: { a: { b: 1 } },
      date: new Date(0),
    });
    expect(context).toMatchObject({
      text: 'as "it" is',
      number: '1.5',
      flag: 'false',
      nothing: 'null',
      object: '{"a":{"b":1}}',
      date: '"1970-01-01T00:00:00.000Z"',
    });
    expect(context.error).toMatch(/^RangeError: far\n {4}at /);
    expect(JSON.parse(context.list!)).toEqual([1, 'two', null, expect.stringMatching(/^Error: in a list\n/)]);
    expect(context).not.toHaveProperty('missing');
  });

  it('that JSON cannot hold comes through or becomes a short marker', async () => {
    const circular: Record<string, unknown> = { a: 1 };
    circular.self = circular;
    let deep: unknown[] = [];
    for (let depth = 0; depth < 10_000; depth++) deep = [deep];
    const context = await receivedContext({
      circular,
      deep,
      bigint: 12345678901234567890n,
      nested: { bigint: 1n, map: new Map([['k', new Set([1])]]), pairs: new Map([[{}, 1]]) },
      buffer: Buffer.from('abc'),
      symbol: Symbol('s'),
      function: function named() {},
      thrower: {
        get a(): never {
          throw new Error('no a');
        },
        b: 2,
      },
      toJson: { toJSON: () => ({ x: 1 }) },
      badJson: {
        toJSON: () => {
          throw new Error('no json');
        },
      },
      nan: Number.NaN,
      proxy: new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('no keys');
          },
        },
      ),
      bare: Object.assign(Object.create(null), { a: 1 }),
      invalid: new Date(Number.NaN),
      surrogate: '\ud800',
    });
    expect(context).toMatchObject({
      circular: '{"a":1,"self":"[Circular]"}',
      bigint: '12345678901234567890',
      nested: '{"bigint":"1","map":{"k":[1]},"pairs":[[{},1]]}',
      buffer: '"[Buffer: 3 bytes]"',
      symbol: '"Symbol(s)"',
      function: '"[Function: named]"',
      thrower: '{"a":"[Thrown: no a]","b":2}',
      toJson: '{"x":1}',
      badJson: '"[Thrown: no json]"',
      nan: 'NaN',
      proxy: '"[Thrown: no keys]"',
      bare: '{"a":1}',
      invalid: 'null',
      surrogate: '\ud800',
    });
    expect(context.deep?.length).toBeLessThan(500);
  });

  it('under a key with a trick stays a value', async () => {
    const meta = JSON.parse(
      '{"__proto__":{"polluted":true},"constructor":"c","toString":"t","hasOwnProperty":1}',
    );
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    logger.log(Object.assign(JSON.parse('{"__proto__":"own"}'), { level: 'info', message: 'one', ...meta }));
    await transport.flush();
    expect(receiver.requests[0]?.body).toContain('"__proto__":"{\\"polluted\\":true}"');
    expect(receiver.requests[0]?.body).toContain('"constructor":"c"');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('of a record that itself is hostile becomes a marker', async () => {
    const events = await received((logger) => {
      logger.write({
        level: 'info',
        [Symbol.for('level')]: 'info',
        get message(): string {
          throw new Error('no message');
        },
        get bad(): string {
          throw new Error('no bad');
        },
        good: 1,
      });
      logger.write(Object.assign(Object.create({ inherited: 1 }), { level: 'info', message: 'two' }));
    });
    expect(events.map(({ metadata }) => metadata)).toEqual([
      { message: '[Thrown: no message]', level: 'INFO', context: { bad: '[Thrown: no bad]', good: '1' } },
      { message: 'two', level: 'INFO', context: {} },
    ]);
  });

  it('that refers to itself many times over stalls nothing', async () => {
    let bomb: unknown = 'x'.repeat(100);
    for (let depth = 0; depth < 60; depth++) bomb = [bomb, bomb, bomb];
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    expect(cpuMs(() => void logger.info('bomb', { bomb }))).toBeLessThan(5000);
    await transport.flush({ timeoutMs: 30_000 });
    expect(statusOf(transport)).toMatchObject({ delivered: 1 });
  });
});

describe('a message', () => {
  it.each([
    [undefined, ''],
    [null, 'null'],
    [5, '5'],
    [{ a: 1 }, '{"a":1}'],
    ['', ''],
  ])('that is %j is sent as text', async (message, expected) => {
    const [event] = await received((logger) => logger.log({ level: 'info', message: message as string }));
    expect(event?.metadata.message).toBe(expected);
  });
});

it.each([
  [
    'a message that answers no question',
    {
      message: new Proxy(
        {},
        {
          getPrototypeOf: () => {
            throw new Error('no');
          },
        },
      ),
    },
  ],
  [
    'an error whose stack throws',
    {
      message: Object.defineProperty(new Error('broken'), 'stack', {
        get: () => {
          throw new Error('no');
        },
      }),
    },
  ],
  [
    'an error whose message is no text',
    {
      message: Object.assign(new Error(), {
        message: {
          toString: () => {
            throw new Error('no');
          },
        },
      }),
    },
  ],
])('%s leaves a record all the same', async (_name, record) => {
  const receiver = await startReceiver();
  const { transport } = createTestTransport([quickTarget(receiver.address)]);
  transport.write({ level: 'error', ...record });
  await transport.flush();
  expect(statusOf(transport)).toMatchObject({ delivered: 1, dropped: {} });
});
