/** The transport among loggers: sharing, overload, reports, warnings, and what it must never do. */

import { once } from 'node:events';
import { setImmediate as immediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import winston from 'winston';
import TransportStream from 'winston-transport';
import { EventTransport, LogTargetsError, type Report } from '../../src/index.js';
import { collectProcessWarnings } from '../helpers/process-warnings.js';
import { freePort, startReceiver } from '../helpers/receiver.js';
import { createTestTransport, expectConservation, quickTarget, statusOf } from '../helpers/transport.js';

/** A sibling that keeps what it gets. */
class Collector extends TransportStream {
  readonly messages: string[] = [];

  override log(info: { message: string }, next: () => void): void {
    this.messages.push(info.message);
    next();
  }
}

describe('several loggers', () => {
  it('may share a transport, without a MaxListeners warning, which closes when the last lets go', async () => {
    const warnings = collectProcessWarnings();
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    const loggers = [
      logger,
      ...Array.from({ length: 30 }, () => winston.createLogger({ transports: [transport] })),
    ];
    loggers.forEach((each, index) => void each.info(String(index)));
    const many = winston.createLogger({ transports: Array.from({ length: 12 }, () => new EventTransport()) });
    many.info('one');
    await immediate();
    expect(warnings).toEqual([]);
    const finished = once(transport, 'finish');
    for (const each of loggers) each.remove(transport);
    await finished;
    expect(receiver.names()).toEqual(loggers.map((_, index) => String(index)));
  });

  it('end one by one: each finishes after delivery, and the others go on', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address, { batch_wait: '1h' })]);
    const other = winston.createLogger({ transports: [transport] });
    logger.error('one');
    const finished = once(logger, 'finish');
    logger.end();
    await finished;
    expect(receiver.names()).toEqual(['one']);
    other.error('two');
    const otherFinished = once(other, 'finish');
    other.end();
    await otherFinished;
    expect(receiver.names()).toEqual(['one', 'two']);
  });

  it('ending at the same time all finish', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    const loggers = [
      logger,
      ...Array.from({ length: 3 }, () => winston.createLogger({ transports: [transport] })),
    ];
    for (const each of loggers) each.error('one');
    const finished = loggers.map((each) => once(each, 'finish'));
    for (const each of loggers) each.end();
    await Promise.all(finished);
    expect(receiver.names()).toHaveLength(4);
  });
});

