/** 100,000 time-outs: what one of them leaves behind shows when it is so many. */

import { expect, it } from 'vitest';
import { createBatch } from '../../../src/queue/batch.js';
import { HttpSender } from '../../../src/sending/sender.js';
import { validateTargets } from '../../../src/settings/validate.js';
import { collectGarbage } from '../../helpers/gc.js';
import { startSilentServer } from '../../helpers/silent-server.js';
import { quickTarget } from '../../helpers/transport.js';
import { encodedEvent } from '../../queue/queue-contract.js';

const AT_ONCE = 100;
const TIMEOUTS = 100_000;

it('memory does not grow with time-outs', { timeout: 600_000 }, async () => {
  const { port, connections } = await startSilentServer();
  const [settings] = validateTargets([
    quickTarget(`http://127.0.0.1:${port}/`, { timeout: '5ms', concurrency: AT_ONCE }),
  ]);
  const sender = new HttpSender(settings!);
  const memory = async () => {
    await expect.poll(connections).toBe(0);
    await collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const timeOut = async (count: number) => {
    for (let done = 0; done < count; done += AT_ONCE) {
      const batches = Array.from({ length: AT_ONCE }, () =>
        createBatch([encodedEvent(0, 'logging', 10_000)], 'ndjson'),
      );
      const outcomes = await Promise.all(batches.map((batch) => sender.send(batch)));
      for (const { kind } of outcomes) expect(kind).toBe('retryable');
    }
    return memory();
  };
  const before = await timeOut(2000);
  const after = await timeOut(TIMEOUTS);
  process.stdout.write(
    `${TIMEOUTS} time-outs: ${(before / 2 ** 20).toFixed(1)} MiB before, ${(after / 2 ** 20).toFixed(1)} MiB after\n`,
  );
  // 52 bytes for each of them.
  expect(after - before).toBeLessThan(5 * 2 ** 20);
  sender.end();
});
