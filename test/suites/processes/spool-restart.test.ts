/** What waits in the spool when a process ends is delivered by the next one. */

import { execFile } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { freePort, type Received, startReceiver } from '../../helpers/receiver.js';
import { createSpooledTransport, eventually, numbers, spoolDirectory } from '../../helpers/spool.js';
import { fixturePath, startService } from '../../helpers/spool-service.js';
import { quickTarget, statusOf } from '../../helpers/transport.js';

const nowhere = async () => `http://127.0.0.1:${await freePort()}/`;
const shown = ({ headers, body }: Received) => ({
  id: headers['webhook-id'],
  type: headers['content-type'],
  body,
});

/** Logs in a service of its own whose receiver answers 503, until a batch is in flight, and lets it end as told. */
async function leaveBehind(directory: string, address: string, ending: 'close' | 'SIGKILL'): Promise<void> {
  const service = startService({
    targets: [quickTarget(address, { batch_size: 10, retry_timeout: '50ms' })],
    spool: { directory },
  });
  await service.call('ready');
  await service.call('log', { first: 1, last: 95 });
  expect(await service.call('lifecycle', { action: '96' })).toEqual({
    queued: ['siem'],
    durable: true,
    dropped: [],
  });
  await eventually(async () => {
    expect((await service.call('status')).targets[0]?.attempts).toBeGreaterThan(0);
  });
  if (ending === 'SIGKILL') {
    await service.kill();
  } else {
    await service.call('end');
    const [status] = (await service.call('status')).targets;
    expect(status).toMatchObject({ accepted: 96, delivered: 0, dropped: {} });
    await service.leave();
  }
}

describe.each(['close', 'SIGKILL'] as const)('after a %s while the receiver is down', (ending) => {
  it('the next start delivers what was logged, in order, ahead of what is new', async () => {
    const receiver = await startReceiver(503);
    const directory = spoolDirectory();
    await leaveBehind(directory, receiver.address, ending);
    receiver.answer = 200;
    const { transport, logger } = createSpooledTransport([quickTarget(receiver.address)], { directory });
    logger.error('97');
    await transport.ready();
    expect(statusOf(transport)).toMatchObject({ accepted: 97, recovered: 96 });
    logger.error('98');
    await eventually(() => expect(receiver.names()).toHaveLength(98));
    expect(receiver.names()).toEqual(numbers(1, 98));
    expect(await transport.flush({ timeoutMs: 30_000 })).toEqual({ delivered: true, pending: 0 });
    expect(statusOf(transport)).toMatchObject({ accepted: 98, recovered: 96, delivered: 98, dropped: {} });
  });

  it('the batch in flight keeps its bytes and its id, over restarts and changed settings', async () => {
    const receiver = await startReceiver(503);
    const directory = spoolDirectory();
    await leaveBehind(directory, receiver.address, ending);
    const [first] = receiver.requests.map(shown);
    const before = receiver.requests.length;

    const again = createSpooledTransport([quickTarget(receiver.address, { batch_size: 3 })], { directory });
    await again.transport.ready();
    await receiver.untilRequests(before + 1);
    await again.close();
    receiver.answer = 200;
    const { transport } = createSpooledTransport([quickTarget(receiver.address, { batch_size: 1000 })], {
      directory,
    });
    await transport.ready();
    await eventually(() => expect(receiver.names()).toEqual(numbers(1, 96)));
    const firstAccepted = receiver.requests.findIndex(({ body }) => body !== first?.body);
    expect(firstAccepted).toBeGreaterThan(before);
    expect(receiver.requests.slice(0, firstAccepted).map(shown)).toEqual(Array(firstAccepted).fill(first));
    const ids = new Set(receiver.requests.map(({ headers }) => headers['webhook-id']));
    expect(ids.size).toBe(receiver.requests.length - firstAccepted + 1);
  });
});

describe('closing', () => {
  it('puts on disk what was logged right before it, without waiting for the receiver', async () => {
    const directory = spoolDirectory();
    const address = await nowhere();
    const options = { shutdownTimeoutMs: 0 };
    const first = createSpooledTransport([quickTarget(address)], { directory }, options);
    await first.transport.ready();
    for (const name of numbers(1, 500)) first.logger.error(name);
    await first.close();
    expect(statusOf(first.transport)).toMatchObject({ accepted: 500, pending: { events: 500 }, dropped: {} });

    const receiver = await startReceiver();
    const second = createSpooledTransport([quickTarget(receiver.address)], { directory });
    await second.transport.ready();
    await eventually(() => expect(receiver.names()).toHaveLength(500));
    expect(receiver.names()).toEqual(numbers(1, 500));
    await second.close();
    expect(statusOf(second.transport)).toMatchObject({ recovered: 500, delivered: 500 });

    const third = createSpooledTransport([quickTarget(receiver.address)], { directory });
    await third.transport.ready();
    expect(statusOf(third.transport)).toMatchObject({ accepted: 0, recovered: 0, pending: { events: 0 } });
  });

  it('before the queues are open loses nothing either', async () => {
    const directory = spoolDirectory();
    const first = createSpooledTransport([quickTarget(await nowhere())], { directory });
    first.logger.error('1');
    const receipt = first.transport.lifecycle('2');
    await first.close();
    expect(await receipt).toMatchObject({ queued: ['siem'], durable: true });
    const receiver = await startReceiver();
    const second = createSpooledTransport([quickTarget(receiver.address)], { directory });
    await second.transport.ready();
    await eventually(() => expect(receiver.names()).toEqual(['1', '2']));
  });
});

