/** Dead letters of a target behind a console, as many as wanted. */

import { join } from 'node:path';
import { expect } from 'vitest';
import { startConsole } from './console.js';
import { temporaryDirectory } from './files.js';
import { startReceiver } from './receiver.js';
import { eventually } from './spool.js';
import { expectConservation, quickTarget, statusOf } from './transport.js';

export const PATH = '/1.0/log-targets/siem/dead-letters';

/** A receiver that refuses what is poisoned, and as many dead letters as wanted. */
export async function startWithDead(number: number) {
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
    120_000,
  );
  const take = () => {
    isPicky = false;
  };
  return { ...test, receiver, take };
}

/** Lists `number` of them in pages of 36, replays some, discards some, replays the rest. */
export async function listReplayDiscard(number: number): Promise<void> {
  const { call, transport, take, receiver } = await startWithDead(number);
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
  const full = Array.from({ length: Math.floor(number / 36) }, () => 36);
  expect(pages.map((page) => page.length)).toEqual([...full, number % 36]);
  const letters = pages.flat();
  expect(new Set(letters.map(({ event }) => event.metadata.message)).size).toBe(number);
  expect(letters[0]).toMatchObject({
    status: 422,
    response: 'no such field',
    accepted_at: expect.any(String),
  });
  expect((await call('GET', PATH)).metadata).toHaveLength(100);
  expect((await call('GET', `${PATH}?limit=5000`)).metadata).toHaveLength(number);
  take();
  const ids = letters.slice(0, 10).map(({ id }) => id);
  expect((await call('POST', `${PATH}/replay`, { ids: [] })).metadata).toEqual({ replayed: 0 });
  expect((await call('POST', `${PATH}/replay`, { ids })).metadata).toEqual({ replayed: 10 });
  await transport.flush();
  expect(statusOf(transport)).toMatchObject({ dead: number - 10, pending: { events: 0 } });
  expectConservation(transport);
  expect((await call('DELETE', PATH, { ids: letters.slice(10, 30).map(({ id }) => id) })).metadata).toEqual({
    discarded: 20,
  });
  expect(statusOf(transport)).toMatchObject({ dead: number - 30, dropped: { discarded: 20 } });
  expectConservation(transport);
  expect((await call('POST', `${PATH}/replay`, {})).metadata).toEqual({ replayed: number - 30 });
  await transport.flush();
  expect(statusOf(transport)).toMatchObject({
    dead: 0,
    delivered: number / 4 + number - 20,
    dropped: { discarded: 20 },
  });
  expectConservation(transport);
  expect(receiver.names().filter((name) => name.startsWith('poison'))).toHaveLength(number - 20);
}
