/** Plain JSON: what a service logged is what arrives. */

import { describe, expect, it } from 'vitest';
import winston from 'winston';
import { type Received, startReceiver } from '../helpers/receiver.js';
import { createTestTransport, quickTarget } from '../helpers/transport.js';

const json = { event_format: 'json' } as const;
const linesOf = ({ body }: Received) =>
  body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('a record', () => {
  it("arrives as it was logged, with the types of its values and with Winston's own level", async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address, json)]);
    const time = '2026-01-02T03:04:05.678Z';
    const error = new Error('no');
    logger.log('verbose', 'm', {
      timestamp: time,
      dur: 12,
      ok: true,
      none: null,
      text: '12',
      json: '{"a":1}',
      nested: { a: [1, { b: 'c' }] },
      date: new Date(0),
      big: 12n,
      nan: Number.NaN,
      infinite: -Infinity,
      map: new Map([['a', 1]]),
      error,
      missing: undefined,
    });
    await transport.flush();
    expect(JSON.parse(receiver.requests[0]?.body ?? '')).toEqual([
      {
        timestamp: time,
        level: 'verbose',
        message: 'm',
        dur: 12,
        ok: true,
        none: null,
        text: '12',
        json: '{"a":1}',
        nested: { a: [1, { b: 'c' }] },
        date: '1970-01-01T00:00:00.000Z',
        big: '12',
        nan: null,
        infinite: null,
        map: { a: 1 },
        error: error.stack,
      },
    ]);
  });

  it('has the level that it was logged with, whatever formats and levels there are', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport(
      [quickTarget(receiver.address, json)],
      {},
      {
        levels: { emerg: 0, notice: 1, chatty: 2 },
        level: 'chatty',
        format: winston.format.colorize({ colors: { emerg: 'red', notice: 'blue', chatty: 'gray' } }),
      },
    );
    logger.log('emerg', 'a');
    logger.log('chatty', 'b');
    await transport.flush();
    expect(JSON.parse(receiver.requests[0]?.body ?? '').map(({ level }: { level: string }) => level)).toEqual(
      ['emerg', 'chatty'],
    );
  });

  it('keeps its own keys where static fields, the time or the location have their names', async () => {
    const receiver = await startReceiver();
    const options = { fields: { service: 'svc', dur: 1, tags: ['a'], message: 'x' }, timestamp: 'dt' };
    const { transport, logger } = createTestTransport(
      [quickTarget(receiver.address, { ...json, format_options: options })],
      { location: 'n1' },
    );
    logger.info('m', { dur: 12, dt: 'mine', location: 'here', timestamp: 'no date' });
    await transport.flush();
    expect(JSON.parse(receiver.requests[0]?.body ?? '')).toEqual([
      {
        dt: expect.stringMatching(/^\d{4}-.*Z$/),
        level: 'info',
        message: 'm',
        dur: 12,
        dt_: 'mine',
        location: 'here',
        location_: 'n1',
        timestamp: 'no date',
        service: 'svc',
        tags: ['a'],
      },
    ]);
  });

  it('whose values turn hostile is still JSON', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address, json)]);
    let reads = 0;
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    logger.info({
      message: 'm',
      circular,
      get moody() {
        return reads++ % 2 === 0 ? 'text' : { a: 1 };
      },
      get thrown() {
        throw new Error('no');
      },
      __proto__: null,
    } as never);
    await transport.flush();
    const [event] = JSON.parse(receiver.requests[0]?.body ?? '');
    expect(event).toMatchObject({ message: 'm', circular: { self: '[Circular]' }, thrown: '[Thrown: no]' });
    expect(['text', { a: 1 }]).toContainEqual(event.moody);
  });

  it('that is cut down to size is still JSON, its whole values of their types', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([
      quickTarget(receiver.address, { ...json, batch_bytes: 600 }),
    ]);
    logger.info('m', { dur: 12, list: Array.from({ length: 1000 }, (_, index) => index), later: 13 });
    await transport.flush();
    const [event] = JSON.parse(receiver.requests[0]?.body ?? '');
    expect(event).toMatchObject({ message: 'm', dur: 12, truncated: expect.any(Number) });
    expect(event.list).toMatch(/^\[0,1,2/);
  });

  it('keeps its types beside targets of other formats, which get texts', async () => {
    const [one, two] = [await startReceiver(), await startReceiver()];
    const { transport, logger } = createTestTransport([
      quickTarget(one.address, { name: 'one', ...json }),
      quickTarget(two.address, { name: 'two' }),
    ]);
    logger.info('m', { dur: 12 });
    await transport.flush();
    expect(JSON.parse(one.requests[0]?.body ?? '')).toMatchObject([{ dur: 12 }]);
    expect(two.events()[0]?.metadata.context).toEqual({ dur: '12' });
    transport.reload([quickTarget(two.address, { name: 'two', ...json })]);
    logger.info('m', { dur: 13 });
    await transport.flush();
    expect(JSON.parse(two.requests[1]?.body ?? '')).toMatchObject([{ dur: 13 }]);
  });
});

it.each([
  ['array', 'application/json'],
  ['ndjson', 'application/x-ndjson'],
  ['single', 'application/json'],
] as const)(
  'lifecycle and operation events have a type and their own keys, as %s',
  async (body_format, contentType) => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport(
      [quickTarget(receiver.address, { ...json, body_format, scopes: ['lifecycle', 'operation'] })],
      { location: 'n1' },
    );
    await logger.lifecycle('a', {
      entities: '/1.0/a',
      metadata: { b: [1] },
      outcome: 'failure',
      project: 'p',
    });
    logger.operation({ description: 'd', project: 'p' });
    await transport.flush();
    expect(receiver.requests.every(({ headers }) => headers['content-type'] === contentType)).toBe(true);
    const events = receiver.requests.flatMap(linesOf).flat();
    expect(events[0]).toEqual({
      timestamp: expect.any(String),
      type: 'lifecycle',
      action: 'a',
      entities: ['/1.0/a'],
      metadata: { b: [1] },
      project: 'p',
      outcome: 'failure',
      location: 'n1',
    });
    expect(events[1]).toMatchObject({
      type: 'operation',
      description: 'd',
      status: 'Running',
      project: 'p',
      location: 'n1',
    });
  },
);
