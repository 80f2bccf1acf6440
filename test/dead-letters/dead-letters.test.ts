/** Dead letters in the files of a spool: an event is there once, as a letter or as one that waits. */

import { expect, it } from 'vitest';
import { readSpool } from '../../src/cli/spool/read-spool.js';
import { startReceiver } from '../helpers/receiver.js';
import { createSpooledTransport, eventually, numbers, spoolDirectory } from '../helpers/spool.js';
import { quickTarget, statusOf } from '../helpers/transport.js';

it('what becomes a letter with the last commit does not wait any more: it is not sent again, and nothing else is lost for it', async () => {
  const directory = spoolDirectory();
  const refusing = await startReceiver(({ body }, response) =>
    response.writeHead(body.includes('"bad') ? 422 : 503).end(),
  );
  const before = createSpooledTransport([quickTarget(refusing.address, { name: 'a' })], { directory });
  await before.transport.ready();
  before.logger.error('bad');
  for (const name of numbers(1, 20)) before.logger.error(name);
  // It may be right: nothing was taken since. The end decides.
  await eventually(() => expect(statusOf(before.transport, 'a').lastError?.code).toBe('HTTP_503'));
  await before.close();

  const spool = await readSpool(directory);
  expect(spool.targets).toMatchObject([{ name: 'a', events: 20, dead: 1 }]);
  const waiting: string[] = [];
  for await (const { text } of spool.events()) waiting.push(JSON.parse(text).metadata.message);
  expect(waiting).toEqual(numbers(1, 20));

  const receiver = await startReceiver();
  const after = createSpooledTransport([quickTarget(receiver.address, { name: 'a' })], { directory });
  await after.transport.ready();
  expect(await after.transport.flush({ timeoutMs: 50_000 })).toEqual({ delivered: true, pending: 0 });
  expect(receiver.names()).toEqual(numbers(1, 20));
  expect(statusOf(after.transport, 'a')).toMatchObject({
    accepted: 21,
    delivered: 20,
    dead: 1,
    pending: { events: 0, bytes: 0 },
  });
});
