/** Queues in the spool belong to names: they outlive the target, and wait for the name to come back. */

import { describe, expect, it } from 'vitest';
import type { EventTransport } from '../../src/index.js';
import { freePort, startReceiver } from '../helpers/receiver.js';
import { createSpooledTransport, eventually, numbers, spoolDirectory, within } from '../helpers/spool.js';
import { expectConservation, quickTarget, statusOf } from '../helpers/transport.js';

const deadAddress = async () => `http://127.0.0.1:${await freePort()}/`;
const drainMs = 100;

/** Resolves when a removed target has had its time, and what is left of it is kept. */
const drained = (transport: EventTransport, name: string) =>
  eventually(() => expect(statusOf(transport, name).state).not.toBe('draining'));

describe("a removed target's events", () => {
  it('are kept, listed, and delivered when the name comes back', async () => {
    const receiver = await startReceiver();
    const a = quickTarget(receiver.address, { name: 'a' });
    const b = quickTarget(await deadAddress(), { name: 'b' });
    const { transport, logger, report, reports } = createSpooledTransport(
      [a, b],
      { directory: spoolDirectory() },
      { shutdownTimeoutMs: drainMs },
    );
    await transport.ready();
    for (const name of numbers(1, 50)) logger.error(name);
    await report('batchRetried', ({ target }) => target === 'b');
    expect(transport.reload([a])).toMatchObject({ removed: ['b'] });
    logger.error('not for b');
    await drained(transport, 'b');
    expect(statusOf(transport, 'b')).toMatchObject({ accepted: 50, pending: { events: 50 }, dropped: {} });
    expect(reports.filter(({ type }) => type === 'eventsDropped')).toEqual([]);

    const back = await startReceiver();
    expect(transport.reload([a, { ...b, address: back.address }])).toMatchObject({ added: ['b'] });
    logger.error('51');
    await eventually(() => expect(back.names()).toEqual(numbers(1, 51)));
    await eventually(() => expect(statusOf(transport, 'b')).toMatchObject({ delivered: 51, dropped: {} }));
    await eventually(() => expect(receiver.names()).toEqual([...numbers(1, 50), 'not for b', '51']));
  });

  it('keep the bytes and the id of the batch that was in flight', async () => {
    const receiver = await startReceiver(503);
    const target = quickTarget(receiver.address, { batch_size: 10 });
    const { transport, logger } = createSpooledTransport(
      [target],
      { directory: spoolDirectory() },
      { shutdownTimeoutMs: drainMs },
    );
    await transport.ready();
    for (const name of numbers(1, 50)) logger.error(name);
    await receiver.untilRequests(1);
    transport.reload([]);
    await drained(transport, 'siem');
    receiver.answer = 200;
    transport.reload([target]);
    await eventually(() => expect(receiver.names()).toEqual(numbers(1, 50)));
    const [first] = receiver.requests;
    const withId = receiver.requests.filter(
      ({ headers }) => headers['webhook-id'] === first?.headers['webhook-id'],
    );
    expect(withId.length).toBeGreaterThan(1);
    expect(new Set(withId.map(({ body }) => body)).size).toBe(1);
  });

  it('are kept over a restart without the target, and delivered when the name comes back', async () => {
    const receiver = await startReceiver();
    const directory = spoolDirectory();
    const a = quickTarget(receiver.address, { name: 'a' });
    const b = quickTarget(await deadAddress(), { name: 'b' });
    const first = createSpooledTransport([a, b], { directory });
    await first.transport.ready();
    for (const name of numbers(1, 50)) first.logger.error(name);
    await first.close();

    const second = createSpooledTransport([a], { directory });
    await second.transport.ready();
    expect(statusOf(second.transport, 'b')).toMatchObject({
      accepted: 50,
      recovered: 50,
      pending: { events: 50 },
      dropped: {},
    });
    await second.close();

    const third = createSpooledTransport([a], { directory });
    await third.transport.ready();
    const back = await startReceiver();
    third.transport.reload([a, { ...b, address: back.address }]);
    third.logger.error('51');
    await eventually(() => expect(back.names()).toEqual(numbers(1, 51)));
    await eventually(() =>
      expect(statusOf(third.transport, 'b')).toMatchObject({ recovered: 50, delivered: 51, dropped: {} }),
    );
  });

  it('count under maxBytes', async () => {
    const directory = spoolDirectory();
    const maxBytes = 64 * 2 ** 10;
    const dead = await deadAddress();
    const a = quickTarget(dead, { name: 'a' });
    const b = quickTarget(dead, { name: 'b' });
    const { transport, logger } = createSpooledTransport(
      [b],
      { directory, maxBytes },
      { shutdownTimeoutMs: drainMs },
    );
    await transport.ready();
    const pad = 'p'.repeat(400);
    for (const name of numbers(1, 100)) logger.error(name, { pad });
    await transport.lifecycle('101');
    transport.reload([a]);
    for (const name of numbers(1, 100)) logger.error(name, { pad });
    await transport.lifecycle('101');
    await eventually(() => {
      const bytes = transport.status().targets.reduce((sum, { pending }) => sum + pending.bytes, 0);
      expect(bytes).toBeLessThanOrEqual(maxBytes);
      expect(bytes).toBeGreaterThan(maxBytes / 2);
    });
    const { targets } = transport.status();
    expect(targets.reduce((sum, { dropped }) => sum + (dropped['queue-full'] ?? 0), 0)).toBeGreaterThan(0);
    expectConservation(transport);
  });

  it('go when they are older than maxAge', async () => {
    const target = quickTarget(await deadAddress());
    const { transport, logger, report } = createSpooledTransport(
      [{ ...target, batch_wait: '1h' }],
      { directory: spoolDirectory(), maxAge: 500 },
      { shutdownTimeoutMs: 0 },
    );
    await transport.ready();
    for (const name of numbers(1, 50)) logger.error(name);
    await transport.lifecycle('51');
    transport.reload([]);
    const dropped = await within(
      report('eventsDropped', ({ reason }) => reason === 'too-old'),
      30_000,
      'the report of what is too old',
    );
    expect(dropped.target).toBe('siem');
    await eventually(() => {
      const left = transport.status().targets.find(({ name }) => name === 'siem');
      expect(left?.pending.events ?? 0).toBe(0);
    });
  });
});
