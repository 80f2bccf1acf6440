/** What listeners of reports and warnings log reaches the other transports of the logger, and never comes back as an event. */

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import winston from 'winston';
import TransportStream from 'winston-transport';
import { EventTransport } from '../../src/index.js';
import { startReceiver } from '../helpers/receiver.js';
import { eventually } from '../helpers/spool.js';
import { createTestTransport, quickTarget } from '../helpers/transport.js';

/** Takes one record a millisecond, and so holds up its logger. */
class SlowTransport extends TransportStream {
  readonly messages: unknown[] = [];

  override log(info: { message: unknown }, next: () => void): void {
    void sleep(1).then(() => {
      this.messages.push(info.message);
      next();
    });
  }
}

const formats = {
  'that passes it on': winston.format((info) => info)(),
  'that makes a copy': winston.format((info) => ({ ...info }))(),
  'that is winston’s own': winston.format.combine(
    winston.format.errors({ stack: true }),
    winston.format.splat(),
    winston.format.json(),
  ),
};

/** Its message is a key that copies have, too. */
function errorOf(message: string): Error {
  return Object.assign(new Error(), { message });
}

async function startBesideSlow(format: winston.Logform.Format) {
  const receiver = await startReceiver();
  const slow = new SlowTransport({ highWaterMark: 1 } as object);
  const { transport, logger } = createTestTransport([quickTarget(receiver.address)], {}, { format });
  logger.add(slow);
  return { receiver, slow, transport, logger };
}

describe.each(Object.entries(formats))('beside a slow transport and with a format %s', (_name, format) => {
  it.each<[string, (logger: winston.Logger, text: string) => void]>([
    ['a text', (logger, text) => logger.info(text)],
    ['a text with metadata', (logger, text) => logger.warn(text, { reported: true })],
    ['an object', (logger, text) => logger.log({ level: 'info', message: text })],
    ['an error', (logger, text) => logger.error(errorOf(text))],
    ['a text on a child', (logger, text) => logger.child({ child: true }).info(text)],
  ])('a listener that logs %s makes no loop', async (_kind, log) => {
    const { receiver, slow, transport, logger } = await startBesideSlow(format);
    transport.on('report', ({ type }) => log(logger, `report ${type}`));
    const expected = Array.from({ length: 60 }, (_, index) => String(index));
    for (const text of expected) logger.info(text);
    const echoes = () => slow.messages.filter((message) => String(message).startsWith('report')).length;
    await eventually(() => expect(echoes()).toBeGreaterThan(0));
    await eventually(() => expect(receiver.names()).toHaveLength(expected.length));
    // What a loop would have sent meanwhile.
    logger.info('last');
    await eventually(() => expect(slow.messages).toContain('last'));
    await eventually(() => expect(receiver.names()).toContain('last'));
    expect(receiver.names()).toEqual([...expected, 'last']);
  });
});

it.each([
  ['', false],
  [', beside a slow one', true],
])(
  'two transports of a logger whose listeners log do not feed each other for ever%s',
  async (_beside, isSlow) => {
    const [one, two, fence] = [await startReceiver(), await startReceiver(), await startReceiver()];
    const { transport, logger } = createTestTransport([quickTarget(one.address)]);
    const other = new EventTransport({ targets: [quickTarget(two.address)] });
    onTestFinished(() => void other.destroy());
    logger.add(other);
    if (isSlow) logger.add(new SlowTransport({ highWaterMark: 1 } as object));
    transport.on('report', ({ type }) => logger.info(`one: ${type}`));
    other.on('report', ({ type }) => logger.info(`two: ${type}`));
    for (let index = 0; index < 20; index++) logger.info(String(index));
    const told = () =>
      [one, two].flatMap((receiver) => receiver.names()).filter((name) => name.includes(':')).length;
    // Each hears of what is in the other's way, all the same.
    await eventually(() => expect(told()).toBeGreaterThan(0));
    await untilQuiet(told, fence.address);
  },
);

it('transports in a ring, each of whose listeners logs to the next one’s logger, do not go round for ever', async () => {
  const [receiver, fence] = [await startReceiver(), await startReceiver()];
  const ring = ['one', 'two', 'three', 'four'].map((name) => ({
    name,
    ...createTestTransport([quickTarget(receiver.address)]),
  }));
  for (const [index, { name, transport }] of ring.entries()) {
    const { logger } = ring[(index + 1) % ring.length]!;
    transport.on('report', ({ type }) => logger.info(`${name}: ${type}`));
  }
  ring[0]!.logger.info('first');
  await eventually(() => expect(receiver.names().join()).toContain('three: '));
  await untilQuiet(() => receiver.names().length, fence.address);
  expect(receiver.names().join()).not.toContain('four: ');
});

it('an object that a listener logs and the service logs too is an event', async () => {
  const { receiver, slow, transport, logger } = await startBesideSlow(formats['that makes a copy']);
  const shared = errorOf('shared');
  transport.once('report', () => logger.error(shared));
  for (let index = 0; index < 40; index++) logger.info(String(index));
  await eventually(() => expect(slow.messages).toContain('shared'));
  // The next report finds nothing on its way any more.
  logger.info('next');
  await transport.flush();
  await eventually(() => expect(receiver.names()).toContain('next'));
  logger.error(shared);
  await eventually(() => expect(receiver.names()).toContain('shared'));
});

it('a logger has its own `write` only while a listener runs', async () => {
  const receiver = await startReceiver();
  const { transport, logger, report } = createTestTransport([quickTarget(receiver.address)]);
  const during: boolean[] = [];
  transport.on('report', () => during.push(Object.hasOwn(logger, 'write')));
  logger.info('one');
  await report('batchDelivered');
  expect(during).toContain(true);
  expect(Object.hasOwn(logger, 'write')).toBe(false);
});

it('a listener that throws, on transport or logger, ends nothing', async () => {
  const receiver = await startReceiver();
  const { transport, logger, warnings } = createTestTransport([quickTarget(receiver.address)]);
  transport.on('report', () => {
    throw new Error('listener');
  });
  logger.on('warn', () => {
    throw new Error('another');
  });
  logger.info('one');
  await eventually(() => expect(warnings).toMatchObject([{ code: 'LISTENER_FAILED' }]));
  expect(Object.hasOwn(logger, 'write')).toBe(false);
  logger.info('two');
  await transport.flush();
  expect(receiver.names()).toEqual(['one', 'two']);
});

/** Resolves once nothing is told while another transport, at `address`, goes to and fro sixty times. */
async function untilQuiet(told: () => number, address: string): Promise<void> {
  const elsewhere = createTestTransport([quickTarget(address)]);
  const toldInAWhile = async () => {
    const before = told();
    for (let turn = 0; turn < 60; turn++) {
      elsewhere.logger.info(String(turn));
      await elsewhere.transport.flush();
    }
    return told() - before;
  };
  await expect.poll(toldInAWhile, { interval: 0 }).toBe(0);
}
