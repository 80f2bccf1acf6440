/** One process owns a spool directory; whoever comes second is told, goes on in memory, and gets it in the end. */

import { expect, it } from 'vitest';
import { freePort, startReceiver } from '../../helpers/receiver.js';
import {
  createSpooledTransport,
  eventually,
  numbers,
  type SpooledTransport,
  setAsideOf,
  spoolDirectory,
  spoolErrorClass,
} from '../../helpers/spool.js';
import { type Service, startService } from '../../helpers/spool-service.js';
import { quickTarget, statusOf } from '../../helpers/transport.js';

/** A service whose receiver is down, with 101 events in its spool. */
async function startOwner(directory: string): Promise<Service> {
  const owner = startService({
    targets: [quickTarget(`http://127.0.0.1:${await freePort()}/`)],
    spool: { directory },
  });
  await owner.call('ready');
  await owner.call('log', { first: 1, last: 100 });
  expect(await owner.call('lifecycle', { action: '101' })).toMatchObject({ durable: true });
  return owner;
}

async function expectTold(second: SpooledTransport, directory: string): Promise<void> {
  const error = await second.transport.ready().then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(spoolErrorClass());
  expect(error).toMatchObject({ code: 'SPOOL_UNAVAILABLE', directory });
  expect(error.message).toContain(directory);
  expect(error.message).toMatch(/in use/);
  const report = await second.spoolReport('spoolUnavailable');
  expect(report).toMatchObject({ directory, error: { code: expect.any(String) } });
  expect(report.error.message).toMatch(/in use/);
  const warnings = second.warnings.filter(({ message }) => message.includes(directory));
  expect(warnings).toHaveLength(1);
}

it('a second transport in the process is told so, and delivers from memory', async () => {
  const receiver = await startReceiver();
  const directory = spoolDirectory();
  const first = createSpooledTransport([quickTarget(receiver.address)], { directory });
  await first.transport.ready();
  const second = createSpooledTransport([quickTarget(receiver.address)], { directory });
  await expectTold(second, directory);
  expect(await second.transport.lifecycle('second')).toEqual({
    queued: ['siem'],
    durable: false,
    dropped: [],
  });
  second.logger.error('second too');
  expect(await second.transport.flush({ timeoutMs: 30_000 })).toEqual({ delivered: true, pending: 0 });
  expect(receiver.names()).toEqual(['second', 'second too']);
  expect(await first.transport.lifecycle('first')).toMatchObject({ durable: true });
  await eventually(() => expect(receiver.names()).toContain('first'));
  expect(setAsideOf(directory)).toEqual([]);
});

it('a second process is told so, and takes nothing from the first', async () => {
  const receiver = await startReceiver();
  const directory = spoolDirectory();
  const owner = await startOwner(directory);
  const second = createSpooledTransport([quickTarget(receiver.address)], { directory });
  await expectTold(second, directory);
  expect(await second.transport.lifecycle('second')).toMatchObject({ durable: false });
  await eventually(() => expect(receiver.names()).toEqual(['second']));
  expect(statusOf(second.transport)).toMatchObject({ accepted: 1, recovered: 0 });
  await second.close();
  expect((await owner.call('status')).targets[0]?.pending.events).toBe(101);
});

// One test: both wait for up to ten seconds, at the same time.
it('a second one takes over when the owner ends or is killed', async () => {
  const takeOver = async (end: (owner: Service) => Promise<unknown>) => {
    const receiver = await startReceiver();
    const directory = spoolDirectory();
    const owner = await startOwner(directory);
    const second = createSpooledTransport([quickTarget(receiver.address)], { directory });
    await expectTold(second, directory);
    await second.transport.lifecycle('before');
    await end(owner);
    await second.spoolReport('spoolRecovered');
    expect(await second.transport.lifecycle('after')).toMatchObject({ queued: ['siem'], durable: true });
    await eventually(() => expect(receiver.names()).toHaveLength(103));
    expect(receiver.names().filter((name) => /^\d/.test(name))).toEqual(numbers(1, 101));
    expect(receiver.names().filter((name) => /^\D/.test(name))).toEqual(['before', 'after']);
    await eventually(() =>
      expect(statusOf(second.transport)).toMatchObject({ accepted: 103, recovered: 101, delivered: 103 }),
    );
    await expect(second.transport.ready()).resolves.toBeUndefined();
    expect(second.spoolReports.map(({ type }) => type)).toEqual(['spoolUnavailable', 'spoolRecovered']);
  };
  await Promise.all([takeOver((owner) => owner.call('end')), takeOver((owner) => owner.kill())]);
});