describe('closing', () => {
  it('logger.end() emits finish after delivery', async () => {
    const receiver = await startReceiver();
    const { logger } = createTestTransport([quickTarget(receiver.address, { batch_wait: '1h' })], {
      shutdownTimeoutMs: 5000,
    });
    for (let index = 0; index < 100; index++) logger.error(String(index));
    const finished = once(logger, 'finish');
    logger.end();
    await finished;
    expect(receiver.names()).toHaveLength(100);
  });

  it.each(['close', 'end'] as const)('transport.%s() delivers too', async (method) => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)], {
      shutdownTimeoutMs: 5000,
    });
    logger.error('one');
    const finished = once(transport, 'finish');
    transport[method]();
    await finished;
    expect(receiver.names()).toEqual(['one']);
  });

  it('logger.close() delivers too', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)], {
      shutdownTimeoutMs: 5000,
    });
    logger.error('one');
    const finished = once(transport, 'finish');
    logger.close();
    await finished;
    expect(receiver.names()).toEqual(['one']);
  });

  it('delivers to a receiver that is back within shutdownTimeoutMs, however long retry_timeout is', async () => {
    const receiver = await startReceiver(503);
    const target = quickTarget(receiver.address, { retry_timeout: '1h', retry_count: 1 });
    const { transport, logger, report } = createTestTransport([target], { shutdownTimeoutMs: 10_000 });
    logger.error('one');
    await report('targetDown');
    const finished = once(transport, 'finish');
    transport.end();
    await receiver.untilRequests(2);
    receiver.answer = 200;
    await finished;
    expect(receiver.names()).toEqual(['one']);
  });

  it.each([
    ['a dead', 503],
    ['a hanging', () => {}],
  ] as const)(
    'costs at most shutdownTimeoutMs with %s target; what is left is dropped as shutdown',
    async (_kind, answer) => {
      const receiver = await startReceiver(answer);
      const { transport, logger, report } = createTestTransport([quickTarget(receiver.address)], {
        shutdownTimeoutMs: 300,
      });
      logger.error('one');
      logger.error('two');
      // Timers that are due at the same time fire in their order: this one is too late on slow machines, too.
      let isLate = false;
      const late = setTimeout(() => {
        isLate = true;
      }, 5000);
      onTestFinished(() => clearTimeout(late));
      const finished = once(transport, 'finish');
      transport.end();
      await finished;
      expect(isLate).toBe(false);
      expect(await report('eventsDropped')).toMatchObject({ events: 2, reason: 'shutdown' });
      expect(statusOf(transport)).toMatchObject({ pending: { events: 0 }, dropped: { shutdown: 2 } });
    },
  );

  it('does not wait for a target that turns out to be disabled meanwhile', async () => {
    const receiver = await startReceiver(410);
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)], {
      shutdownTimeoutMs: 60_000,
    });
    logger.error('one');
    const finished = once(transport, 'finish');
    transport.end();
    await finished;
    expect(statusOf(transport)).toMatchObject({ dropped: { shutdown: 1 }, lastError: { code: 'HTTP_410' } });
  });

  it('keeps the error that a target had, not that of being closed', async () => {
    let count = 0;
    const receiver = await startReceiver((_request, response) => {
      if (count++ === 0) response.writeHead(503).end();
    });
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)], {
      shutdownTimeoutMs: 100,
    });
    logger.error('one');
    await receiver.untilRequests(2);
    transport.end();
    await once(transport, 'finish');
    await immediate();
    expect(statusOf(transport).lastError?.code).toBe('HTTP_503');
  });

  it('does not wait for a target that is disabled', async () => {
    const receiver = await startReceiver(410);
    const { transport, logger, report } = createTestTransport([quickTarget(receiver.address)], {
      shutdownTimeoutMs: 60_000,
    });
    logger.error('one');
    await report('targetDisabled');
    const finished = once(transport, 'finish');
    transport.end();
    await finished;
    expect(statusOf(transport).dropped).toEqual({ shutdown: 1 });
  });

  it('counts what is logged afterwards, without an error event', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    transport.end();
    await once(transport, 'finish');
    logger.add(transport);
    logger.error('late');
    transport.write({ level: 'error', message: 'later', [Symbol.for('level')]: 'error' });
    transport.write(null);
    expect(statusOf(transport)).toMatchObject({ accepted: 2, dropped: { shutdown: 2 } });
  });

  it('stays closed, whatever is reloaded then', async () => {
    const receiver = await startReceiver();
    const { transport } = createTestTransport([quickTarget(receiver.address)]);
    transport.end();
    await once(transport, 'finish');
    transport.reload([
      quickTarget(receiver.address, { level: 'INFO' }),
      quickTarget(receiver.address, { name: 'new' }),
    ]);
    expect(await transport.lifecycle('late')).toMatchObject({
      queued: [],
      dropped: [
        { target: 'siem', reason: 'shutdown' },
        { target: 'new', reason: 'shutdown' },
      ],
    });
    expect(receiver.requests).toHaveLength(0);
  });

  it('by destroy() drops what is pending, and emits no error', async () => {
    const receiver = await startReceiver(() => {});
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    logger.error('one');
    await receiver.untilRequests(1);
    transport.destroy(new Error('mine'));
    expect(statusOf(transport).dropped).toEqual({ shutdown: 1 });
    await immediate();
  });
});

describe('a full queue', () => {
  it('drops the oldest logging events first, lifecycle events last, and counts every one', async () => {
    const port = await freePort();
    const target = quickTarget(`http://127.0.0.1:${port}/`, { retry_timeout: '1h', batch_size: 1 });
    const { transport, logger, report } = createTestTransport([target], { memory: { maxEvents: 10 } });
    logger.error('in flight');
    await report('batchRetried');
    for (let index = 0; index < 5; index++) await logger.lifecycle(`audit${index}`);
    for (let index = 0; index < 20; index++) logger.error(`log${index}`);
    await immediate();
    expect(statusOf(transport)).toMatchObject({
      accepted: 26,
      pending: { events: 10 },
      dropped: { 'queue-full': 16 },
    });
    for (let index = 5; index < 12; index++) await logger.lifecycle(`audit${index}`);
    logger.error('no room');
    expect(statusOf(transport)).toMatchObject({
      accepted: 34,
      pending: { events: 10 },
      dropped: { 'queue-full': 24 },
    });
    const receiver = await startReceiver(200, undefined, port);
    transport.reload([{ ...target, level: 'INFO' }]);
    await transport.flush({ timeoutMs: 30_000 });
    const audits = Array.from({ length: 9 }, (_, index) => `audit${index + 3}`);
    expect(receiver.names()).toEqual(['in flight', ...audits]);
  });

  it('is bounded by bytes too', async () => {
    const port = await freePort();
    const { transport, logger } = createTestTransport([quickTarget(`http://127.0.0.1:${port}/`)], {
      memory: { maxBytes: 10_000 },
    });
    for (let index = 0; index < 100; index++) logger.error('x'.repeat(500));
    const { pending, dropped } = statusOf(transport);
    expect(pending.bytes).toBeLessThanOrEqual(10_000);
    expect(pending.events).toBeGreaterThan(10);
    expect(dropped['queue-full']).toBe(100 - pending.events);
  });

  it('is reported together and warned of once', async () => {
    const port = await freePort();
    const { logger, reports, warnings, report } = createTestTransport(
      [quickTarget(`http://127.0.0.1:${port}/`, { retry_timeout: '1h' })],
      { memory: { maxEvents: 10 } },
    );
    for (let index = 0; index < 1010; index++) logger.error('x');
    expect(await report('eventsDropped')).toMatchObject({ events: 1000, reason: 'queue-full' });
    for (let index = 0; index < 10; index++) {
      logger.error('x');
      await immediate();
    }
    expect(reports.filter(({ type }) => type === 'eventsDropped').length).toBeGreaterThan(1);
    expect(warnings.filter((warning) => (warning as LogTargetsError).code === 'EVENTS_DROPPED')).toHaveLength(
      1,
    );
  });
});

