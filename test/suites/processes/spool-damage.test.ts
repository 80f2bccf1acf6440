/**
 * Spools with a file that is broken in every way a disk, a person or a backup can break it.
 *
 * `SPOOL_FLIPS=200 npx vitest run test/suites/processes/spool-damage.test.ts` flips more bits; `SPOOL_SEED` repeats the choice.
 */

import { appendFileSync, cpSync, existsSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startReceiver } from '../../helpers/receiver.js';
import {
  createRandom,
  createSpooledTransport,
  eventually,
  filesIn,
  flipBit,
  numbers,
  type SpoolReport,
  seed,
  setAsideOf,
  spoolDirectory,
} from '../../helpers/spool.js';
import { expectConservation, quickTarget, statusOf } from '../../helpers/transport.js';

const flips = Number(process.env.SPOOL_FLIPS ?? 3);
const random = createRandom(seed);
const all = numbers(1, 400);

/** A spool with a batch in flight, of several sessions, so that its store has files of all kinds. */
async function prepare(): Promise<string> {
  const directory = spoolDirectory();
  const receiver = await startReceiver(503);
  for (const part of [all.slice(0, 150), all.slice(150, 300), all.slice(300)]) {
    const { transport, logger, close } = createSpooledTransport(
      [quickTarget(receiver.address, { batch_size: 20, retry_timeout: '50ms' })],
      { directory },
    );
    await transport.ready();
    const before = receiver.requests.length;
    for (const name of part) {
      if (Number(name) % 10 === 0) void transport.lifecycle(name, { metadata: { pad: name.repeat(40) } });
      else logger.error(name, { pad: name.repeat(40) });
    }
    await receiver.untilRequests(before + 1);
    await close();
    expect(statusOf(transport).pending.events).toBe(Number(part.at(-1)));
  }
  return directory;
}

/** Starts on the spool, uses it, and starts once more; returns what arrived of the old and what was reported. */
async function useAfterDamage(directory: string, what: string) {
  const receiver = await startReceiver();
  const target = quickTarget(receiver.address);
  const first = createSpooledTransport([target], { directory });
  first.logger.error('new 1');
  await first.transport.ready();
  expect(await first.transport.lifecycle('new 2'), what).toEqual({
    queued: ['siem'],
    durable: true,
    dropped: [],
  });
  // What was damaged may be found only now: then not everything was delivered.
  expect(await first.transport.flush({ timeoutMs: 30_000 }), what).toMatchObject({ pending: 0 });
  expectConservation(first.transport);
  await first.close();
  const arrived = receiver.names();
  expect(arrived.slice(-2), `${what}: new events follow the old`).toEqual(['new 1', 'new 2']);
  const old = arrived.slice(0, -2);
  expect(
    old.filter((name) => !all.includes(name)),
    `${what}: nothing is invented`,
  ).toEqual([]);
  expect(
    old.map(Number).every((number, index) => index === 0 || number > Number(old[index - 1])),
    `${what}: order, and nothing twice: ${old.join(' ')}`,
  ).toBe(true);
  for (const event of receiver.events()) {
    const number = String(event.metadata.message ?? event.metadata.action);
    const pad = event.metadata.context?.pad ?? (event.metadata.metadata as { pad?: string } | undefined)?.pad;
    if (all.includes(number)) expect(pad, `${what}: ${number} is whole`).toBe(number.repeat(40));
  }

  const second = createSpooledTransport([target], { directory });
  await second.transport.ready();
  expect(second.spoolReports, `${what}: the start after that finds a sound spool`).toEqual([]);
  expect(statusOf(second.transport).recovered, what).toBe(0);
  await second.close();
  await receiver.close();
  return { old, reports: first.spoolReports, status: statusOf(first.transport), warnings: first.warnings };
}

function expectReported(
  directory: string,
  what: string,
  lost: number,
  reports: readonly SpoolReport[],
  warnings: readonly Error[],
): void {
  const damaged = reports.filter((report) => report.type === 'spoolDamaged');
  if (lost > 0) expect(damaged, `${what}: ${lost} events are lost`).toHaveLength(1);
  expect(damaged.length, what).toBeLessThanOrEqual(1);
  expect(setAsideOf(directory), what).toEqual(damaged.map(({ setAside }) => setAside));
  for (const report of damaged) {
    expect(report.directory, what).toBe(directory);
    expect(report.setAside.startsWith(`${directory}.damaged-`), `${what}: ${report.setAside}`).toBe(true);
    expect(existsSync(report.setAside), what).toBe(true);
    expect([lost, 'unknown'], `${what}: the count`).toContain(report.events);
    expect(
      warnings.some(({ message }) => message.includes(report.setAside)),
      `${what}: a warning says where it is`,
    ).toBe(true);
  }
}

