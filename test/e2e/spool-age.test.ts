/** The age of what waits, on a machine that was up for two hours between two starts. */

import { expect, it, vi } from 'vitest';
import { startReceiver } from '../helpers/receiver.js';
import { createSpooledTransport, eventually, numbers, spoolDirectory } from '../helpers/spool.js';
import { quickTarget, statusOf } from '../helpers/transport.js';

/** By how much later it is for the machine than it was when it was started. */
const machine = vi.hoisted(() => ({ aheadMs: 0 }));
vi.mock('node:os', async (importOriginal) => {
  const os = await importOriginal<typeof import('node:os')>();
  return { ...os, uptime: () => os.uptime() + machine.aheadMs / 1000 };
});

/** Collects, and sends nothing. */
const patient = { batch_wait: '1h', batch_size: 100_000, batch_bytes: 64 * 2 ** 20 };

it('`maxAge` counts from when an event was accepted, over a restart', async () => {
  const receiver = await startReceiver();
  const directory = spoolDirectory();
  const target = quickTarget(receiver.address);
  const first = createSpooledTransport([{ ...target, ...patient }], { directory });
  await first.transport.ready();
  for (const name of numbers(1, 50)) first.logger.error(name);
  await first.transport.lifecycle('51');
  first.transport.reload([{ ...target, ...patient, enabled: false }]);
  await first.close();
  expect(statusOf(first.transport).pending.events).toBe(51);

  machine.aheadMs = 2 * 60 * 60 * 1000;
  const second = createSpooledTransport([target], { directory, maxAge: 60 * 60 * 1000 });
  await second.transport.ready();
  second.logger.error('young');
  await eventually(() => {
    expect(receiver.names()).toEqual(['young']);
    expect(statusOf(second.transport)).toMatchObject({
      accepted: 52,
      recovered: 51,
      delivered: 1,
      dropped: { 'too-old': 51 },
    });
  });
});
