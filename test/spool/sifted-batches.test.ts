/** Of a batch a receiver may take every other event: the rest waits in the spool, and nothing between it does. */

import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { readSpool } from '../../src/cli/spool/read-spool.js';
import { startReceiver } from '../helpers/receiver.js';
import { createSpooledTransport, eventually, numbers, spoolDirectory } from '../helpers/spool.js';
import { expectConservation, quickTarget, statusOf } from '../helpers/transport.js';

function messagesIn(body: string): string[] {
  const lines = body.trimEnd().split('\n');
  return lines.filter((_, index) => index % 2 === 1).map((line) => JSON.parse(line).message);
}

/** Answers as Elasticsearch does: 429 for the items that it has no time for. */
function answerItems(response: ServerResponse, areTaken: readonly boolean[]): void {
  const items = areTaken.map((isTaken) => ({ create: { status: isTaken ? 201 : 429 } }));
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ errors: areTaken.includes(false), items }));
}

it('what is left of a batch is sent once after a restart, and so is everything behind it', async () => {
  const taken: string[] = [];
  let requests = 0;
  let isWell = false;
  const receiver = await startReceiver(({ body }, response) => {
    const messages = messagesIn(body);
    requests++;
    if (!isWell && requests > 1) return void response.writeHead(503).end();
    const areTaken = messages.map((_, index) => isWell || index % 2 === 1);
    taken.push(...messages.filter((_, index) => areTaken[index]));
    answerItems(response, areTaken);
  });
  const directory = spoolDirectory();
  const target = quickTarget(receiver.address, {
    name: 'es',
    batch_size: 10,
    batch_wait: '1h',
    event_format: 'elasticsearch',
    format_options: { index: 'logs' },
    body_format: 'ndjson',
  });
  const before = createSpooledTransport([target], { directory });
  await before.transport.ready();
  for (const name of numbers(1, 40)) before.logger.error(name);
  await eventually(() => expect(statusOf(before.transport, 'es').lastError?.code).toBe('HTTP_503'));
  expect(statusOf(before.transport, 'es')).toMatchObject({ delivered: 5, pending: { events: 35 } });
  await before.close();

  const spool = await readSpool(directory);
  expect(spool.targets).toMatchObject([{ name: 'es', events: 35 }]);
  const waiting: string[] = [];
  for await (const { text } of spool.events()) waiting.push(...messagesIn(text));
  expect(waiting).toEqual(numbers(1, 40).filter((name) => !taken.includes(name)));

  isWell = true;
  const after = createSpooledTransport([target], { directory });
  await after.transport.ready();
  expect(await after.transport.flush({ timeoutMs: 50_000 })).toEqual({ delivered: true, pending: 0 });
  expect(taken.toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers(1, 40));
  expect(statusOf(after.transport, 'es')).toMatchObject({
    accepted: 35,
    delivered: 35,
    pending: { bytes: 0 },
  });
  expectConservation(after.transport);
});