it('10,000 records with a dead, a hanging and a live target beside another transport: nobody waits', async () => {
  const rejections: unknown[] = [];
  const note = (reason: unknown) => rejections.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const live = await startReceiver();
  const hanging = await startReceiver(() => {});
  const collector = new Collector();
  const { transport, logger } = createTestTransport([
    quickTarget(`http://127.0.0.1:${await freePort()}/`, { name: 'dead' }),
    quickTarget(hanging.address, { name: 'hanging' }),
    quickTarget(live.address, { name: 'live' }),
  ]);
  logger.add(collector);
  const expected = Array.from({ length: 10_000 }, (_, index) => String(index));
  for (const message of expected) logger.info(message);
  await immediate();
  expect(collector.messages).toEqual(expected);
  await live.until(() => live.names().length === 10_000);
  expect(live.names()).toEqual(expected);
  expect(hanging.requests.length).toBeLessThanOrEqual(1);
  expect(rejections).toEqual([]);
  expectConservation(transport);
});

describe('reports and warnings', () => {
  it('tell of a target that goes down and comes up', async () => {
    const receiver = await startReceiver(503);
    const { logger, report, warnings } = createTestTransport([
      quickTarget(receiver.address, { retry_count: 1 }),
    ]);
    logger.on('warn', () => {});
    const reemitted = once(logger, 'warn');
    logger.error('one');
    const [warning] = await reemitted;
    expect(warnings).toContain(warning);
    expect(warning).toBeInstanceOf(LogTargetsError);
    expect(warning).toMatchObject({ code: 'TARGET_DOWN', message: expect.stringContaining('HTTP_503') });
    receiver.answer = 200;
    await report('targetUp');
    expect(await report('batchDelivered')).toMatchObject({ target: 'siem', events: 1, status: 200 });
  });

  it('are never fed back, though a listener logs them', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    const collector = new Collector();
    logger.add(collector);
    transport.on('report', (report: Report) => void logger.error(report.type));
    logger.error('one');
    await transport.flush();
    await immediate();
    expect(receiver.names()).toEqual(['one']);
    expect(collector.messages).toContain('batchDelivered');
  });

  it('survive listeners that throw', async () => {
    const receiver = await startReceiver();
    const { transport, logger, warnings } = createTestTransport([quickTarget(receiver.address)]);
    transport.on('report', () => {
      throw new Error('bad listener');
    });
    transport.on('warn', () => {
      throw new Error('worse listener');
    });
    logger.error('one');
    expect((await transport.flush()).delivered).toBe(true);
    await immediate();
    expect(warnings.map((warning) => (warning as LogTargetsError).code)).toEqual(['LISTENER_FAILED']);
    expect(warnings[0]?.message).toContain('bad listener');
  });

  it('show no secret', async () => {
    const canary = 'c4n4ry';
    const receiver = await startReceiver(401);
    const { transport, logger, report, reports, warnings } = createTestTransport([
      quickTarget(`${receiver.address}?token=${canary}`, {
        username: 'u',
        password: canary,
        headers: { 'x-key': canary },
      }),
      quickTarget(receiver.address, { name: 'b', bearer_token: canary }),
    ]);
    logger.error('one');
    await report('targetDown');
    const ping = await transport.ping('siem');
    expect(() =>
      transport.reload([{ ...quickTarget(`http://u:${canary}@x/`), bearer_token: `${canary}\n` }]),
    ).toThrow();
    await report('reloadRejected');
    expect(receiver.requests[0]?.headers.authorization ?? '').not.toBe('');
    const everything = JSON.stringify([transport.status(), ping, reports, warnings.map(String)]);
    expect(everything).not.toContain(canary);
  });
});

