/** What every outcome of an attempt leads to, against a real receiver. */

import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import net from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { movableClock } from '../helpers/clock.js';
import { type Answer, freePort, parseEvents, startReceiver } from '../helpers/receiver.js';
import { createTestTransport, expectConservation, quickTarget, statusOf } from '../helpers/transport.js';

/** Refuses bodies that hold any of these messages, with `status`. */
function refusing(messages: readonly string[], status: number): Answer {
  return (request, response) => {
    const refused = parseEvents(request).some((event) => messages.includes(event.metadata.message ?? ''));
    response.writeHead(refused ? status : 200).end();
  };
}

/** Answers with these statuses one after the other, then 200. */
function inTurn(...statuses: number[]): Answer {
  return (_request, response, index) => response.writeHead(statuses[index] ?? 200).end();
}

function numbered(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => `m${from + index}`);
}

describe('a success', () => {
  it.each([200, 201, 202, 204, 299])('is any 2xx: %i', async (status) => {
    const receiver = await startReceiver(status);
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    logger.error('one');
    expect(await transport.flush()).toEqual({ delivered: true, pending: 0 });
    expect(statusOf(transport)).toMatchObject({ delivered: 1, attempts: 1, state: 'idle' });
  });

  it('counts with the status line, though the body of the answer never ends', async () => {
    const receiver = await startReceiver((_request, response) => {
      response.writeHead(200).write('and');
    });
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    logger.error('one');
    expect((await transport.flush()).delivered).toBe(true);
    logger.error('two');
    await transport.flush({ timeoutMs: 30_000 });
    expect(receiver.names()).toEqual(['one', 'two']);
    expect(statusOf(transport)).toMatchObject({ delivered: 2, attempts: 2 });
  });

  it('stays one when the connection breaks after the status line', async () => {
    const receiver = await startReceiver((_request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('part');
      setImmediate(() => response.destroy());
    });
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    logger.error('one');
    expect(await transport.flush()).toEqual({ delivered: true, pending: 0 });
    expect(receiver.requests).toHaveLength(1);
  });

  it('does not read an endless answer', async () => {
    const receiver = await startReceiver((_request, response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      more();
    });
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    logger.error('one');
    expect((await transport.flush()).delivered).toBe(true);
  });
});