it('each target has its own queue, and keeps it', async () => {
  const directory = spoolDirectory();
  const address = await nowhere();
  const receivers = [await startReceiver(), await startReceiver()] as const;
  const targets = (a: string, b: string) => [
    quickTarget(a, { name: 'a' }),
    quickTarget(b, { name: 'b', scopes: ['lifecycle'] }),
  ];
  const first = createSpooledTransport(targets(receivers[0].address, address), { directory });
  first.logger.error('1');
  expect(await first.transport.lifecycle('2')).toEqual({ queued: ['a', 'b'], durable: true, dropped: [] });
  await eventually(() => expect(statusOf(first.transport, 'a').delivered).toBe(2));
  await first.close();
  const second = createSpooledTransport(targets(receivers[0].address, receivers[1].address), { directory });
  await second.transport.ready();
  await eventually(() => expect(receivers[1].names()).toEqual(['2']));
  expect(statusOf(second.transport, 'a')).toMatchObject({ accepted: 0, recovered: 0 });
  expect(statusOf(second.transport, 'b')).toMatchObject({ accepted: 1, recovered: 1 });
  expect(receivers[0].names()).toEqual(['1', '2']);
});

describe('a script', () => {
  const script = fixturePath('spool-script.mjs');
  const run = (scenario: string, options: object) => {
    const startedAt = performance.now();
    return new Promise<{ code: number | null; ms: number }>((resolve) => {
      const child = execFile(
        process.execPath,
        [script, scenario, JSON.stringify(options)],
        { timeout: 50_000 },
        () => resolve({ code: child.exitCode, ms: performance.now() - startedAt }),
      );
    });
  };

  it.each([
    ['just returns', 0, {}],
    ['ends and exits', 0, {}],
    ['crashes', 1, { handleExceptions: true }],
  ])('that %s while the receiver is down leaves its events in the spool', async (scenario, code, more) => {
    const directory = spoolDirectory();
    const targets = [quickTarget(await nowhere())];
    const ended = await run(scenario, { targets, spool: { directory }, shutdownTimeoutMs: 300, ...more });
    expect(ended.code).toBe(code);
    const receiver = await startReceiver();
    const { transport } = createSpooledTransport([quickTarget(receiver.address)], { directory });
    await transport.ready();
    const crashed = scenario === 'crashes' ? [expect.stringContaining('crashed')] : [];
    await eventually(() => expect(receiver.names()).toEqual([...numbers(1, 100), ...crashed]));
  });

  it('that is idle is not kept alive by an open spool', async () => {
    const ended = await run('is idle', {
      targets: [quickTarget('http://127.0.0.1:9/')],
      spool: { directory: spoolDirectory() },
    });
    expect(ended.code).toBe(0);
  });
});

describe('a target that is down', () => {
  it('is not tried again before its time because of a restart', async () => {
    const receiver = await startReceiver((_request, response) => {
      response.writeHead(503, { 'retry-after': '300' }).end();
    });
    const directory = spoolDirectory();
    const other = await startReceiver();
    const options = {
      targets: [
        quickTarget(receiver.address, { retry_count: 1 }),
        quickTarget(other.address, { name: 'other' }),
      ],
      spool: { directory },
    };
    const service = startService(options);
    await service.call('ready');
    await service.call('lifecycle', { action: '1' });
    await eventually(async () => expect((await service.call('status')).targets[0]?.state).toBe('down'));
    const before = (await service.call('status')).targets[0]?.nextAttemptAt;
    // What is durable is so with the plan.
    await service.call('lifecycle', { action: '2' });
    await service.kill();

    receiver.answer = 200;
    for (const round of [1, 2]) {
      const { transport, logger, close } = createSpooledTransport(options.targets, { directory });
      await transport.ready();
      logger.error(`more ${round}`);
      expect(statusOf(transport)).toMatchObject({ state: 'down' });
      const differenceMs = Date.parse(statusOf(transport).nextAttemptAt ?? '') - Date.parse(before ?? '');
      expect(Math.abs(differenceMs)).toBeLessThan(3000);
      // Who is not down gets it meanwhile.
      await other.until(() => other.names().includes(`more ${round}`));
      await close();
      expect(receiver.requests).toHaveLength(1);
    }
  });

  it('without a Retry-After goes on with its pauses after a kill', async () => {
    const receiver = await startReceiver(401);
    const directory = spoolDirectory();
    const other = await startReceiver();
    const targets = [
      quickTarget(receiver.address, { retry_timeout: '10m' }),
      quickTarget(other.address, { name: 'other' }),
    ];
    const service = startService({ targets, spool: { directory } });
    await service.call('ready');
    await service.call('lifecycle', { action: '1' });
    await eventually(async () => expect((await service.call('status')).targets[0]?.state).toBe('down'));
    // What is durable is so with the plan.
    await service.call('lifecycle', { action: '2' });
    await service.kill();

    const next = startService({ targets, spool: { directory } });
    await next.call('ready');
    await next.call('log', { first: 3, last: 9 });
    // Who is not down gets them meanwhile.
    await other.until(() => other.names().includes('9'));
    const [status] = (await next.call('status')).targets;
    expect(status).toMatchObject({ state: 'down', recovered: 2, attempts: 0 });
    expect(Date.parse(status?.nextAttemptAt ?? '') - Date.now()).toBeGreaterThan(200_000);
    expect(receiver.requests).toHaveLength(1);
  });
});
