/** A disk that fills up and has room again, on a small file system of its own: needs the right to mount one. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startReceiver } from '../../helpers/receiver.js';
import { canMount, fill, smallDisk } from '../../helpers/small-disk.js';
import { createSpooledTransport, eventually, numbers, spoolErrorClass } from '../../helpers/spool.js';
import { expectConservation, quickTarget, statusOf } from '../../helpers/transport.js';

describe.skipIf(!canMount())('a full disk (skipped where tmpfs cannot be mounted)', () => {
  it('is told of once, holds nothing up, and is written to again when there is room', {
    timeout: 60_000,
  }, async () => {
    const disk = smallDisk('16m');
    const directory = join(disk, 'spool');
    const receiver = await startReceiver(503);
    const bounds = { maxEvents: 500, maxBytes: 2 ** 20 };
    const spooled = createSpooledTransport(
      [quickTarget(receiver.address)],
      { directory },
      { memory: bounds },
    );
    const { transport, logger, warnings, spoolReport } = spooled;
    await transport.ready();
    for (const name of numbers(1, 100)) logger.error(name);
    expect(await transport.lifecycle('101')).toMatchObject({ durable: true });

    const ballast = fill(disk);
    let next = 102;
    let isDurable = true;
    while (isDurable) {
      expect(next).toBeLessThan(1000);
      const receipt = await transport.lifecycle(String(next++), { metadata: { pad: 'p'.repeat(4000) } });
      expect(receipt.queued).toEqual(['siem']);
      isDurable = receipt.durable;
    }
    const report = await spoolReport('spoolUnavailable');
    expect(report).toMatchObject({
      directory,
      error: { code: expect.any(String), message: expect.any(String) },
    });
    const inMemoryFrom = next - 1;
    for (const name of numbers(next, next + 299)) logger.error(name);
    next += 300;
    expect(await transport.lifecycle(String(next++))).toMatchObject({ queued: ['siem'], durable: false });
    expect(statusOf(transport)).toMatchObject({ accepted: next - 1, dropped: {} });
    expectConservation(transport);

    // More than memory takes: the bounds hold, and what is on disk already is not touched.
    const overflow = 1000;
    for (const name of numbers(next, next + overflow - 1)) logger.error(name);
    next += overflow;
    const dropped = statusOf(transport).dropped['queue-full'] ?? 0;
    expect(dropped).toBeGreaterThanOrEqual(next - inMemoryFrom - bounds.maxEvents);
    expect(dropped).toBeLessThan(300 + overflow);
    expectConservation(transport);
    expect(spooled.spoolReports).toHaveLength(1);
    expect(warnings.filter(({ message }) => message.includes(directory))).toHaveLength(1);

    rmSync(ballast);
    await spoolReport('spoolRecovered');
    expect(await transport.lifecycle(String(next++))).toMatchObject({ queued: ['siem'], durable: true });
    receiver.answer = 200;
    await eventually(() => expect(statusOf(transport).pending.events).toBe(0));
    const arrived = receiver.names().map(Number);
    expect(arrived).toHaveLength(next - 1 - dropped);
    expect(arrived.slice(0, 101).map(String)).toEqual(numbers(1, 101));
    expect(arrived).toEqual([...arrived].sort((a, b) => a - b));
    expect(arrived.at(-1)).toBe(next - 1);
    expect(spooled.spoolReports.map(({ type }) => type)).toEqual(['spoolUnavailable', 'spoolRecovered']);
  });

  it('keeps no event from being delivered, nor what was on disk', async () => {
    const disk = smallDisk('16m');
    const directory = join(disk, 'spool');
    const receiver = await startReceiver(503);
    const spooled = createSpooledTransport([quickTarget(receiver.address)], { directory });
    await spooled.transport.ready();
    for (const name of numbers(1, 100)) spooled.logger.error(name);
    expect(await spooled.transport.lifecycle('101')).toMatchObject({ durable: true });
    fill(disk);
    let next = 102;
    const pad = 'p'.repeat(4000);
    while ((await spooled.transport.lifecycle(String(next), { metadata: { pad } })).durable) next++;
    receiver.answer = 200;
    await eventually(() =>
      expect(statusOf(spooled.transport)).toMatchObject({
        delivered: next,
        pending: { events: 0 },
        dropped: {},
      }),
    );
    expect(receiver.names()).toEqual(numbers(1, next));
  });

  it('is a SpoolError of the constructor when it cannot be written at all', () => {
    const disk = smallDisk('64k');
    const directory = join(disk, 'spool');
    mkdirSync(directory);
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    for (const path of [directory, join(disk, 'other')]) {
      expect(() => createSpooledTransport([], { directory: path })).toThrow(spoolErrorClass());
    }
  });
});
