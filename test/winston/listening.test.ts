/** What listening to the event stream changes for a transport: what it takes, and nothing else. */

import { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import winston from 'winston';
import { lxd } from '../../src/catalogs/index.js';
import { EventTransport } from '../../src/index.js';
import { startStream } from '../helpers/event-stream.js';
import { startReceiver } from '../helpers/receiver.js';
import { quickTarget } from '../helpers/transport.js';

describe('a listener to log records', () => {
  it('gets all levels, whatever those of logger and targets; `level` follows it', async () => {
    const receiver = await startReceiver();
    const { transport, logger, listen, report } = await startStream({
      targets: [quickTarget(receiver.address, { level: 'WARN' })],
    });
    logger.level = 'error';
    expect(transport.level).toBe('warn');
    expect(logger.isDebugEnabled()).toBe(false);
    const { webSocket, names, until } = await listen();
    expect(transport.level).toBe('silly');
    expect(logger.isDebugEnabled()).toBe(true);
    for (const level of ['silly', 'debug', 'http', 'info', 'warn', 'error']) logger.log(level, level);
    await until(6);
    expect(names()).toEqual(['silly', 'debug', 'http', 'info', 'warn', 'error']);
    webSocket.close();
    await report('listenerLeft');
    expect(transport.level).toBe('warn');
    await transport.flush();
    expect(receiver.names()).toEqual(['warn', 'error']);
    expect(transport.status()).toMatchObject({ accepted: 2, targets: [{ accepted: 2, delivered: 2 }] });
  });

  it('gets them without any targets, and nobody accounts for them', async () => {
    const { transport, logger, listen } = await startStream();
    const { names, until } = await listen();
    logger.debug('hello');
    expect(await logger.lifecycle('done')).toEqual({ queued: [], durable: false, dropped: [] });
    await until(2);
    expect(names()).toEqual(['hello', 'done']);
    expect(transport.status()).toEqual({ accepted: 0, targets: [] });
    expect(await transport.flush()).toEqual({ delivered: true, pending: 0 });
  });

  it('gets them after a reload too', async () => {
    const receiver = await startReceiver();
    const { transport, logger, listen } = await startStream();
    const { names, until } = await listen();
    logger.debug('one');
    transport.reload([quickTarget(receiver.address, { level: 'ERROR' })]);
    logger.debug('two');
    transport.reload([]);
    logger.debug('three');
    await until(3);
    expect(names()).toEqual(['one', 'two', 'three']);
    expect(transport.level).toBe('silly');
  });

  it('gets no more than the transport’s own `level` lets through', async () => {
    const { transport, logger, listen } = await startStream({ transportOptions: { level: 'warn' } });
    const { names, until } = await listen();
    expect(transport.level).toBe('warn');
    for (const level of ['debug', 'info', 'warn', 'error']) logger.log(level, level);
    await until(2);
    expect(names()).toEqual(['warn', 'error']);
  });

  it('gets what the transport’s own `format` made of them', async () => {
    const redact = winston.format((info) => ({ ...info, secret: '***' }));
    const { logger, listen } = await startStream({ transportOptions: { format: redact() } });
    const { events, until } = await listen();
    logger.info('login', { secret: 'hunter2' });
    await until(1);
    expect(events()[0].metadata.context).toEqual({ secret: '***' });
  });
});

describe('a listener', () => {
  it('to other types leaves the level alone, and no record is looked at', async () => {
    const { transport, logger, listen } = await startStream();
    const { level } = transport;
    const { names, until } = await listen('/1.0/events?type=lifecycle,operation');
    expect(transport.level).toBe(level);
    let reads = 0;
    transport.write(
      Object.defineProperty({ level: 'error', message: 'm' }, 'field', {
        get: () => ++reads,
        enumerable: true,
      }),
    );
    void logger.lifecycle('done');
    await until(1);
    expect(names()).toEqual(['done']);
    expect(reads).toBe(0);
  });

  it('hears nothing while the transport is silent', async () => {
    const { transport, logger, listen } = await startStream();
    const { names, until } = await listen();
    transport.silent = true;
    logger.info('unheard');
    await logger.lifecycle('unheard');
    logger.operation({ description: 'unheard' });
    transport.silent = false;
    logger.info('heard');
    await until(1);
    expect(names()).toEqual(['heard']);
  });

  it('hears what a catalog lets through', async () => {
    const transport = new EventTransport({ catalog: lxd });
    const { listen } = await startStream({ transport });
    const { names, until } = await listen();
    expect(() => transport.lifecycle('nonsense' as 'config-updated')).toThrow(TypeError);
    void transport.lifecycle('config-updated');
    await until(1);
    expect(names()).toEqual(['config-updated']);
    transport.destroy();
  });

  it('does not hear what is logged about its coming and going', async () => {
    const { transport, logger, listen } = await startStream();
    transport.on('report', ({ type }) => logger.info(`report ${type}`));
    const first = await listen();
    await listen();
    await turn();
    logger.info('something else');
    await first.until(1);
    expect(first.names()).toEqual(['something else']);
  });

  it('gets its events after the log calls: none of them writes to a socket', async () => {
    const { logger, listen } = await startStream();
    const { names, until } = await listen();
    const write = vi.spyOn(Socket.prototype, 'write');
    onTestFinished(() => write.mockRestore());
    for (let index = 0; index < 10_000; index++) logger.info(String(index));
    await logger.lifecycle('done');
    expect(write).not.toHaveBeenCalled();
    await until(10_001);
    expect(names().at(-1)).toBe('done');
    // Many events at a time.
    expect(write.mock.calls.length).toBeLessThan(100);
  });
});
