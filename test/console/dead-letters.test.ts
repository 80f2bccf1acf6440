/** Dead letters over the console: in pages, replayed, discarded, and who did it. */

import { expect, it } from 'vitest';
import { listenToEvents, operator } from '../helpers/console.js';
import { listReplayDiscard, PATH, startWithDead } from '../helpers/dead-letters.js';
import { statusOf } from '../helpers/transport.js';

it('more than a page of them are listed, replayed and discarded; the account is exact after each', () =>
  listReplayDiscard(120));

it('what is asked for wrongly means none, not all', async () => {
  const { call, transport } = await startWithDead(2);
  for (const [method, path, body] of [
    ['POST', `${PATH}/replay`, { id: ['x'] }],
    ['POST', `${PATH}/replay`, { ids: 'x' }],
    ['POST', `${PATH}/replay`, { since: 'yesterday' }],
    ['POST', `${PATH}/replay`, []],
    ['POST', `${PATH}/replay`, ''],
    ['DELETE', PATH, { since: '2026-01-01' }],
    ['DELETE', PATH, { before: 7 }],
    ['DELETE', PATH, undefined],
    ['GET', `${PATH}?limit=0`, undefined],
    ['GET', `${PATH}?limit=many`, undefined],
  ] as const) {
    expect({ method, path, body, status: (await call(method, path, body)).status }).toEqual({
      method,
      path,
      body,
      status: 400,
    });
  }
  const { body } = await call('GET', `${PATH}?limit=many`);
  expect(body.error).toBe('limit: Expected `limit` to be an integer from 1 to 1000, got `many`');
  expect(statusOf(transport).dead).toBe(2);
  expect((await call('DELETE', PATH, { before: '2020-01-01' })).metadata).toEqual({ discarded: 0 });
  expect((await call('DELETE', PATH, {})).metadata).toEqual({ discarded: 2 });
});

it('who read, replayed and discarded them is recorded; reading at most once a minute for each client', async () => {
  const { call, origin, take } = await startWithDead(4);
  const stream = await listenToEvents(origin, '?type=lifecycle');
  for (let times = 0; times < 3; times++) await call('GET', PATH);
  take();
  await call('POST', `${PATH}/replay`, { ids: [] });
  await call('DELETE', PATH, {});
  await stream.until(() => stream.events().length === 3);
  expect(
    stream.events().map(({ metadata }) => [metadata.action, metadata.source, metadata.context?.metadata]),
  ).toEqual([
    ['log-target-dead-letters-read', '/1.0/log-targets/siem', undefined],
    ['log-target-dead-letters-replayed', '/1.0/log-targets/siem', { replayed: 0 }],
    ['log-target-dead-letters-discarded', '/1.0/log-targets/siem', { discarded: 4 }],
  ]);
  const { protocol, username, address } = operator;
  expect(stream.events()[0].metadata.requestor).toEqual({ protocol, username, address });
});
