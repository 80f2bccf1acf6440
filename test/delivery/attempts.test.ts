/** Attempts under settings that are replaced. */

import { expect, it } from 'vitest';
import { Account } from '../../src/delivery/account.js';
import { Attempts } from '../../src/delivery/attempts.js';
import { Health } from '../../src/delivery/health.js';
import { createBatch } from '../../src/queue/batch.js';
import type { Queue } from '../../src/queue/queue.js';
import { defaultOutbound } from '../../src/sending/outbound.js';
import { validateTargets } from '../../src/settings/validate.js';
import { startReceiver } from '../helpers/receiver.js';
import { quickTarget } from '../helpers/transport.js';
import { encodedEvent } from '../queue/queue-contract.js';

it('one that still waits for the disk is under way, and can be called off', async () => {
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
  attempts.end();
  expect(attempts.isBusy).toBe(true);
  attempts.abort();
  write();
  expect(await outcome).toMatchObject({ kind: 'retryable' });
  expect(attempts.isBusy).toBe(false);
  expect(receiver.requests).toEqual([]);
  expect(account.counters.attempts).toBe(0);
});
