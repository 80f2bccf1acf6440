/** `maxBytes` and `maxAge`: what goes when there is too much, or when it took too long. */

import { setImmediate as immediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startReceiver } from '../helpers/receiver.js';
import { bytesIn, createSpooledTransport, eventually, numbers, spoolDirectory } from '../helpers/spool.js';
import { expectConservation, quickTarget, statusOf } from '../helpers/transport.js';

/** Collects, and sends nothing until it is reloaded with a shorter wait: so nothing is in flight. */
const patient = { batch_wait: '1h', batch_size: 100_000, batch_bytes: 64 * 2 ** 20 };

describe('maxBytes', () => {
  it('evicts the oldest logging events, and no lifecycle event while there are others', async () => {
    const receiver = await startReceiver();
    const maxBytes = 64 * 2 ** 10;
    const target = quickTarget(receiver.address);
    const { transport, logger, report } = createSpooledTransport([{ ...target, ...patient }], {
      directory: spoolDirectory(),
      maxBytes,
    });
    await transport.ready();
    const lifecycle = [];
    for (let number = 1; number <= 600; number++) {
      if (number % 20 === 0) lifecycle.push(transport.lifecycle(String(number)));
      else logger.error(String(number), { pad: 'p'.repeat(300) });
      if (number % 50 === 0) {
        await immediate();
        expect(statusOf(transport).pending.bytes).toBeLessThanOrEqual(maxBytes);
      }
    }
    for (const receipt of await Promise.all(lifecycle)) {
      expect(receipt).toEqual({ queued: ['siem'], durable: true, dropped: [] });
    }
    const status = statusOf(transport);
    const dropped = status.dropped['queue-full'] ?? 0;
    expect(status).toMatchObject({
      accepted: 600,
      pending: { events: 600 - dropped },
      dropped: { 'queue-full': dropped },
    });
    expect(status.pending.bytes).toBeLessThanOrEqual(maxBytes);
    expect(dropped).toBeGreaterThan(300);
    expect(status.pending.bytes, 'no more is evicted than must be').toBeGreaterThan(maxBytes * 0.9);
    expect(await report('eventsDropped')).toMatchObject({ target: 'siem', reason: 'queue-full' });

    transport.reload([target]);
    await eventually(() => expect(statusOf(transport).pending.events).toBe(0));
    const kept = numbers(1, 600).filter((name) => Number(name) % 20 === 0 || isYoung(Number(name)));
    expect(receiver.names()).toEqual(kept);

    /** Among the logging events, those that were not among the `dropped` oldest. */
    function isYoung(number: number): boolean {
      return number - Math.floor(number / 20) > dropped;
    }
  });

  it('keeps a quarter open to logging events, however many others there are', async () => {
    const receiver = await startReceiver();
    const target = quickTarget(receiver.address);
    const maxBytes = 16 * 2 ** 10;
    const { transport, logger } = createSpooledTransport([{ ...target, ...patient }], {
      directory: spoolDirectory(),
      maxBytes,
    });
    await transport.ready();
    for (const name of numbers(1, 100)) {
      expect(await transport.lifecycle(name, { metadata: { pad: 'p'.repeat(1000) } })).toMatchObject({
        queued: ['siem'],
      });
    }
    expect(statusOf(transport).pending.bytes).toBeLessThanOrEqual((maxBytes * 3) / 4);
    const dropped = statusOf(transport).dropped['queue-full'] ?? 0;
    expect(dropped).toBeGreaterThan(80);
    logger.error('it fits', { pad: 'p'.repeat(2000) });
    expect(statusOf(transport).dropped['queue-full']).toBe(dropped);
    transport.reload([target]);
    await eventually(() => expect(statusOf(transport).pending.events).toBe(0));
    expect(receiver.names()).toEqual([...numbers(dropped + 1, 100), 'it fits']);
  });

  it('makes no receipt durable of what had to go before it was written', async () => {
    const receiver = await startReceiver();
    const target = quickTarget(receiver.address);
    const directory = spoolDirectory();
    const first = createSpooledTransport([{ ...target, ...patient }], { directory, maxBytes: 16 * 2 ** 10 });
    await first.transport.ready();
    // All at once: there is no time to write between two of them.
    const receipts = await Promise.all(
      numbers(1, 100).map((name) => first.transport.lifecycle(name, { metadata: { pad: 'p'.repeat(1000) } })),
    );
    first.transport.reload([{ ...target, ...patient, enabled: false }]);
    await first.close();
    const durable = numbers(1, 100).filter((_, index) => receipts[index]?.durable);
    expect(durable.length).toBeLessThan(13);
    const second = createSpooledTransport([target], { directory });
    await second.transport.ready();
    await eventually(() => expect(statusOf(second.transport).pending.events).toBe(0));
    expect(receiver.names()).toEqual(durable);
    expect(durable.at(-1)).toBe('100');
  });

  it('lets a dead target starve no other', async () => {
    const receiver = await startReceiver();
    const dead = { ...quickTarget('http://127.0.0.1:9/', { name: 'dead' }), scopes: ['lifecycle' as const] };
    const live = quickTarget(receiver.address, { name: 'live', scopes: ['logging'] });
    const { transport, logger } = createSpooledTransport([dead, live], {
      directory: spoolDirectory(),
      maxBytes: 64 * 2 ** 10,
    });
    await transport.ready();
    for (const name of numbers(1, 200)) {
      await transport.lifecycle(name, { metadata: { pad: 'p'.repeat(1000) } });
    }
    for (const name of numbers(1, 500)) {
      logger.error(name, { pad: 'p'.repeat(100) });
      if (Number(name) % 20 === 0) await eventually(() => expect(receiver.names()).toContain(name));
    }
    await eventually(() =>
      expect(statusOf(transport, 'live')).toMatchObject({ delivered: 500, dropped: {} }),
    );
    expectConservation(transport);
  });

  it('holds for what a former process left behind, when it has become smaller', async () => {
    const receiver = await startReceiver();
    const directory = spoolDirectory();
    const target = quickTarget(receiver.address);
    const first = createSpooledTransport([{ ...target, ...patient }], { directory });
    await first.transport.ready();
    // Never tried, so that nothing is in flight.
    const off = { ...target, ...patient, address: 'http://127.0.0.1:9/' };
    for (const name of numbers(1, 200)) first.logger.error(name, { pad: 'p'.repeat(300) });
    first.transport.reload([{ ...off, enabled: false }]);
    await first.close();
    const maxBytes = 16 * 2 ** 10;
    const second = createSpooledTransport([{ ...target, ...patient }], { directory, maxBytes });
    await second.transport.ready();
    await eventually(() => expect(statusOf(second.transport).pending.bytes).toBeLessThanOrEqual(maxBytes));
    const status = statusOf(second.transport);
    const dropped = status.dropped['queue-full'] ?? 0;
    expect(status).toMatchObject({
      accepted: 200,
      recovered: 200,
      pending: { events: 200 - dropped },
    });
    second.transport.reload([target]);
    await eventually(() => expect(receiver.names()).toEqual(numbers(dropped + 1, 200)));
  });

  it('keeps the files small too, however much passes through', { timeout: 60_000 }, async () => {
    const receiver = await startReceiver();
    const directory = spoolDirectory();
    const maxBytes = 2 ** 20;
    const { transport, logger } = createSpooledTransport([{ ...quickTarget(receiver.address), ...patient }], {
      directory,
      maxBytes,
    });
    await transport.ready();
    let largest = 0;
    const pad = (number: number) =>
      Array.from({ length: 200 }, (_, index) => (number * (index + 7919)) % 99_991);
    for (let number = 1; number <= 10_000; number++) {
      logger.error(String(number), { pad: pad(number).join('') });
      if (number % 1000 === 0) {
        expect(await transport.lifecycle(`after ${number}`)).toMatchObject({ durable: true });
        largest = Math.max(largest, bytesIn(directory));
      }
    }
    // About 10 MB went through 1 MiB: two files of 256 KiB may be there that are not all needed.
    expect(largest).toBeLessThan(maxBytes + 2 * 2 ** 18 + 2 ** 17);
    expect(statusOf(transport).pending.bytes).toBeLessThanOrEqual(maxBytes);
    expectConservation(transport);
  });
});

