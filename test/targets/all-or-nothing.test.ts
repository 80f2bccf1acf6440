/** A reload that cannot be done leaves everything as it was. */

import { expect, it, onTestFinished } from 'vitest';
import { builtIn } from '../../src/formats/formats.js';
import { defaultOutbound } from '../../src/sending/outbound.js';
import { validateTargets } from '../../src/settings/validate.js';
import { Dispatcher } from '../../src/targets/dispatcher.js';
import { TargetSet } from '../../src/targets/target-set.js';
import { startReceiver } from '../helpers/receiver.js';

it('a reload that throws changes no target', async () => {
  const receiver = await startReceiver();
  const report = () => {};
  const dispatcher = new Dispatcher(report, builtIn);
  const bounds = { maxEvents: 1000, maxBytes: 2 ** 20 };
  const targets = new TargetSet({
    dispatcher,
    bounds,
    spool: undefined,
    formats: builtIn,
    outbound: defaultOutbound,
    drainTimeoutMs: 1000,
    report,
  });
  onTestFinished(async () => void (await targets.close(0)));
  const [old, changed] = validateTargets([
    { name: 'old', address: receiver.address, batch_wait: '0s' },
    { name: 'changed', address: receiver.address, batch_wait: '0s' },
  ]);
  targets.reload([old!, changed!]);
  const unwritable = { ...changed!, event_format: 'none' as never };
  expect(() => targets.reload([unwritable, { ...old!, name: 'new' }])).toThrow();
  expect(targets.status().targets.map(({ name, state }) => [name, state])).toEqual([
    ['old', 'idle'],
    ['changed', 'idle'],
  ]);
  const event = { type: 'lifecycle', time: '', action: 'done', entities: [] } as const;
  expect(await dispatcher.acceptLifecycle(event, 0)).toMatchObject({ queued: ['old', 'changed'] });
  await receiver.untilRequests(2);
  expect(receiver.names()).toEqual(['done', 'done']);
});
