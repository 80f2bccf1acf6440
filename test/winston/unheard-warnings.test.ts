/** Who hears a warning: listeners on the transport and on all its loggers, else whoever watches the process. */

import { describe, expect, it, onTestFinished } from 'vitest';
import winston from 'winston';
import { EventTransport, type LogTarget } from '../../src/index.js';
import { collectProcessWarnings } from '../helpers/process-warnings.js';
import { freePort, startReceiver } from '../helpers/receiver.js';
import { eventually } from '../helpers/spool.js';
import { quickTarget } from '../helpers/transport.js';

const format = winston.format((info) => info)();

/** A transport that nobody listens to, on so many loggers. */
function createUnheard(target: LogTarget, loggers = 1) {
  const transport = new EventTransport({ targets: [target] });
  onTestFinished(() => void transport.destroy());
  const all = Array.from({ length: loggers }, () =>
    winston.createLogger({ format, transports: [transport] }),
  );
  return { transport, loggers: all, logger: all[0] as winston.Logger };
}

describe('a warning that nobody listens for', () => {
  it('is one of the process, with the code and what to do', async () => {
    const warnings = collectProcessWarnings();
    const { logger } = createUnheard(quickTarget(`http://127.0.0.1:${await freePort()}`, { retry_count: 1 }));
    logger.error('one');
    await eventually(() => expect(warnings).toHaveLength(1));
    expect(warnings[0]).toMatchObject({ name: 'LogTargetsWarning', code: 'TARGET_DOWN' });
    expect(warnings[0]?.message).toMatch(/^Log target `siem` is down \(ECONNREFUSED: /);
  });

  it('is given once a minute, as any other', async () => {
    const warnings = collectProcessWarnings();
    const receiver = await startReceiver(401);
    const { transport, logger } = createUnheard(quickTarget(receiver.address, { name: 'often' }));
    const downs = () => warnings.filter(({ message }) => message.startsWith('Log target `often` is down'));
    logger.error('one');
    await eventually(() => expect(downs()).toHaveLength(1));
    receiver.answer = 200;
    await transport.flush();
    receiver.answer = 401;
    logger.error('two');
    await eventually(() => expect(transport.status().targets[0]?.state).toBe('down'));
    expect(downs()).toHaveLength(1);
  });
});

describe('a warning that somebody listens for', () => {
  it.each([
    ['the transport', 1, (transport: EventTransport) => transport],
    ['its logger', 1, (_transport: EventTransport, loggers: winston.Logger[]) => loggers[0]],
    ['the first of its loggers', 3, (_transport: EventTransport, loggers: winston.Logger[]) => loggers[0]],
    ['the last of its loggers', 3, (_transport: EventTransport, loggers: winston.Logger[]) => loggers[2]],
    ['a child', 1, (_transport: EventTransport, loggers: winston.Logger[]) => loggers[0]?.child({ a: 1 })],
  ])('on %s is heard there, once, and not printed', async (_name, count, choose) => {
    const printed = collectProcessWarnings();
    const receiver = await startReceiver(401);
    const { transport, loggers, logger } = createUnheard(quickTarget(receiver.address), count);
    const heard: Error[] = [];
    choose(transport, loggers)?.on('warn', (warning: Error) => heard.push(warning));
    logger.error('one');
    await eventually(() => expect(transport.status().targets[0]?.state).toBe('down'));
    await eventually(() => expect(heard).toMatchObject([{ code: 'TARGET_DOWN' }]));
    expect(printed).toEqual([]);
  });

  it('on a logger that was removed is printed', async () => {
    const printed = collectProcessWarnings();
    const receiver = await startReceiver(401);
    const { transport, loggers } = createUnheard(quickTarget(receiver.address), 2);
    const [first, second] = loggers as [winston.Logger, winston.Logger];
    first.on('warn', () => {});
    first.remove(transport);
    second.error('one');
    await eventually(() => expect(printed).toMatchObject([{ name: 'LogTargetsWarning' }]));
  });
});

describe('records that are all below the level of the targets', () => {
  const belowLevel = (warnings: readonly object[]) =>
    warnings.filter((warning) => 'code' in warning && warning.code === 'BELOW_LEVEL');

  /** Has a transport take two records of the level `info`. */
  async function logTo(target: Partial<LogTarget>, use?: (transport: EventTransport) => unknown) {
    const receiver = await startReceiver();
    const transport = new EventTransport({
      targets: [{ name: 'siem', address: receiver.address, ...target }],
    });
    onTestFinished(() => void transport.destroy());
    const warnings: Error[] = [];
    transport.on('warn', (warning) => warnings.push(warning));
    const logger = winston.createLogger({ level: 'silly', format, transports: [transport] });
    await use?.(transport);
    logger.info('one');
    logger.info('two');
    await transport.flush();
    await transport.flush();
    return belowLevel(warnings);
  }

  it('are told of once, where nobody has chosen the level', async () => {
    expect(await logTo({})).toMatchObject([
      {
        message: expect.stringMatching(/^All 2 log records were below the level of the log targets \(WARN\)/),
      },
    ]);
    expect(await logTo({ level: null })).toHaveLength(1);
    expect(
      await logTo({ level: 'WARN' }, (transport) => transport.reload([{ name: 'a', address: 'http://a' }])),
    ).toHaveLength(1);
  });

  it.each<[string, Partial<LogTarget>, ((transport: EventTransport) => unknown)?]>([
    ['somebody has chosen the level', { level: 'WARN' }],
    ['the target wants no log records', { scopes: ['lifecycle'] }],
    ['something was accepted', {}, (transport) => transport.lifecycle('done')],
    [
      'something was accepted that is not handed on yet',
      {},
      (transport) => transport.write({ level: 'error', message: 'm' }),
    ],
    [
      'nothing gets past the transport’s own level',
      {},
      (transport) => {
        transport.level = 'error';
      },
    ],
  ])('are not told of when %s', async (_name, target, use) => {
    expect(await logTo(target, use)).toEqual([]);
  });
});
