/**
 * A busy service that is killed again and again, on a disk that is full on and off.
 *
 * `SPOOL_ROUNDS=300 npm run test:spool` is the long run; `SPOOL_SEED` repeats its choices. When something is wrong, what
 * the services left is kept, and it is said where.
 */

import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { findViolations, readLife } from '../../helpers/crash-journal.js';
import { live } from '../../helpers/crash-life.js';
import { startFlappingReceiver } from '../../helpers/flapping-receiver.js';
import { canMount, fill, smallDisk } from '../../helpers/small-disk.js';
import { createRandom, eventually, seed, setAsideOf } from '../../helpers/spool.js';
import { startService } from '../../helpers/spool-service.js';
import { quickTarget } from '../../helpers/transport.js';

const rounds = Number(process.env.SPOOL_ROUNDS ?? 3);

/** Begins with room, acknowledges something, and then meets a full disk; others begin and go on with whatever there is. */
const isArranged = (life: number) => life % 2 === 0;

/** Fills a disk and makes room, in turn, for whiles of any length, until it is stopped. */
class FlappingDisk {
  readonly #disk: string;
  readonly #random: () => number;
  #isOver = false;
  #over: Promise<void> | undefined;

  constructor(disk: string, random: () => number) {
    this.#disk = disk;
    this.#random = random;
  }

  start(): void {
    this.#isOver = false;
    this.#over ??= this.#flap();
  }

  /** Then there is room. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#over;
    this.#over = undefined;
  }

  /** Takes all room that there is, and that comes back, until `seen`. */
  async fillUntil(seen: Promise<void>): Promise<void> {
    let isOver = false;
    const over = seen.finally(() => {
      isOver = true;
    });
    over.catch(() => {});
    while (!isOver) {
      fill(this.#disk);
      await sleep(5); // a load
    }
    await over;
  }

  async #flap(): Promise<void> {
    while (!this.#isOver) {
      await sleep(this.#random() * 400);
      const ballast = fill(this.#disk);
      await sleep(this.#random() * 300);
      rmSync(ballast);
    }
  }
}

/** Keeps what lies in the directory of a spool, and what was set aside beside it. */
function keep(disk: string, as: string): void {
  cpSync(disk, as, {
    recursive: true,
    filter: (path) => {
      const stat = lstatSync(path, { throwIfNoEntry: false });
      return stat !== undefined && (stat.isFile() || stat.isDirectory()) && !path.endsWith('/ballast');
    },
  });
}

it.skipIf(!canMount())(
  `a service killed ${rounds} times on a disk that is full now and then loses nothing that was durable`,
  {
    timeout: 120_000 + rounds * 4000,
  },
  async () => {
    const kept = mkdtempSync(join(tmpdir(), 'winston-log-targets-kills-'));
    try {
      await killOnAFullDisk(kept);
      rmSync(kept, { recursive: true });
    } catch (error) {
      console.log(`SPOOL_SEED=${seed}; what the services left is in ${kept}`);
      throw error;
    }
  },
);

async function killOnAFullDisk(kept: string): Promise<void> {
  const random = createRandom(seed);
  const receiver = await startFlappingReceiver(random);
  const disk = smallDisk('16m');
  const directory = join(disk, 'spool');
  const journals = join(kept, 'journals');
  mkdirSync(journals);
  const targets = [quickTarget(receiver.address, { batch_size: 40, retry_timeout: '20ms', retry_count: 2 })];
  const flapping = new FlappingDisk(disk, random);
  const foundBy = (life: number) => join(kept, `found-by-${life}`);
  const notes = (life: number) => noteOf(join(journals, String(life)));

  const lives = [];
  for (let life = 0; life < rounds; life++) {
    receiver.life = life;
    const journal = join(journals, String(life));
    const options = { targets, directory, journal, mayBeFull: true };
    if (isArranged(life)) await flapping.stop();
    else flapping.start();
    keep(disk, foundBy(life));
    const killedAtMs = await live(life, random, options, async (said) => {
      if (!isArranged(life)) return;
      await said('durable');
      await flapping.fillUntil(said('spoolUnavailable'));
      flapping.start();
    });
    await receiver.untilAlone();
    // While there is no room, what is in memory only goes with the process, and says so.
    const { begun, durable, covered } = readLife(journal, killedAtMs);
    lives.push({ begun, durable, volatile: [], old: [], covered });
    if (life > 0 && !notes(life - 1).includes('report spoolDamaged'))
      rmSync(foundBy(life - 1), { recursive: true });
  }
  await Promise.all([flapping.stop(), receiver.settle()]);
  rmSync(join(disk, 'ballast'), { force: true });
  receiver.life = rounds;
  keep(disk, foundBy(rounds));
  const last = startService({ targets, spool: { directory } });
  expect(await last.call('ready')).not.toHaveProperty('error');
  const dropped = await eventually(async () => {
    const { targets } = await last.call('status');
    expect(targets[0]?.pending.events).toBe(0);
    return targets[0]?.dropped;
  }, 60_000);
  const reports = await last.call('reports');
  await last.call('end');
  await last.leave();

  const violations = findViolations(lives, receiver.accepted, receiver.bodies);
  const alarmed = [...lives.keys()].filter((life) => notes(life).includes('report spoolDamaged'));
  const full = [...lives.keys()].filter((life) => notes(life).includes('report spoolUnavailable'));
  const durable = lives.flatMap((life) => life.durable);
  console.log(`${rounds} kills, ${durable.length} durable, disk full in ${full.length} lives`);
  expect(violations.slice(0, 20), `${violations.length} violations`).toEqual([]);
  expect(alarmed, 'lives with a false alarm').toEqual([]);
  expect(reports.filter(({ type }) => type === 'spoolDamaged')).toEqual([]);
  expect(dropped).toEqual({});
  expect(setAsideOf(directory), 'nothing was taken for damage').toEqual([]);
  const arranged = [...lives.keys()].filter(isArranged);
  expect(full, 'these met a full disk').toEqual(expect.arrayContaining(arranged));
  for (const life of arranged) expect(lives[life]?.durable, `life ${life}`).not.toEqual([]);
}

function noteOf(journal: string): string {
  return existsSync(journal) ? readFileSync(journal, 'utf8') : '';
}