describe('a failure that may pass', () => {
  it.each([408, 425, 429, 500, 502, 503, 504, 599])('is tried again: %i', async (status) => {
    const receiver = await startReceiver(inTurn(status));
    const { transport, logger, report } = createTestTransport([quickTarget(receiver.address)]);
    logger.error('one');
    expect((await report('batchRetried')).error.code).toBe(`HTTP_${status}`);
    await transport.flush();
    expect(receiver.names()).toEqual(['one']);
    expect(statusOf(transport)).toMatchObject({
      delivered: 1,
      attempts: 2,
      lastError: { code: `HTTP_${status}` },
    });
  });

  it('keeps bytes and id of a batch, with the time of each attempt', async () => {
    const clock = movableClock();
    const receiver = await startReceiver((_request, response) => {
      clock.aheadMs += 2000;
      response.writeHead(503).end();
    });
    const { transport, logger, report } = createTestTransport([quickTarget(receiver.address)]);
    logger.error('one');
    await report('batchRetried');
    expect(statusOf(transport).state).toBe('retrying');
    logger.error('two');
    await receiver.untilRequests(2);
    const [first, second] = receiver.requests;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(Number(second?.headers['webhook-timestamp'])).toBeGreaterThan(
      Number(first?.headers['webhook-timestamp']),
    );
  });

  it('waits retry_timeout between attempts, give or take a fifth', async () => {
    const receiver = await startReceiver(inTurn(503, 503));
    const { logger, reports } = createTestTransport([
      quickTarget(receiver.address, { retry_timeout: '200ms' }),
    ]);
    logger.error('one');
    await receiver.untilRequests(3);
    const announced = reports.flatMap((report) => (report.type === 'batchRetried' ? [report.delayMs] : []));
    const at = receiver.requests.map((request) => request.atMs);
    expect(announced).toHaveLength(2);
    announced.forEach((delayMs, index) => {
      expect(delayMs).toBeGreaterThanOrEqual(160);
      expect(delayMs).toBeLessThanOrEqual(240);
      expect(at[index + 1]! - at[index]!).toBeGreaterThan(delayMs - 2);
    });
  });

  it('takes the target down after retry_count attempts; a probe brings it up again', async () => {
    const receiver = await startReceiver(503);
    const target = quickTarget(receiver.address, { retry_count: 2, retry_timeout: '100ms' });
    const { transport, logger, report } = createTestTransport([target]);
    logger.error('one');
    const down = await report('targetDown');
    expect(down.error.code).toBe('HTTP_503');
    expect(receiver.requests).toHaveLength(2);
    expect(statusOf(transport)).toMatchObject({
      state: 'down',
      nextAttemptAt: down.nextAttemptAt,
      pending: { events: 1 },
    });
    receiver.answer = 200;
    await report('targetUp');
    await transport.flush();
    expect(statusOf(transport)).toMatchObject({ state: 'idle', delivered: 1, attempts: 3 });
  });

  it('probes a target that is down with one request at a time, the same oldest batch, after growing pauses', async () => {
    const receiver = await startReceiver(500);
    const target = quickTarget(receiver.address, { retry_count: 1, retry_timeout: '40ms', concurrency: 1 });
    const { logger, report } = createTestTransport([target]);
    logger.error('one');
    await report('targetDown');
    logger.error('two');
    await receiver.untilRequests(6);
    expect(new Set(receiver.requests.map((request) => request.headers['webhook-id'])).size).toBe(1);
    const pauses = receiver.requests
      .slice(1)
      .map((request, index) => request.atMs - receiver.requests[index]!.atMs);
    pauses.forEach((pause, index) => {
      expect(pause).toBeGreaterThanOrEqual(40 * 2 ** index * 0.5 - 2);
    });
    receiver.answer = 200;
    await report('targetUp');
  });

  it('includes a receiver that is not there', async () => {
    const port = await freePort();
    const { transport, logger, report } = createTestTransport([
      quickTarget(`http://127.0.0.1:${port}/`, { retry_count: 1 }),
    ]);
    logger.error('one');
    expect((await report('targetDown')).error.code).toBe('ECONNREFUSED');
    const receiver = await startReceiver(200, undefined, port);
    await receiver.untilRequests(1);
    await transport.flush();
    expect(receiver.names()).toEqual(['one']);
  });

  it('includes a receiver that reads the body and then resets the connection: it gets the whole body again', async () => {
    const receiver = await startReceiver((_request, response, index) => {
      if (index === 0 || index === 2) response.socket?.resetAndDestroy();
      else response.writeHead(200).end();
    });
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    logger.error('one');
    await transport.flush();
    logger.error('two'); // on a connection that was kept alive
    await transport.flush();
    const [first, second, third, fourth] = receiver.requests;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(fourth?.body).toBe(third?.body);
    expect(fourth?.headers['webhook-id']).toBe(third?.headers['webhook-id']);
    expect(receiver.names()).toEqual(['one', 'two']);
  });

  it('includes an answer that does not come within timeout', async () => {
    const receiver = await startReceiver((_request, response, index) => {
      if (index > 0) response.writeHead(200).end();
    });
    const target = quickTarget(receiver.address, { timeout: '100ms', retry_timeout: '1h' });
    const { transport, logger, report } = createTestTransport([target]);
    logger.error('one');
    expect((await report('batchRetried')).error.code).toBe('ETIMEDOUT');
    // The second answer has all the time it needs.
    transport.reload([quickTarget(receiver.address)]);
    await transport.flush();
    expect(receiver.names()).toEqual(['one']);
  });
});