describe('maxAge', () => {
  it('drops what waited longer, and nothing younger', async () => {
    const receiver = await startReceiver();
    const target = quickTarget(receiver.address);
    const { transport, logger, report } = createSpooledTransport([{ ...target, ...patient }], {
      directory: spoolDirectory(),
      maxAge: 5000,
    });
    await transport.ready();
    const startedAt = performance.now();
    const droppedAt = report('eventsDropped').then(() => performance.now());
    for (const name of numbers(1, 50)) logger.error(name);
    await transport.lifecycle('51');
    await eventually(() =>
      expect(statusOf(transport)).toMatchObject({ pending: { events: 0 }, dropped: { 'too-old': 51 } }),
    );
    expect((await droppedAt) - startedAt).toBeGreaterThan(4900);
    expect(await report('eventsDropped')).toMatchObject({ target: 'siem', reason: 'too-old' });
    logger.error('young');
    transport.reload([target]);
    await eventually(() => expect(receiver.names()).toEqual(['young']));
  });

  it('drops what waits for another attempt, too, and no younger batch', async () => {
    const receiver = await startReceiver(503);
    const target = quickTarget(receiver.address, { retry_count: 1, retry_timeout: '1h' });
    const { transport, logger } = createSpooledTransport([target], {
      directory: spoolDirectory(),
      maxAge: 2000,
    });
    await transport.ready();
    await transport.lifecycle('old, too');
    let logged = 1;
    // On a machine that is held up for longer than events may wait, the first of them are not even tried.
    await eventually(() => {
      logger.error('old');
      logged++;
      expect(statusOf(transport).state).toBe('down');
    });
    const flushed = transport.flush({ timeoutMs: 30_000 });
    await eventually(() =>
      expect(statusOf(transport)).toMatchObject({ pending: { events: 0 }, dropped: { 'too-old': logged } }),
    );
    expect(await flushed).toEqual({ delivered: false, pending: 0 });
    expectConservation(transport);
    receiver.answer = 200;
    transport.reload([{ ...target, retry_timeout: '10ms' }]);
    await eventually(() => {
      logger.error('young');
      expect(receiver.names()).toContain('young');
    });
    expect(receiver.names()).not.toContain('old');
  });
});
