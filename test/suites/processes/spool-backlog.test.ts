/**
 * A long outage: what waits is on disk, not in memory.
 *
 * `SPOOL_EVENTS=500000 npx vitest run test/suites/processes/spool-backlog.test.ts` is an hour's worth of it.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { eventually, spoolDirectory } from '../../helpers/spool.js';
import { startService } from '../../helpers/spool-service.js';
import { quickTarget } from '../../helpers/transport.js';

const events = Number(process.env.SPOOL_EVENTS ?? 100_000);
const pad = 1000;

/** Half of what is spooled by default would be 50 MB; queues, caches and garbage must do with less than that. */
const mostMemoryBytes = 140 * 2 ** 20;

interface Tally {
  readonly address: string;
  status: number;
  /** Logging events so far, of which each must be the next. */
  taken: number;
  firstOutOfOrder: string | undefined;
}

/** A receiver that keeps nothing but a count, and holds the order against it. */
async function startTally(): Promise<Tally> {
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('error', () => {});
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (tally.status === 200) {
        for (const { type, metadata } of JSON.parse(Buffer.concat(chunks).toString())) {
          const expected = type === 'logging' ? String(tally.taken + 1) : `after ${tally.taken}`;
          const name = metadata.message ?? metadata.action;
          if (name !== expected) tally.firstOutOfOrder ??= `${name} instead of ${expected}`;
          if (type === 'logging') tally.taken++;
        }
      }
      response.writeHead(tally.status).end();
    });
  };
  const server = createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const tally: Tally = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    status: 503,
    taken: 0,
    firstOutOfOrder: undefined,
  };
  return tally;
}

it(`${events.toLocaleString('en')} events wait on disk, are there in a second, and are drained in order`, {
  timeout: 60_000 + events,
}, async () => {
  const tally = await startTally();
  const directory = spoolDirectory();
  // Bounds of memory that hold a tenth of it: what is spooled is not bound by them.
  const options = {
    targets: [quickTarget(tally.address, { retry_timeout: '1s' })],
    spool: { directory, maxBytes: 4 * events * pad },
    memory: { maxEvents: events / 10, maxBytes: (events / 10) * pad },
  };
  const total = events + Math.ceil(events / 1000);

  const first = startService(options);
  await first.call('ready');
  const timeoutMs = 30_000 + events / 2;
  const flooded = await first.call('flood', { first: 1, last: events, pad }, timeoutMs);
  expect(flooded.memoryBytes, 'memory while they are spooled').toBeLessThan(mostMemoryBytes);
  expect((await first.call('status')).targets[0]).toMatchObject({
    accepted: total,
    delivered: 0,
    pending: { events: total },
    dropped: {},
  });
  await first.kill();

  const second = startService(options);
  const { cpuMs, error } = await second.call('ready');
  expect(error).toBeUndefined();
  // Of the processor: how long that takes is up to whoever else wants it.
  expect(cpuMs, 'time to open').toBeLessThan(1000);
  expect((await second.call('status')).targets[0]).toMatchObject({
    recovered: total,
    pending: { events: total },
  });
  tally.status = 200;
  const status = await eventually(async () => {
    const { targets } = await second.call('status');
    expect(targets[0]?.pending.events).toBe(0);
    return targets[0];
  }, timeoutMs);
  expect(status).toMatchObject({ accepted: total, delivered: total, dropped: {} });
  expect({ taken: tally.taken, firstOutOfOrder: tally.firstOutOfOrder }).toEqual({
    taken: events,
    firstOutOfOrder: undefined,
  });
  const drained = await second.call('peak');
  expect(drained.memoryBytes, 'memory while they are drained').toBeLessThan(mostMemoryBytes);
  await second.call('end');
  await second.leave();
});
