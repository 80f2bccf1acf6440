/** Dead letters over the console: in pages, replayed, discarded, and who did it. */

import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listenToEvents, operator, startConsole } from '../helpers/console.js';
import { temporaryDirectory } from '../helpers/files.js';
import { startReceiver } from '../helpers/receiver.js';
import { eventually } from '../helpers/spool.js';
import { expectConservation, quickTarget, statusOf } from '../helpers/transport.js';

const PATH = '/1.0/log-targets/siem/dead-letters';

/** A receiver that refuses what is poisoned, and as many dead letters as wanted. */
async function startWithDead(number: number) {
  let isPicky = true;
  const receiver = await startReceiver((request, response) =>
    response.writeHead(isPicky && request.body.includes('poison') ? 422 : 200).end('no such field'),
  );
  const test = await startConsole({
    targets: [
      quickTarget(receiver.address, { body_format: 'single', batch_wait: '0s', scopes: ['logging'] }),
    ],
    transportOptions: { spool: { directory: join(temporaryDirectory(), 'spool') } },
  });
  await test.transport.ready();
  // One that is taken between them shows that it is not the configuration that is wrong.
  for (let index = 0; index < number; index++) {
    test.logger.info(`poison ${index}`);
    if (index % 4 === 3) test.logger.info('fine');
  }
  await eventually(
    () => expect(statusOf(test.transport)).toMatchObject({ dead: number, pending: { events: 0 } }),
    30_000,
  );
  const take = () => {
    isPicky = false;
  };
  return { ...test, receiver, take };
}

it('more than a page of them are listed, replayed and discarded; the account is exact after each', async () => {
  const { call, transport, take, receiver } = await startWithDead(120);
  const pages: {
    id: string;
    accepted_at: string;
    status: number;
    response: string;
    event: { metadata: { message: string } };
  }[][] = [];
  for (let after = ''; ; after = pages.at(-1)?.at(-1)?.id ?? '') {
    const { metadata } = await call('GET', `${PATH}?limit=36${after && `&after=${after}`}`);
    if (metadata.length === 0) break;
    pages.push(metadata);
  }
  expect(pages.map((page) => page.length)).toEqual([36, 36, 36, 12]);
  const letters = pages.flat();
  expect(new Set(letters.map(({ event }) => event.metadata.message)).size).toBe(120);
  expect(letters[0]).toMatchObject({
    status: 422,
    response: 'no such field',
    accepted_at: expect.any(String),
  });
  expect((await call('GET', PATH)).metadata).toHaveLength(100);
  expect((await call('GET', `${PATH}?limit=5000`)).metadata).toHaveLength(120);
  take();
  const ids = letters.slice(0, 10).map(({ id }) => id);
  expect((await call('POST', `${PATH}/replay`, { ids: [] })).metadata).toEqual({ replayed: 0 });
  expect((await call('POST', `${PATH}/replay`, { ids })).metadata).toEqual({ replayed: 10 });
  await transport.flush();
  expect(statusOf(transport)).toMatchObject({ dead: 110, pending: { events: 0 } });
  expectConservation(transport);
  expect((await call('DELETE', PATH, { ids: letters.slice(10, 30).map(({ id }) => id) })).metadata).toEqual({
    discarded: 20,
  });
  expect(statusOf(transport)).toMatchObject({ dead: 90, dropped: { discarded: 20 } });
  expectConservation(transport);
  expect((await call('POST', `${PATH}/replay`, {})).metadata).toEqual({ replayed: 90 });
  await transport.flush();
  expect(statusOf(transport)).toMatchObject({ dead: 0, delivered: 30 + 100, dropped: { discarded: 20 } });
  expectConservation(transport);
  expect(receiver.names().filter((name) => name.startsWith('poison'))).toHaveLength(100);
});

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
