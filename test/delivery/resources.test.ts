/** What is held, and for how long: memory, sockets, timers, waits. */

import { once } from 'node:events';
import { setImmediate as immediate } from 'node:timers/promises';
import tls from 'node:tls';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createBatch } from '../../src/queue/batch.js';
import { Fifo } from '../../src/queue/fifo.js';
import { HttpSender } from '../../src/sending/sender.js';
import { validateTargets } from '../../src/settings/validate.js';
import { createCa } from '../helpers/certificates.js';
import { collectGarbage } from '../helpers/gc.js';
import { freePort, startReceiver } from '../helpers/receiver.js';
import { createTestTransport, quickTarget, statusOf } from '../helpers/transport.js';
import { encodedEvent } from '../queue/queue-contract.js';

it('a sender lets go of a request once it is answered', async () => {
  const receiver = await startReceiver();
  const [settings] = validateTargets([quickTarget(receiver.address)]);
  const sender = new HttpSender(settings!);
  const send = () => sender.send(createBatch([encodedEvent(0, 'logging', 2 ** 20)], 'ndjson'));
  await send();
  receiver.requests.length = 0;
  await collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  for (let count = 0; count < 30; count++) {
    await send();
    receiver.requests.length = 0;
  }
  await collectGarbage();
  // The receiver keeps what it accepted: 30 MiB. A sender that kept its bodies too would double that.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(45 * 2 ** 20);
  sender.end();
});

it('a Fifo lets go of an item once it is read', async () => {
  const fifo = new Fifo<object>();
  for (let count = 0; count < 100; count++) fifo.push({});
  const read = new WeakRef(fifo.shift()!);
  await collectGarbage();
  expect(read.deref()).toBeUndefined();
  expect(fifo.length).toBe(99);
});

it('a flush whose time is up leaves nothing behind', async () => {
  const { transport, logger } = createTestTransport([
    quickTarget(`http://127.0.0.1:${await freePort()}/`, { retry_timeout: '1h' }),
  ]);
  logger.error('one');
  /** Bytes of the heap that two hundred of them take for good. */
  const growth = async () => {
    await collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let count = 0; count < 200; count++) await transport.flush({ timeoutMs: 0 });
    await collectGarbage();
    return process.memoryUsage().heapUsed - before;
  };
  // What is left behind is so each time; what else goes on in the process (compilers, caches) is over some time.
  let quiet = 0;
  for (let round = 0; round < 12 && quiet < 2; round++) quiet = (await growth()) < 20_000 ? quiet + 1 : 0;
  expect(quiet).toBe(2);
});

it('names of levels that somebody makes up are not remembered', async () => {
  const { transport } = createTestTransport([]);
  let made = 0;
  /** Bytes of the heap that ten thousand of them, of 200 bytes each, take for good. */
  const growth = async () => {
    await collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let count = 0; count < 10_000; count++) {
      transport.write({ [Symbol.for('level')]: `${made++}`.padStart(200, 'x'), message: '' });
    }
    await collectGarbage();
    return process.memoryUsage().heapUsed - before;
  };
  let quiet = 0;
  for (let round = 0; round < 12 && quiet < 2; round++) quiet = (await growth()) < 500_000 ? quiet + 1 : 0;
  expect(quiet).toBe(2);
});

it('closing breaks off the request of a sender that a reload has replaced', async () => {
  const hanging = await startReceiver(() => {});
  const receiver = await startReceiver();
  const target = quickTarget(hanging.address);
  const { transport, logger } = createTestTransport([target], { shutdownTimeoutMs: 100 });
  logger.error('one');
  await hanging.untilRequests(1);
  transport.reload([{ ...target, address: receiver.address }]);
  transport.end();
  await once(transport, 'finish');
  await expect.poll(() => hanging.openConnections).toBe(0);
});

it('nothing is sent after closing, though it waited for its turn', async () => {
  const receiver = await startReceiver((_request, response) => {
    response.writeHead(200).write('never ends');
  });
  const { transport, logger } = createTestTransport([quickTarget(receiver.address)], {
    shutdownTimeoutMs: 0,
  });
  logger.error('one');
  await transport.flush({ timeoutMs: 30_000 });
  logger.error('two');
  void transport.flush();
  transport.end();
  await once(transport, 'finish');
  expect(statusOf(transport)).toMatchObject({ delivered: 1, dropped: { shutdown: 1 } });
  await expect.poll(() => receiver.openConnections).toBe(0);
  expect(receiver.names()).toEqual(['one']);
});

it('a reload of many targets that trust their own CA returns at once', async () => {
  const ca = await createCa();
  const port = await freePort();
  const targets = Array.from({ length: 8 }, (_, index) =>
    quickTarget(`https://127.0.0.1:${port}/`, {
      name: `t${index}`,
      ca_cert: `${ca.cert}\n${index}`,
      retry_timeout: '1h',
      retry_count: 1,
    }),
  );
  const { transport, logger } = createTestTransport(targets);
  logger.error('one');
  await expect.poll(() => transport.status().targets.filter(({ state }) => state === 'down').length).toBe(8);
  const made = vi.spyOn(tls, 'createSecureContext');
  onTestFinished(() => made.mockRestore());
  const contexts = () => made.mock.calls.length;
  transport.reload(targets.map((target) => ({ ...target, ca_cert: `${target.ca_cert} again` })));
  transport.reload([]);
  // To make one of what is trusted takes 25 ms: that is for later, and in turns.
  expect(contexts()).toBe(0);
  while (contexts() < 8) {
    const before = contexts();
    await immediate();
    expect(contexts() - before).toBeLessThanOrEqual(1);
  }
});

it('a removed target keeps its time to drain, however long that is', async () => {
  const receiver = await startReceiver(503);
  const { transport, logger, report } = createTestTransport([quickTarget(receiver.address)], {
    shutdownTimeoutMs: Number.POSITIVE_INFINITY,
  });
  logger.error('one');
  await report('batchRetried');
  transport.reload([]);
  await receiver.untilRequests(receiver.requests.length + 1);
  receiver.answer = 200;
  expect(await transport.flush()).toEqual({ delivered: true, pending: 0 });
});
