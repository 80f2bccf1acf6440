/** Attempts under settings that are replaced. */

import { expect, it, onTestFinished, vi } from 'vitest';
import { Account } from '../../src/delivery/account.js';
import { Attempts } from '../../src/delivery/attempts.js';
import { Health } from '../../src/delivery/health.js';
import { Target } from '../../src/delivery/target.js';
import { Formats } from '../../src/formats/formats.js';
import { createBatch } from '../../src/queue/batch.js';
import { MemoryQueue } from '../../src/queue/memory-queue.js';
import type { Queue } from '../../src/queue/queue.js';
import { defaultOutbound } from '../../src/sending/outbound.js';
import type { LogTargetSettings } from '../../src/settings/schema.js';
import { validateTargets } from '../../src/settings/validate.js';
import { startReceiver } from '../helpers/receiver.js';
import { quickTarget } from '../helpers/transport.js';
import { encodedEvent } from '../queue/queue-contract.js';

it.each(['end', 'abort'] as const)(
  'one that still waits for the disk is not made any more: %s',
  async (how) => {
    const receiver = await startReceiver();
    const [settings] = validateTargets([quickTarget(receiver.address)]);
    const report = () => {};
    let write = () => {};
    const written = new Promise<void>((resolve) => {
      write = resolve;
    });
    const queue = { beforeAttempt: () => written, stateChanged: () => {} } as unknown as Queue;
    const account = new Account('siem', report);
    const health = new Health(settings!, report, () => {});
    const attempts = new Attempts(settings!, { queue, account, health, outbound: defaultOutbound });
    const outcome = attempts.send(createBatch([encodedEvent(0, 'logging', 10)], 'array'));
    attempts[how]();
    write();
    expect(await outcome).toMatchObject({ kind: 'retryable' });
    expect(attempts.isBusy).toBe(false);
    expect(receiver.requests).toEqual([]);
    expect(account.counters.attempts).toBe(0);
  },
);

it('a batch that waits for the disk while its target gets another address goes nowhere but there', async () => {
  const [before, after] = [await startReceiver(), await startReceiver()];
  const [settings, changed] = [before, after].map(
    ({ address }) => validateTargets([quickTarget(address)])[0]!,
  ) as [LogTargetSettings, LogTargetSettings];
  let write = () => {};
  const preparing = vi.fn(() => new Promise<void>((resolve) => (write = resolve)));
  const queue = new MemoryQueue({ maxEvents: 10, maxBytes: 1000 }, () => {});
  const openQueue = () => Object.assign(queue, { beforeAttempt: preparing });
  const formats = new Formats();
  const target = new Target(settings, { openQueue, formats, report: () => {}, outbound: defaultOutbound });
  onTestFinished(() => target.close('shutdown'));
  target.push(encodedEvent(0, 'logging', 10));
  await vi.waitFor(() => expect(preparing).toHaveBeenCalledTimes(1));
  target.reconfigure(changed);
  preparing.mockResolvedValue(undefined);
  write();
  expect(await target.flush(false).settled).toBe(true);
  expect(after.requests).toHaveLength(1);
  expect(before.requests).toHaveLength(0);
  expect(target.status()).toMatchObject({ accepted: 1, delivered: 1, attempts: 1, pending: { events: 0 } });
});
