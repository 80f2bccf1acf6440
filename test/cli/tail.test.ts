/** `log-targets tail` follows the events of a service, and survives its restart. */

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createEventStream, type EventType } from '../../src/index.js';
import { tapOf } from '../../src/targets/tap.js';
import { startCommand } from '../helpers/command.js';
import { temporaryDirectory } from '../helpers/files.js';
import { createTestTransport } from '../helpers/transport.js';

/** A service with an event stream; `listening` resolves when somebody has begun to listen. */
async function startService(
  listen: number | string,
  types: readonly EventType[] = ['logging', 'lifecycle', 'operation'],
) {
  const { transport, logger, report } = createTestTransport([], { location: 'm1' });
  const stream = createEventStream({
    transport,
    authorize: ({ headers }) => {
      if (headers.authorization !== 'Bearer token') throw new Error('who?');
      return { protocol: 'token', username: 'ops', address: '', types: [...types] };
    },
  });
  const server: Server = createServer(stream.handle).on('upgrade', stream.handleUpgrade);
  server.listen(listen);
  await once(server, 'listening');
  const close = async () => {
    stream.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  onTestFinished(() => {
    stream.close();
    server.closeAllConnections();
    server.close();
  });
  return {
    transport,
    logger,
    listening: () => report('listenerConnected'),
    close,
    port: (server.address() as AddressInfo).port,
  };
}

const linesOf = (output: string) =>
  output
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\S+ {2}/, ''));

describe('tail', () => {
  it('prints a line an event, of the types and levels that are asked for', async () => {
    const { logger, listening, port } = await startService(0);
    const args = [
      'tail',
      '--type',
      'logging,lifecycle',
      '--level',
      'warn',
      '--url',
      `http://127.0.0.1:${port}`,
    ];
    const { printed, written, interrupt } = startCommand(args, { env: { LOG_TARGETS_TOKEN: 'token' } });
    await listening();
    logger.info('too quiet');
    logger.warn('loud', { a: 'b' });
    logger.operation({ description: 'Not asked for' }).done();
    await logger.lifecycle('instance-created', { entities: ['/1.0/instances/c1'], project: 'other' });
    await printed('instance-created');
    const [first, second, ...others] = linesOf(written.output);
    expect(first).toMatch(/^WARN {7}loud {2}a=b/);
    expect(second).toMatch('lifecycle  instance-created /1.0/instances/c1?project=other');
    expect(others).toEqual([]);
    expect(await interrupt()).toMatchObject({ exitCode: 0, errors: '' });
  });

  it('tells of which member each event is, its own and those that others share', async () => {
    const { transport, logger, listening, port } = await startService(0);
    const command = startCommand(['tail', '--url', `http://127.0.0.1:${port}`, '--token', 'token']);
    await listening();
    logger.info('from here', { location: 'as the service says' });
    await command.printed('from here');
    tapOf(transport)?.relay({
      type: 'logging',
      time: '2026-01-01T00:00:00Z',
      location: 'm2',
      level: 'INFO',
      message: 'from elsewhere',
      entries: [],
    });
    await command.printed('from elsewhere');
    expect(linesOf(command.written.output)).toEqual([
      'INFO       from here  location=m1',
      'INFO       from elsewhere  location=m2',
    ]);
    await command.interrupt();
  });

  it('goes on when the service has been away, on a unix socket too', async () => {
    const socket = join(temporaryDirectory(), 'svc.sock');
    const before = await startService(socket);
    const command = startCommand(['tail', '--json', '--url', `unix:${socket}`, '--token', 'token']);
    await before.listening();
    before.logger.error('before');
    await command.printed('before');
    await before.close();
    await command.told(`The connection to unix:${socket} is lost; trying again.\n`);
    const after = await startService(socket);
    await after.listening();
    await command.told('Connected again.');
    after.logger.error('after');
    await command.printed('after');
    const events = command.written.output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ metadata }) => metadata.message)).toEqual(['before', 'after']);
    expect((await command.interrupt()).exitCode).toBe(0);
  });

  it('can be interrupted while the service is away', async () => {
    const socket = join(temporaryDirectory(), 'svc.sock');
    const service = await startService(socket);
    const command = startCommand(['tail', '--url', `unix:${socket}`, '--token', 'token']);
    await service.listening();
    await service.close();
    await command.told('trying again');
    expect((await command.interrupt()).exitCode).toBe(0);
  });

  it('ends with 1 for a type that one may not see', async () => {
    const { port } = await startService(0, ['lifecycle']);
    const { exitCode, errors } = await startCommand([
      'tail',
      '--type',
      'logging',
      '--token',
      'token',
      '--url',
      `http://127.0.0.1:${port}`,
    ]).result;
    expect(exitCode).toBe(1);
    expect(errors).toMatch('does not allow this (403: not authorized)');
  });

  it('ends with 2 for a type that there is not', async () => {
    const { exitCode, errors } = await startCommand(['tail', '--type', 'nope', '--url', 'http://x']).result;
    expect({ exitCode, errors }).toMatchObject({
      exitCode: 2,
      errors: expect.stringContaining('Expected one of lifecycle, logging, operation'),
    });
  });
});
