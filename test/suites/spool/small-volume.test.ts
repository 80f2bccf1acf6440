/** A volume that is smaller than `maxBytes`: it fills up, and all that was promised comes out of it again. */

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startReceiver } from '../../helpers/receiver.js';
import { canMount, smallDisk } from '../../helpers/small-disk.js';
import { bytesIn, createSpooledTransport, eventually, type SpooledTransport } from '../../helpers/spool.js';
import { expectConservation, quickTarget, statusOf } from '../../helpers/transport.js';

const volume = { size: '12m', maxBytes: 64 * 2 ** 20 };
/** More than the volume holds. */
const FLOOD = 4000;
const pad = 'p'.repeat(5000);

/** Logs until long after the volume is full; returns the names of what was promised to be durable. */
async function flood({ transport, logger }: SpooledTransport): Promise<string[]> {
  const receipts: Promise<[string, boolean]>[] = [];
  for (let number = 1; number <= FLOOD; number++) {
    const name = String(number);
    if (number % 3 === 0) logger.error(name, { pad });
    else
      receipts.push(transport.lifecycle(name, { metadata: { pad } }).then(({ durable }) => [name, durable]));
    if (number % 100 === 0) await Promise.all(receipts);
  }
  const all = await Promise.all(receipts);
  expect(all.at(-1)?.[1], 'the volume is full').toBe(false);
  return all.filter(([, durable]) => durable).map(([name]) => name);
}

describe.skipIf(!canMount())(
  'a volume of 12 MB with `maxBytes` 64 MB (skipped where tmpfs cannot be mounted)',
  () => {
    it.each(['without a restart', 'after a restart'])(
      'gives back all that was durable once the receiver is back, %s',
      { timeout: 120_000 },
      async (how) => {
        const directory = join(smallDisk(volume.size), 'spool');
        const receiver = await startReceiver(503);
        const spool = { directory, maxBytes: volume.maxBytes };
        const target = quickTarget(receiver.address, { retry_timeout: '50ms' });
        let spooled = createSpooledTransport([target], spool);
        await spooled.transport.ready();
        const durable = await flood(spooled);
        expect(durable.length).toBeGreaterThan(500);
        expectConservation(spooled.transport);
        if (how === 'after a restart') {
          await spooled.close();
          spooled = createSpooledTransport([target], spool);
          // There need not be room for anything yet.
          await spooled.transport.ready().catch(({ code }) => expect(code).toBe('SPOOL_UNAVAILABLE'));
        }

        receiver.answer = 200;
        await eventually(() => expect(statusOf(spooled.transport).pending.events).toBe(0), 60_000);
        const arrived = receiver.names();
        expect(new Set(arrived).size, 'nothing comes twice').toBe(arrived.length);
        expect(durable.filter((name) => !arrived.includes(name)).slice(0, 20)).toEqual([]);
        expect(spooled.spoolReports.filter(({ type }) => type === 'spoolDamaged')).toEqual([]);
        // It is of use again, and its room is free.
        await eventually(async () =>
          expect(await spooled.transport.lifecycle('after')).toMatchObject({ durable: true }),
        );
        await eventually(() => expect(bytesIn(directory)).toBeLessThan(2 ** 21));
      },
    );
  },
);
