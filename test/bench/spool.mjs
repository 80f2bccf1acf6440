/**
 * Figures of the spool alone, each in processes of its own. `node test/bench/spool.mjs [NAME...]`, after a build:
 *
 * - `audit`: how long an awaited `lifecycle()` takes. With `BENCH_BESIDE`, the folder of another build's `dist`, both
 *   take turns.
 * - `backlog`: memory while 500,000 events of 1 KB are spooled, and while they are drained
 * - `opening`: time until a spool of 1 GB is open, and how long the event loop stands still meanwhile
 * - `targets`: delay of the event loop with 1,000 targets and 200 events a second for all of them, with and without
 *   a spool; the receiver is down
 */

import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Child } from './child.mjs';
import { spreadOf } from './statistics.mjs';

const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const ours = new URL('../../dist/', import.meta.url).href;
const beside = process.env.BENCH_BESIDE && `${pathToFileURL(path.resolve(process.env.BENCH_BESIDE)).href}/`;

/** What a process of its own finds out. */
async function ask(details) {
  const child = new Child('spool-subject.mjs', details);
  try {
    return await child.next();
  } finally {
    await child.end();
  }
}

/** Calls `use` with a directory that is there as long as that takes. */
async function within(use) {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'bench-'));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function print(name, values, unit, digits = 0) {
  const { median, min, max } = spreadOf(values);
  const [middle, from, to] = [median, min, max].map((value) => value.toFixed(digits));
  console.log(`${name}: ${middle} ${unit} (${from}-${to})`);
}

/** @param {(details: object) => Promise<object>} measure */
async function repeat(times, measure) {
  const results = [];
  for (let round = 0; round < times; round++) results.push(await measure());
  return results;
}

const figures = {
  async audit(receiver) {
    const builds = { 'this build': ours, ...(beside && { 'the other': beside }) };
    const results = Object.fromEntries(Object.keys(builds).map((name) => [name, []]));
    await repeat(rounds, async () => {
      for (const [name, build] of Object.entries(builds)) {
        results[name].push(await within((directory) => ask({ name: 'audit', build, directory, receiver })));
      }
    });
    for (const [name, values] of Object.entries(results)) {
      print(
        `awaited lifecycle(), ${name}, p50`,
        values.map(({ p50Us }) => p50Us),
        'us',
      );
      print(
        `awaited lifecycle(), ${name}, p99`,
        values.map(({ p99Us }) => p99Us),
        'us',
      );
    }
  },

  async backlog(receiver) {
    const results = await repeat(Math.min(rounds, 3), () =>
      within(async (directory) => {
        const details = { build: ours, directory, receiver, events: 500_000 };
        const { memoryMb: spooled } = await ask({ ...details, name: 'fill' });
        const { memoryMb: drained } = await ask({ ...details, name: 'drain' });
        return { spooled, drained };
      }),
    );
    print(
      'memory while 500,000 events are spooled',
      results.map(({ spooled }) => spooled),
      'MB',
    );
    print(
      'memory while they are drained',
      results.map(({ drained }) => drained),
      'MB',
    );
  },

  async opening(receiver) {
    const results = await within(async (directory) => {
      const details = { build: ours, directory, receiver, events: 1_000_000 };
      await ask({ ...details, name: 'fill' });
      return repeat(rounds, () => ask({ ...details, name: 'open' }));
    });
    print(
      '1 GB is open after',
      results.map(({ readyMs }) => readyMs),
      'ms',
    );
    print(
      'the event loop stands still for at most',
      results.map(({ stillMs }) => stillMs),
      'ms',
      1,
    );
  },

  async targets(receiver) {
    const of = (isSpooled) =>
      within((directory) => ask({ name: 'targets', build: ours, receiver, ...(isSpooled && { directory }) }));
    const results = await repeat(Math.min(rounds, 3), async () => [await of(true), await of(false)]);
    print(
      'delay of the event loop, spool, p99',
      results.map(([{ p99Ms }]) => p99Ms),
      'ms',
      1,
    );
    print(
      'delay of the event loop, memory, p99',
      results.map(([, { p99Ms }]) => p99Ms),
      'ms',
      1,
    );
  },
};

const names = process.argv.slice(2);
const unknown = names.find((name) => !(name in figures));
if (unknown !== undefined) {
  console.error(`Unknown: ${unknown}. Known: ${Object.keys(figures).join(', ')}`);
  process.exit(1);
}
const receiver = new Child('receiver.mjs');
const addresses = await receiver.next();
for (const name of names.length > 0 ? names : Object.keys(figures)) await figures[name](addresses);
await receiver.end();