it('a target that is down pauses as long with many requests in flight as with one', async () => {
  const receiver = await startReceiver(500);
  const { logger, report } = createTestTransport([
    quickTarget(receiver.address, { concurrency: 8, batch_size: 1, retry_count: 1, retry_timeout: '100ms' }),
  ]);
  for (const name of numbered(20)) logger.error(name);
  // The first probe has failed: the pause after it is the second, whatever the other seven requests came to.
  const { delayMs } = await report('batchRetried');
  expect(delayMs).toBeGreaterThanOrEqual(100);
  expect(delayMs).toBeLessThanOrEqual(200);
  receiver.answer = 200;
  await report('targetUp');
});

it('an answer that switches protocols is a failed attempt', async () => {
  const server = net
    .createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
      );
    })
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as net.AddressInfo;
  const { transport, logger, report } = createTestTransport([
    quickTarget(`http://127.0.0.1:${port}/`, { retry_count: 1, timeout: '5s' }),
  ]);
  logger.error('one');
  await report('targetDown');
  expect(statusOf(transport)).toMatchObject({ pending: { events: 1 }, lastError: expect.anything() });
});

describe('Retry-After', () => {
  it.each([
    ['seconds', () => '1'],
    ['a date', () => new Date(Date.now() + 2000).toUTCString()],
  ])('is honoured as %s', async (_shape, header) => {
    const receiver = await startReceiver((_request, response, index) => {
      if (index > 0) response.writeHead(200).end();
      else response.writeHead(429, { 'retry-after': header() }).end();
    });
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    logger.error('one');
    await receiver.untilRequests(2);
    expect(receiver.requests[1]!.atMs - receiver.requests[0]!.atMs).toBeGreaterThan(950);
    await transport.flush();
  });

  it('holds for the whole target, also while it is hurried, and ends with new settings', async () => {
    const receiver = await startReceiver((_request, response, index) => {
      if (index > 0) response.writeHead(200).end();
      else response.writeHead(503, { 'retry-after': '86400' }).end();
    });
    const target = quickTarget(receiver.address, { concurrency: 3, batch_size: 1 });
    const { transport, logger, report } = createTestTransport([target]);
    logger.error('one');
    expect((await report('batchRetried')).delayMs).toBeGreaterThan(86_000_000);
    logger.error('two');
    expect(await transport.flush({ timeoutMs: 50 })).toEqual({ delivered: false, pending: 2 });
    expect(receiver.requests).toHaveLength(1);
    expect(Date.parse(statusOf(transport).nextAttemptAt ?? '') - Date.now()).toBeGreaterThan(86_000_000);
    transport.reload([{ ...target, level: 'INFO' }]);
    expect(await transport.flush({ timeoutMs: 30_000 })).toEqual({ delivered: true, pending: 0 });
  });
});

it('Retry-After of one request in flight does not leave the others behind', async () => {
  const held: ServerResponse[] = [];
  const receiver = await startReceiver((_request, response, index) => {
    if (index < 2) held.push(response);
    else response.writeHead(200).end();
  });
  const { transport, logger, report } = createTestTransport([
    quickTarget(receiver.address, { concurrency: 2, batch_size: 1, retry_count: 1 }),
  ]);
  logger.error('one');
  logger.error('two');
  await receiver.untilRequests(2);
  held[0]?.writeHead(503, { 'retry-after': '1' }).end();
  await report('targetDown');
  held[1]?.writeHead(200).end();
  await receiver.until(() => receiver.names().length === 2);
  expect(receiver.requests[2]!.atMs - receiver.requests[0]!.atMs).toBeGreaterThan(950);
  await transport.flush({ timeoutMs: 30_000 });
});

