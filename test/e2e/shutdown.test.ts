/** `shutdown()`, in services that are told to end and go on logging. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import winston from 'winston';
import TransportStream from 'winston-transport';
import { temporaryDirectory } from '../helpers/files.js';
import { startReceiver } from '../helpers/receiver.js';
import { createSpooledTransport } from '../helpers/spool.js';
import { createTestTransport, expectConservation, quickTarget, statusOf } from '../helpers/transport.js';

const script = fileURLToPath(new URL('fixtures/sigterm.mjs', import.meta.url));

/** Runs the service, sends SIGTERM once `until` holds, and waits for its end. */
async function terminate(address: string, until: () => Promise<void>, timeoutMs = 50_000) {
  const child = fork(script, [address, String(timeoutMs)], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [output, errors] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  const closed = once(child, 'close');
  await once(child, 'message');
  await until();
  child.kill('SIGTERM');
  const [code] = await closed;
  return { code, errors, ...(output === '' ? {} : JSON.parse(output)) };
}

describe('a service that is told to end and goes on logging', () => {
  it('has delivered all that it logged before, and has no error', async () => {
    const receiver = await startReceiver();
    const ended = await terminate(receiver.address, () => receiver.untilRequests(2));
    expect(ended).toMatchObject({
      code: 0,
      result: { delivered: true, pending: 0 },
      lastDropped: 'shutdown',
    });
    expect(ended.errors).not.toContain('Error');
    const messages = receiver.events().flatMap(({ metadata }) => metadata.message ?? []);
    expect(messages.slice(0, ended.loggedBefore)).toEqual(
      Array.from({ length: ended.loggedBefore }, (_, index) => String(index)),
    );
    const { accepted, delivered, pending, dropped } = ended.target;
    expect(accepted).toBe(2 * ended.logged);
    expect(delivered + dropped.shutdown).toBe(accepted);
    expect(pending.events).toBe(0);
  });

  it('has delivered it though the receiver is away for a moment', async () => {
    let restartedAt = Number.POSITIVE_INFINITY;
    const receiver = await startReceiver((_request, response) => {
      response.writeHead(performance.now() < restartedAt ? 503 : 200).end();
    });
    const ended = await terminate(receiver.address, async () => {
      await receiver.untilRequests(1);
      restartedAt = performance.now() + 500;
    });
    expect(ended).toMatchObject({ code: 0, result: { delivered: true, pending: 0 } });
    expect(receiver.events().length).toBeGreaterThanOrEqual(2 * ended.loggedBefore);
  });

  it('gives up after `timeoutMs`, and says how much was left', async () => {
    const receiver = await startReceiver(503);
    const ended = await terminate(receiver.address, () => receiver.untilRequests(1), 300);
    expect(ended).toMatchObject({ code: 0, result: { delivered: false } });
    expect(ended.result.pending).toBeGreaterThanOrEqual(2 * ended.loggedBefore);
    expect(ended.target).toMatchObject({ pending: { events: 0 }, dropped: { shutdown: 2 * ended.logged } });
    expect(ended.errors).toMatch(/LogTargetsWarning: \d+ events for log target `siem` dropped: shutdown/);
  });
});

describe('shutdown', () => {
  it('leaves to the spool what it does not deliver', async () => {
    const receiver = await startReceiver(503);
    const spool = { directory: join(temporaryDirectory(), 'spool') };
    const { transport, logger } = createSpooledTransport([quickTarget(receiver.address)], spool);
    logger.error('one');
    expect(await transport.shutdown({ timeoutMs: 50 })).toEqual({ delivered: false, pending: 1 });
    logger.error('late');
    expect(statusOf(transport)).toMatchObject({
      accepted: 2,
      dropped: { shutdown: 1 },
      pending: { events: 1 },
    });
    expect(await transport.flush()).toEqual({ delivered: false, pending: 1 });
    receiver.answer = 200;
    const next = createSpooledTransport([quickTarget(receiver.address)], spool);
    await next.transport.flush({ timeoutMs: 30_000 });
    expect(receiver.names()).toEqual(['one']);
  });

  it('delivers what another transport still holds up, and the last change of an operation', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([
      quickTarget(receiver.address, { scopes: ['logging', 'operation'] }),
    ]);
    // Takes one record a millisecond, and so holds up its logger.
    const slow = new TransportStream({ log: (_info: unknown, next: () => void) => void sleep(1).then(next) });
    logger.add(slow);
    const operation = logger.operation({ description: 'Copying' });
    for (let index = 0; index < 50; index++) logger.info(String(index));
    operation.update({ progress: 1 });
    expect(await transport.shutdown()).toEqual({ delivered: true, pending: 0 });
    const expected = Array.from({ length: 50 }, (_, index) => String(index));
    expect(receiver.names().filter((name) => /^\d+$/.test(name))).toEqual(expected);
    expect(receiver.events().at(-1)?.metadata).toMatchObject({ metadata: { progress: 1 } });
  });

  it('takes no more from its first moment on: records, lifecycle and operation events are counted', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([
      quickTarget(receiver.address, { scopes: ['lifecycle', 'logging', 'operation'] }),
    ]);
    logger.info('one');
    const result = transport.shutdown();
    logger.info('two');
    expect(await logger.lifecycle('three')).toEqual({
      queued: [],
      durable: false,
      dropped: [{ target: 'siem', reason: 'shutdown' }],
    });
    logger.operation({ description: 'four' }).done();
    expect(await result).toEqual({ delivered: true, pending: 0 });
    expect(receiver.names()).toEqual(['one']);
    expect(statusOf(transport)).toMatchObject({ accepted: 5, delivered: 1, dropped: { shutdown: 4 } });
    expectConservation(transport);
  });

  it('can be called again, and before or after `end()`; the logger finishes', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    logger.info('one');
    const [first, second] = [transport.shutdown(), transport.shutdown({ timeoutMs: 0 })];
    expect(await second).toBe(await first);
    const finished = once(logger, 'finish');
    logger.end();
    await finished;
    expect(await transport.flush()).toMatchObject({ pending: 0 });
    const other = createTestTransport([quickTarget(receiver.address)]);
    other.logger.info('two');
    const otherFinished = once(other.logger, 'finish');
    other.logger.end();
    expect(await other.transport.shutdown()).toEqual({ delivered: true, pending: 0 });
    await otherFinished;
    expect(receiver.names()).toEqual(['one', 'two']);
  });

  it('with nothing to do is done at once; a wrong time limit is a TypeError', async () => {
    const { transport } = createTestTransport();
    await expect(transport.shutdown({ timeoutMs: -1 })).rejects.toThrow(TypeError);
    await expect(transport.flush({ timeoutMs: -1 })).rejects.toThrow(TypeError);
    await expect(transport.flush({ timeout: 5 } as object)).rejects.toThrow('did you mean `timeoutMs`?');
    expect(await transport.shutdown()).toEqual({ delivered: true, pending: 0 });
  });

  it('keeps the other transports of its loggers going', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    const seen: unknown[] = [];
    logger.add(
      new TransportStream({
        log: (info: { message: unknown }, next: () => void) => {
          seen.push(info.message);
          next();
        },
      }),
    );
    await transport.shutdown();
    logger.info('late');
    expect(seen).toEqual(['late']);
    expect(logger).toBeInstanceOf(winston.Logger);
  });
});
