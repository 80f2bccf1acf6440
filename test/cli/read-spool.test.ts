/** The spool of a service that is stopped, looked at without a change to it. */

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readSpool } from '../../src/cli/spool/read-spool.js';
import { temporaryDirectory } from '../helpers/files.js';
import { startReceiver } from '../helpers/receiver.js';
import { createSpooledTransport, eventually, filesIn, numbers, spoolDirectory } from '../helpers/spool.js';
import { quickTarget, statusOf } from '../helpers/transport.js';

function digest(directory: string): string[] {
  return filesIn(directory).map(
    (file) =>
      `${file} ${createHash('sha256')
        .update(readFileSync(join(directory, file)))
        .digest('hex')}`,
  );
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

it('tells how much there is of whom, and gives events and letters in order', async () => {
  const receiver = await startReceiver(({ body }, response) =>
    response.writeHead(body.includes('"bad') ? 422 : 503).end('no'),
  );
  const directory = spoolDirectory();
  const a = quickTarget(receiver.address, { name: 'a', batch_size: 1 });
  const b = quickTarget('http://127.0.0.1:9/', { name: 'b', scopes: ['logging'] });
  const { transport, logger, close } = createSpooledTransport([a, b], { directory });
  await transport.ready();
  logger.error('bad');
  await eventually(() => expect(statusOf(transport, 'a').dead).toBe(1));
  for (const name of numbers(1, 50)) {
    if (Number(name) % 10 === 0) await transport.lifecycle(name);
    else logger.error(name);
  }
  await expect(readSpool(directory)).rejects.toThrow(/in use by process \d+/);
  await close();

  const before = digest(directory);
  const spool = await readSpool(directory);
  expect(spool.damage).toBeUndefined();
  expect(spool.targets).toMatchObject([
    { name: 'a', events: 50, dead: 1, oldestAt: expect.any(String) },
    { name: 'b', events: 46, dead: 0 },
  ]);
  const events = await all(spool.events('a'));
  expect(events.map(({ text }) => JSON.parse(text).metadata).map((m) => m.message ?? m.action)).toEqual(
    numbers(1, 50),
  );
  expect(await all(spool.events())).toHaveLength(96);
  expect(await all(spool.deadLetters())).toMatchObject([{ target: 'a', status: 422, response: 'no' }]);
  expect(digest(directory)).toEqual(before);
});

it('refuses what is no spool', async () => {
  const directory = join(temporaryDirectory(), 'empty');
  await expect(readSpool(directory)).rejects.toMatchObject({ code: 'SPOOL_UNAVAILABLE', directory });
  mkdirSync(directory);
  await expect(readSpool(directory)).rejects.toThrow('there is no spool');
});
