/** Targets that want the events of some projects only. */

import { expect, it } from 'vitest';
import { startReceiver } from '../helpers/receiver.js';
import { createTestTransport, quickTarget, statusOf } from '../helpers/transport.js';

it('lifecycle and operation events go where their project is wanted, log records everywhere', async () => {
  const [one, all] = [await startReceiver(), await startReceiver()];
  const scopes = ['lifecycle', 'logging', 'operation'] as const;
  const { transport, logger } = createTestTransport([
    quickTarget(one.address, { name: 'one', scopes, lifecycle_projects: ['web'] }),
    quickTarget(all.address, { name: 'all', scopes }),
  ]);
  const receipts = [
    await logger.lifecycle('of-web', { project: 'web' }),
    await logger.lifecycle('of-shop', { project: 'shop' }),
    await logger.lifecycle('of-none'),
  ];
  expect(receipts.map(({ queued }) => queued.sort())).toEqual([['all', 'one'], ['all'], ['all', 'one']]);
  logger.operation({ description: 'd', project: 'shop' });
  logger.info('m');
  await transport.flush();
  expect(one.names().filter((name) => name !== 'undefined')).toEqual(['of-web', 'of-none', 'm']);
  expect(statusOf(transport, 'one').delivered).toBe(3);
  expect(statusOf(transport, 'all').delivered).toBe(5);
});