describe('ping', () => {
  it('sends a marked event now, past the queue, and counts nothing', async () => {
    const receiver = await startReceiver();
    const { transport } = createTestTransport([
      quickTarget(receiver.address, { signing_secrets: [`whsec_${Buffer.alloc(24).toString('base64')}`] }),
    ]);
    const ms = expect.any(Number);
    const timings = { dnsMs: ms, tcpMs: ms, tlsMs: 0, firstByteMs: ms };
    expect(await transport.ping('siem')).toEqual({ ok: true, status: 200, ms, timings });
    expect(receiver.requests[0]?.headers['webhook-id']).toMatch(/^ping_/);
    expect(receiver.requests[0]?.headers['webhook-signature']).toMatch(/^v1,/);
    expect(receiver.events()[0]?.metadata.context).toEqual({ ping: 'true' });
    expect(statusOf(transport)).toMatchObject({ accepted: 0, attempts: 0, delivered: 0 });
  });

  it.each([401, 503, 302])('says what the receiver answered, whatever the state: %i', async (status) => {
    const receiver = await startReceiver(status);
    const { transport } = createTestTransport([quickTarget(receiver.address, { enabled: false })]);
    expect(await transport.ping('siem')).toMatchObject({
      ok: false,
      status,
      error: { code: `HTTP_${status}` },
    });
    expect(receiver.requests).toHaveLength(1);
  });

  it('says why there was no answer', async () => {
    const { transport } = createTestTransport([quickTarget(`http://127.0.0.1:${await freePort()}/`)]);
    const result = await transport.ping('siem');
    expect(result).toMatchObject({ ok: false, error: { code: 'ECONNREFUSED' } });
    expect(result).not.toHaveProperty('status');
  });

  it('rejects an unknown name', async () => {
    const { transport } = createTestTransport();
    await expect(transport.ping('nobody')).rejects.toThrow(TypeError);
  });
});

describe('status', () => {
  it('has every field, times in ISO', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(`${receiver.address}?key=1#x`)]);
    logger.error('one');
    expect(statusOf(transport).oldestPendingAt).toMatch(/^\d{4}-.*Z$/);
    await transport.flush();
    expect(transport.status()).toEqual({
      accepted: 1,
      targets: [
        {
          name: 'siem',
          type: 'webhook',
          address: receiver.address,
          state: 'idle',
          accepted: 1,
          recovered: 0,
          delivered: 1,
          pending: { events: 0, bytes: 0 },
          dropped: {},
          dead: 0,
          attempts: 1,
          lastDeliveryAt: expect.stringMatching(/^\d{4}-.*Z$/),
        },
      ],
    });
  });

  it('counts an event once, however many targets take it', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([
      quickTarget(receiver.address, { name: 'a' }),
      quickTarget(receiver.address, { name: 'b' }),
      quickTarget(receiver.address, { name: 'c', level: 'ERROR', scopes: ['logging'] }),
    ]);
    logger.info('one');
    await logger.lifecycle('two');
    await transport.flush();
    expect(transport.status().accepted).toBe(2);
  });
});

describe('flush', () => {
  it('waits for what was accepted before it, not for what comes after', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address, { batch_size: 10 })]);
    for (let index = 0; index < 25; index++) logger.error(String(index));
    const flushed = transport.flush({ timeoutMs: 30_000 });
    const timer = setInterval(() => logger.error('more'), 1);
    expect(await flushed).toEqual({ delivered: true, pending: 0 });
    clearInterval(timer);
    await transport.flush({ timeoutMs: 30_000 });
  });

  it('counts what is still pending when its time is up', async () => {
    const receiver = await startReceiver(503);
    const { transport, logger } = createTestTransport([
      quickTarget(receiver.address, { name: 'a' }),
      quickTarget(receiver.address, { name: 'b' }),
    ]);
    logger.error('one');
    expect(await transport.flush({ timeoutMs: 30 })).toEqual({ delivered: false, pending: 2 });
    expect(await transport.flush({ timeoutMs: 0 })).toEqual({ delivered: false, pending: 2 });
  });

  it('counts what a target that turned out to be disabled still holds', async () => {
    const receiver = await startReceiver(410);
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    logger.error('one');
    process.emit('beforeExit', 0);
    expect(await transport.flush()).toEqual({ delivered: false, pending: 1 });
  });

  it('with nothing to do resolves at once', async () => {
    const receiver = await startReceiver();
    const { transport } = createTestTransport([quickTarget(receiver.address)]);
    expect(await transport.flush({ timeoutMs: 0 })).toEqual({ delivered: true, pending: 0 });
  });
});
