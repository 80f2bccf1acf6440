/**
 * A busy service that is killed again and again, while its receiver flaps.
 *
 * `SPOOL_ROUNDS=300 npx vitest run test/suites/processes/spool-crash.test.ts` is the long run; `SPOOL_SEED` repeats its choices.
 */

import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findViolations, readLife } from '../../helpers/crash-journal.js';
import { live } from '../../helpers/crash-life.js';
import { temporaryDirectory } from '../../helpers/files.js';
import { startFlappingReceiver } from '../../helpers/flapping-receiver.js';
import { createRandom, eventually, seed, setAsideOf, spoolDirectory } from '../../helpers/spool.js';
import { startService } from '../../helpers/spool-service.js';
import { quickTarget } from '../../helpers/transport.js';

const rounds = Number(process.env.SPOOL_ROUNDS ?? 10);
it(`a service killed ${rounds} times loses nothing that was on disk, and keeps its order`, {
  timeout: 60_000 + rounds * 4000,
}, async () => {
  const random = createRandom(seed);
  const receiver = await startFlappingReceiver(random);
  const directory = spoolDirectory();
  const journals = temporaryDirectory();
  const targets = [quickTarget(receiver.address, { batch_size: 40, retry_timeout: '20ms', retry_count: 2 })];

  const lives = [];
  for (let life = 0; life < rounds; life++) {
    receiver.life = life;
    const journal = join(journals, String(life));
    // Something is acknowledged, and something had time to reach the disk, before each kill of a service that works.
    const killedAtMs = await live(life, random, { targets, directory, journal }, async (said) => {
      await said('durable');
      await eventually(() => expect(readLife(journal, Date.now()).old).not.toEqual([]));
    });
    await receiver.untilAlone();
    lives.push(readLife(journal, killedAtMs));
  }
  await receiver.settle();
  receiver.life = rounds;
  const last = startService({ targets, spool: { directory } });
  expect(await last.call('ready')).not.toHaveProperty('error');
  const status = await eventually(async () => {
    const { targets } = await last.call('status');
    expect(targets[0]?.pending.events).toBe(0);
    return targets[0];
  }, 60_000);
  const reports = await last.call('reports');
  await last.call('end');
  await last.leave();

  const violations = findViolations(lives, receiver.accepted, receiver.bodies);
  expect(violations.slice(0, 20), `${violations.length} violations, SPOOL_SEED=${seed}`).toEqual([]);
  expect(status).toMatchObject({ accepted: status?.recovered, delivered: status?.recovered, dropped: {} });
  expect(reports.filter(({ type }) => type.startsWith('spool'))).toEqual([]);
  expect(setAsideOf(directory), 'nothing was taken for damage').toEqual([]);
});
