/**
 * A busy service that is killed again and again, on a disk that is full on and off.
 *
 * `SPOOL_ROUNDS=300 npm run test:spool` is the long run; `SPOOL_SEED` repeats its choices.
 */

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { findViolations, readLife } from '../../helpers/crash-journal.js';
import { live } from '../../helpers/crash-life.js';
import { temporaryDirectory } from '../../helpers/files.js';
import { startFlappingReceiver } from '../../helpers/flapping-receiver.js';
import { canMount, fill, smallDisk } from '../../helpers/small-disk.js';
import { createRandom, eventually, seed, setAsideOf } from '../../helpers/spool.js';
import { startService } from '../../helpers/spool-service.js';
import { quickTarget } from '../../helpers/transport.js';

const rounds = Number(process.env.SPOOL_ROUNDS ?? 3);

/** Fills the disk and makes room, in turn, until it is stopped; then there is room. */
function flapDisk(disk: string, random: () => number): () => Promise<void> {
  let isOver = false;
  const over = (async () => {
    while (!isOver) {
      await sleep(random() * 400);
      const ballast = fill(disk);
      await sleep(random() * 300);
      rmSync(ballast);
    }
  })();
  return () => {
    isOver = true;
    return over;
  };
}

it.skipIf(!canMount())(
  `a service killed ${rounds} times on a disk that is full now and then loses nothing that was durable`,
  {
    timeout: 60_000 + rounds * 4000,
  },
  async () => {
    const random = createRandom(seed);
    const receiver = await startFlappingReceiver(random);
    const disk = smallDisk('16m');
    const directory = join(disk, 'spool');
    const journals = temporaryDirectory();
    const targets = [
      quickTarget(receiver.address, { batch_size: 40, retry_timeout: '20ms', retry_count: 2 }),
    ];
    const settle = flapDisk(disk, random);

    const lives = [];
    for (let life = 0; life < rounds; life++) {
      receiver.life = life;
      const journal = join(journals, String(life));
      const killedAtMs = await live(life, random, { targets, directory, journal, mayBeFull: true });
      // While there is no room, what is in memory only goes with the process, and says so.
      const { begun, durable } = readLife(journal, killedAtMs);
      lives.push({ begun, durable, volatile: [], old: [] });
    }
    await Promise.all([settle(), receiver.settle()]);
    receiver.life = rounds;
    const last = startService({ targets, spool: { directory } });
    expect(await last.call('ready')).not.toHaveProperty('error');
    await eventually(async () => {
      const { targets } = await last.call('status');
      expect(targets[0]).toMatchObject({ pending: { events: 0 }, dropped: {} });
    }, 60_000);
    const reports = await last.call('reports');
    expect(
      reports.filter(({ type }) => type === 'spoolDamaged'),
      'no false alarm',
    ).toEqual([]);
    await last.call('end');
    await last.leave();
    expect(setAsideOf(directory), 'nothing was taken for damage').toEqual([]);

    const notes = lives.map((_, life) => noteOf(join(journals, String(life))));
    const count = (word: string) => notes.filter((note) => note.includes(`report ${word}`)).length;
    expect(count('spoolDamaged'), 'no false alarm in any life').toBe(0);
    const violations = findViolations(lives, receiver.accepted, receiver.bodies);
    const durable = lives.flatMap((life) => life.durable).length;
    console.log(`${rounds} kills, ${durable} durable, disk full in ${count('spoolUnavailable')} lives`);
    expect(violations.slice(0, 20), `${violations.length} violations, SPOOL_SEED=${seed}`).toEqual([]);
    expect(durable).toBeGreaterThan(rounds);
    expect(count('spoolUnavailable'), 'the disk was full').toBeGreaterThan(0);
  },
);

function noteOf(journal: string): string {
  try {
    return readFileSync(journal, 'utf8');
  } catch {
    return '';
  }
}