const damages: [string, (path: string) => string | undefined, times?: number][] = [
  [
    'has a bit flipped',
    (path) => {
      const { size } = statSync(path);
      if (size === 0) return undefined;
      const bit = Math.floor(random() * size * 8);
      flipBit(path, bit);
      return `bit ${bit}`;
    },
    flips,
  ],
  [
    'is cut at any place',
    (path) => {
      const { size } = statSync(path);
      if (size === 0) return undefined;
      const length = Math.floor(random() * size);
      truncateSync(path, length);
      return `to ${length} of ${size} bytes`;
    },
  ],
  [
    'lacks its last byte',
    (path) => {
      const { size } = statSync(path);
      if (size === 0) return undefined;
      truncateSync(path, size - 1);
      return '';
    },
  ],
  [
    'is empty',
    (path) => {
      if (statSync(path).size === 0) return undefined;
      truncateSync(path, 0);
      return '';
    },
  ],
  [
    'is missing',
    (path) => {
      rmSync(path);
      return '';
    },
  ],
  [
    'is all zeros',
    (path) => {
      const { size } = statSync(path);
      if (size === 0) return undefined;
      writeFileSync(path, Buffer.alloc(size));
      return '';
    },
  ],
  [
    'goes on with rubbish',
    (path) => {
      appendFileSync(path, Buffer.from(Array.from({ length: 1000 }, () => Math.floor(random() * 256))));
      return '';
    },
  ],
];

describe('a spool', () => {
  it('of which every file is as it was delivers everything', async () => {
    const directory = await prepare();
    const { old, reports, status } = await useAfterDamage(directory, 'untouched');
    expect(old).toEqual(all);
    expect(reports).toEqual([]);
    expect(status).toMatchObject({ accepted: 402, recovered: 400, delivered: 402, dropped: {} });
    expect(setAsideOf(directory)).toEqual([]);
  });

  it.each(damages)(
    'of which any one file %s can be used again',
    { timeout: 300_000 },
    async (name, damage, times = 1) => {
      const master = await prepare();
      let cases = 0;
      for (const file of filesIn(master)) {
        for (let time = 0; time < times; time++) {
          const directory = spoolDirectory();
          cpSync(master, directory, { recursive: true });
          const detail = damage(join(directory, file));
          if (detail === undefined) continue;
          const what = `${file} ${name} ${detail} (SPOOL_SEED=${seed})`;
          const { old, reports, status, warnings } = await useAfterDamage(directory, what);
          const lost = all.length - old.length;
          expectReported(directory, what, lost, reports, warnings);
          expect([0, lost], `${what}: dropped as damaged`).toContain(status.dropped['damaged' as never] ?? 0);
          cases++;
        }
      }
      expect(cases).toBeGreaterThan(0);
    },
  );

  it('in a directory with files of somebody else leaves them there', async () => {
    const directory = spoolDirectory();
    cpSync(new URL('../../e2e/fixtures', import.meta.url).pathname, directory, { recursive: true });
    const before = filesIn(directory);
    const receiver = await startReceiver();
    const { transport, logger } = createSpooledTransport([quickTarget(receiver.address)], { directory });
    await transport.ready().catch(() => {});
    logger.error('1');
    await eventually(() => expect(receiver.names()).toEqual(['1']));
    const kept = [directory, ...setAsideOf(directory)].flatMap(filesIn);
    expect(kept).toEqual(expect.arrayContaining(before));
  });

  it('with a file of every kind broken at once starts afresh', async () => {
    const directory = await prepare();
    for (const file of filesIn(directory)) writeFileSync(join(directory, file), 'rubbish');
    const { old, reports, warnings } = await useAfterDamage(directory, 'everything');
    expect(reports.filter(({ type }) => type === 'spoolDamaged')).toHaveLength(1);
    expectReported(directory, 'everything', all.length - old.length, reports, warnings);
  });
});