describe('an answer that shows a wrong configuration', () => {
  it.each([401, 403, 404, 407, 301, 302, 307, 308])(
    'takes the target down at once and keeps its events: %i',
    async (status) => {
      const elsewhere = await startReceiver();
      const receiver = await startReceiver((_request, response) => {
        response.writeHead(status, { location: elsewhere.address }).end();
      });
      const target = quickTarget(receiver.address, { retry_timeout: '1h', username: 'u', password: 'p' });
      const { transport, logger, report } = createTestTransport([target]);
      logger.error('one');
      expect((await report('targetDown')).error.code).toBe(`HTTP_${status}`);
      expect(receiver.requests).toHaveLength(1);
      expect(elsewhere.requests).toHaveLength(0);
      expect(statusOf(transport)).toMatchObject({ state: 'down', pending: { events: 1 }, dropped: {} });
      receiver.answer = 200;
      transport.reload([{ ...target, password: 'right' }]);
      await report('targetUp');
      expect((await transport.flush()).delivered).toBe(true);
    },
  );
});

describe('410', () => {
  it('disables the target until its settings change; its queue goes on filling', async () => {
    const receiver = await startReceiver(410);
    const target = quickTarget(receiver.address);
    const { transport, logger, report } = createTestTransport([target]);
    logger.error('one');
    expect((await report('targetDisabled')).error.code).toBe('HTTP_410');
    logger.error('two');
    await transport.flush({ timeoutMs: 50 });
    expect(statusOf(transport)).toMatchObject({ state: 'disabled', pending: { events: 2 }, attempts: 1 });
    receiver.answer = 200;
    transport.reload([target]);
    await transport.flush({ timeoutMs: 50 });
    expect(receiver.requests).toHaveLength(1);
    transport.reload([{ ...target, level: 'INFO' }]);
    expect((await transport.flush({ timeoutMs: 30_000 })).delivered).toBe(true);
    expect(receiver.names()).toEqual(['one', 'two']);
  });
});

it('410 holds, whatever other requests in flight are answered', async () => {
  const held: ServerResponse[] = [];
  const receiver = await startReceiver((_request, response) => void held.push(response));
  const { transport, logger, report } = createTestTransport([
    quickTarget(receiver.address, { concurrency: 3, batch_size: 1, retry_count: 1 }),
  ]);
  for (const name of numbered(10)) logger.error(name);
  await receiver.untilRequests(3);
  held[0]?.writeHead(410).end();
  await report('targetDisabled');
  held[1]?.writeHead(200).end();
  held[2]?.writeHead(503).end();
  await report('batchDelivered');
  await expect.poll(() => statusOf(transport).attempts).toBe(3);
  await transport.flush({ timeoutMs: 50 });
  expect(receiver.requests).toHaveLength(3);
  expect(statusOf(transport)).toMatchObject({ state: 'disabled', delivered: 1, pending: { events: 9 } });
});

describe('413', () => {
  it('halves the batch, with new ids, and remembers the size that fits', async () => {
    const receiver = await startReceiver((request, response) => {
      response.writeHead(request.raw.length > 2000 ? 413 : 200).end();
    });
    const { transport, logger, report } = createTestTransport([quickTarget(receiver.address)]);
    for (const name of numbered(100)) logger.error(name);
    await transport.flush();
    expect(receiver.names()).toEqual(numbered(100));
    expect(new Set(receiver.requests.map((request) => request.headers['webhook-id'])).size).toBe(
      receiver.requests.length,
    );
    await report('batchSplit');
    const before = receiver.requests.length;
    for (const name of numbered(100, 100)) logger.error(name);
    await transport.flush();
    expect(receiver.names()).toEqual(numbered(200));
    const sizes = receiver.requests.slice(before).map((request) => request.raw.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2000);
    expect(sizes.length).toBeLessThan(11);
    expect(statusOf(transport)).toMatchObject({ delivered: 200, dropped: {} });
  });

  it('rejects a single event that is too large, and delivers the rest', async () => {
    const receiver = await startReceiver((request, response) => {
      response.writeHead(request.raw.length > 2000 ? 413 : 200).end();
    });
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    logger.error('small');
    logger.error('large', { text: 'x'.repeat(5000) });
    logger.error('too');
    expect(await transport.flush()).toEqual({ delivered: false, pending: 0 });
    expect(receiver.names()).toEqual(['small', 'too']);
    expect(statusOf(transport)).toMatchObject({ delivered: 2, dropped: { rejected: 1 } });
    const before = receiver.requests.length;
    for (const name of numbered(100)) logger.error(name);
    await transport.flush();
    expect(receiver.requests.length - before).toBeLessThan(12);
  });
});

