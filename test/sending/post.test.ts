/** The HTTP client: what it gives up and when, what it holds, what it sends twice. */

import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createBatch } from '../../src/queue/batch.js';
import { outcomeOfError } from '../../src/sending/outcome.js';
import { createClient, Post } from '../../src/sending/post.js';
import { HttpSender } from '../../src/sending/sender.js';
import { validateTargets } from '../../src/settings/validate.js';
import { collectGarbage } from '../helpers/gc.js';
import { startReceiver } from '../helpers/receiver.js';
import { startSilentServer } from '../helpers/silent-server.js';
import { createTestTransport, quickTarget, statusOf } from '../helpers/transport.js';
import { encodedEvent } from '../queue/queue-contract.js';

/** A process that is kept busy for so long between two phases would take the one for the other. */
const CONNECT_MS = 800;

/** What a request says that gets no answer. */
async function failureOf(url: string, agent: http.Agent): Promise<Error> {
  onTestFinished(() => agent.destroy());
  const client = createClient({ agent, timeoutMs: 60_000, connectTimeoutMs: CONNECT_MS });
  const post = new Post(client, {
    url: new URL(url),
    body: Buffer.from('[]'),
    headers: {},
    keepsProcessAlive: true,
    keptBytes: 0,
  });
  const error = await post.answer.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  await post.over;
  expect(error).toBeInstanceOf(Error);
  return error as Error;
}

it('a host whose name nobody can look up is given up long before the attempt is', async () => {
  const agent = new http.Agent({ lookup: () => {} });
  expect(await failureOf('http://receiver.test/', agent)).toMatchObject({
    code: 'ETIMEDOUT',
    message: `no IP address of the host within ${CONNECT_MS} ms`,
  });
});

it('a server that never begins with TLS is given up long before the attempt is', async () => {
  const { port } = await startSilentServer();
  expect(await failureOf(`https://127.0.0.1:${port}/`, new https.Agent())).toMatchObject({
    code: 'ETIMEDOUT',
    message: `no TLS connection within ${CONNECT_MS} ms`,
  });
});

it('an answer that does not come within the timeout says which', async () => {
  const { port } = await startSilentServer();
  const [settings] = validateTargets([quickTarget(`http://127.0.0.1:${port}/`, { timeout: '800ms' })]);
  const sender = new HttpSender(settings!);
  expect(await sender.send(createBatch([encodedEvent(0, 'logging', 10)], 'array'))).toMatchObject({
    kind: 'retryable',
    error: { code: 'ETIMEDOUT', message: 'no answer within 800 ms' },
  });
  sender.end();
});

it('a host whose every address refuses says what each of them said', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const both = [
    { address: '127.0.0.1', family: 4 },
    { address: '127.0.0.2', family: 4 },
  ];
  const agent = new http.Agent({
    lookup: (_host, _options, callback) => callback(null, both),
  });
  const error = await failureOf(`http://receiver.test:${port}/`, agent);
  expect(outcomeOfError(error).error).toEqual({
    code: 'ECONNREFUSED',
    message: `connect ECONNREFUSED 127.0.0.1:${port}; connect ECONNREFUSED 127.0.0.2:${port}`,
  });
});

it('time-outs leave nothing behind: no bodies, timers or connections', async () => {
  const { port, connections } = await startSilentServer();
  const [settings] = validateTargets([
    quickTarget(`http://127.0.0.1:${port}/`, { timeout: '5ms', concurrency: 20 }),
  ]);
  const sender = new HttpSender(settings!);
  const send = () => sender.send(createBatch([encodedEvent(0, 'logging', 50_000)], 'ndjson'));
  const sendMany = async (rounds: number) => {
    for (let round = 0; round < rounds; round++) await Promise.all(Array.from({ length: 20 }, send));
  };
  await sendMany(5);
  await collectGarbage();
  const memory = () => process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
  const [before, timers] = [memory(), countTimers()];
  await sendMany(50);
  await expect.poll(connections).toBe(0);
  await collectGarbage();
  // 50 MB of bodies.
  expect(memory() - before).toBeLessThan(8 * 2 ** 20);
  expect(countTimers()).toBeLessThanOrEqual(timers + 2);
  sender.end();
});

function countTimers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

it('a stream is let go with its answer, though its connection stays', async () => {
  const receiver = await startReceiver((_request, response) => response.writeHead(200).end('{}'));
  const agent = new http.Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const client = createClient({ agent, timeoutMs: 10_000 });
  const post = async () => {
    const body = Buffer.alloc(2 ** 20, ' ');
    const posted = new Post(client, {
      url: new URL(receiver.address),
      body,
      headers: {},
      keepsProcessAlive: true,
      keptBytes: 100,
    });
    await posted.answer;
    await posted.over;
    expect(await posted.beginning).toBe('{}');
    return new WeakRef(body.buffer);
  };
  const bodies = [await post(), await post(), await post()];
  expect(receiver.connections).toBe(1);
  await expect
    .poll(async () => {
      await collectGarbage();
      return bodies.map((body) => body.deref());
    })
    .toEqual([undefined, undefined, undefined]);
});

it('a kept connection that the receiver has closed meanwhile costs no attempt, and nothing arrives twice', async () => {
  const answered: string[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (closing.has(request.socket)) return;
      answered.push(Buffer.concat(chunks).toString());
      response.end();
      closing.add(request.socket);
    });
  });
  // A server that was about to close a connection resets it when a second request begins.
  const closing = new WeakSet<net.Socket>();
  let resets = 0;
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.prependListener('data', () => {
      if (!closing.has(socket)) return;
      resets++;
      socket.removeAllListeners('data').resetAndDestroy();
    });
  });
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  const { transport, logger, reports } = createTestTransport([
    quickTarget(`http://127.0.0.1:${port}/`, { retry_timeout: '1h' }),
  ]);
  for (const message of ['one', 'two', 'three']) {
    logger.error(message);
    await transport.flush({ timeoutMs: 30_000 });
  }
  expect(statusOf(transport)).toMatchObject({ delivered: 3, attempts: 3 });
  expect(reports.filter(({ type }) => type === 'batchRetried')).toEqual([]);
  expect(resets).toBe(2);
  expect(answered.map((body) => JSON.parse(body)[0].metadata.message)).toEqual(['one', 'two', 'three']);
});