describe('any other 4xx', () => {
  it.each([400, 402, 405, 409, 415, 418, 422, 451])(
    'has the batch bisected until the refused event is found: %i',
    async (status) => {
      const receiver = await startReceiver(refusing(['m13'], status));
      const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
      for (const name of numbered(30)) logger.error(name);
      await transport.flush();
      expect(receiver.names()).toEqual(numbered(30).filter((name) => name !== 'm13'));
      expect(statusOf(transport)).toMatchObject({ delivered: 29, dropped: { rejected: 1 }, state: 'idle' });
      expect(receiver.requests.length).toBeLessThan(14);
    },
  );

  it('finds several refused events, the last one too', async () => {
    const refused = ['m0', 'm6', 'm7', 'm19'];
    const receiver = await startReceiver(refusing(refused, 422));
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)]);
    for (const name of numbered(20)) logger.error(name);
    await transport.flush();
    expect(receiver.names()).toEqual(numbered(20).filter((name) => !refused.includes(name)));
    expect(statusOf(transport).dropped).toEqual({ rejected: 4 });
  });

  it('rejects a refused event that nothing follows, after a moment', async () => {
    const receiver = await startReceiver(400);
    const { transport, logger, report } = createTestTransport([quickTarget(receiver.address)]);
    logger.error('one');
    expect(await report('eventsDropped')).toMatchObject({ events: 1, reason: 'rejected' });
    expect(statusOf(transport)).toMatchObject({ state: 'idle', pending: { events: 0 } });
  });

  it.each(['array', 'single'] as const)(
    'is a wrong configuration when eight single events in a row are refused: all are kept (%s)',
    async (body_format) => {
      const receiver = await startReceiver(400);
      const target = quickTarget(receiver.address, { body_format, retry_timeout: '20ms' });
      const { transport, logger, report } = createTestTransport([target]);
      for (const name of numbered(20)) logger.error(name);
      expect((await report('targetDown')).error.code).toBe('HTTP_400');
      expect(statusOf(transport)).toMatchObject({ state: 'down', pending: { events: 20 }, dropped: {} });
      await receiver.untilRequests(receiver.requests.length + 2);
      expect(statusOf(transport)).toMatchObject({ state: 'down', pending: { events: 20 }, dropped: {} });
      receiver.answer = 200;
      await report('targetUp');
      await transport.flush();
      expect(receiver.names()).toEqual(numbered(20));
    },
  );

  it('rejects seven in a row when the eighth is accepted', async () => {
    const receiver = await startReceiver(refusing(numbered(7), 400));
    const { transport, logger } = createTestTransport([
      quickTarget(receiver.address, { body_format: 'single' }),
    ]);
    for (const name of numbered(8)) logger.error(name);
    await transport.flush();
    expect(receiver.names()).toEqual(['m7']);
    expect(statusOf(transport)).toMatchObject({ delivered: 1, dropped: { rejected: 7 } });
  });
});

it('keeps order through failures of every kind', async () => {
  const statuses = [503, 413, 500, 200, 429, 408];
  const receiver = await startReceiver((request, response, index) => {
    const status = (index % 3 === 0 && statuses[(index / 3) % statuses.length]) || 200;
    const isSingle = parseEvents(request).length === 1;
    response.writeHead(status === 413 && isSingle ? 200 : status).end();
  });
  const { transport, logger } = createTestTransport([
    quickTarget(receiver.address, { batch_size: 5, retry_timeout: '1ms', retry_count: 2 }),
  ]);
  for (const name of numbered(100)) {
    if (name.endsWith('5')) void transport.lifecycle(name);
    else logger.error(name);
  }
  await transport.flush({ timeoutMs: 30_000 });
  expect(receiver.names()).toEqual(numbered(100));
  expectConservation(transport);
});
