/**
 * What a killed process left, with every file of it broken in turn: what is lost is told, and nothing else is.
 *
 * `SPOOL_PLACES=200 npm run test:spool` breaks each file at more places, and cuts it at each end of a record;
 * `SPOOL_SEED` repeats the choice.
 */

import {
  cpSync,
  existsSync,
  lstatSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { parseFrames } from '../../../src/disk/layout.js';
import { temporaryDirectory } from '../../helpers/files.js';
import { type Answer, parseEvents, type ReceivedEvent, startReceiver } from '../../helpers/receiver.js';
import {
  createRandom,
  createSpooledTransport,
  eventually,
  filesIn,
  flipBit,
  numbers,
  seed,
  setAsideOf,
  spoolDirectory,
} from '../../helpers/spool.js';
import { startService } from '../../helpers/spool-service.js';
import { expectConservation, quickTarget, statusOf } from '../../helpers/transport.js';

/** Places of each file for each kind of damage. */
const places = Number(process.env.SPOOL_PLACES ?? 2);
const random = createRandom(seed);
const BLOCK_BYTES = 4096;
const delivered = 60;
const all = numbers(1, 400);

/** Dead letters of the target that refuses some events. */
const refused = ['5', '15', '25', '205', '215'];

interface Left {
  /** Holds the spool, and what lies beside it. */
  readonly now: string;
  /** The same, as it was some time before. */
  readonly before: string;
  /** Bodies by `webhook-id`, of all requests until then. */
  readonly bodies: ReadonlyMap<string, string>;
}

/** Copies a spool and the note beside it. */
function copyOf(directory: string): string {
  const parent = temporaryDirectory();
  cpSync(dirname(directory), parent, {
    recursive: true,
    // The socket of an owner, and the link that names it, are of no use when the owner is gone.
    filter: (path) => lstatSync(path).isFile() || lstatSync(path).isDirectory(),
  });
  return parent;
}

const waiting = {
  /** Has some events in a batch that is being tried. */
  a: all.slice(delivered),
  /** Refused some for good. */
  b: all.slice(240),
  /** Never took anything, and wants no logging events. */
  c: all.filter((name) => Number(name) > delivered && Number(name) % 10 === 0),
};
const targets = Object.keys(waiting) as (keyof typeof waiting)[];

/** Two lives: some events were delivered, some are dead letters, all others wait, for one target or for several. */
async function killed(): Promise<Left> {
  const directory = spoolDirectory();
  const [a, b, c] = [await startReceiver(200), await startReceiver(200), await startReceiver(503)];
  const refuseSome: Answer = (request, response) => {
    const names = parseEvents(request).map(({ metadata }) => metadata.message ?? metadata.action);
    response.writeHead(names.some((name) => refused.includes(String(name))) ? 422 : 200).end('refused');
  };
  b.answer = refuseSome;
  const quick = { batch_size: 20, retry_timeout: '50ms' };
  const options = {
    targets: [
      quickTarget(a.address, { ...quick, name: 'a' }),
      quickTarget(b.address, { ...quick, name: 'b' }),
      quickTarget(c.address, { ...quick, name: 'c', scopes: ['lifecycle'] }),
    ],
    spool: { directory },
  };
  const first = startService(options);
  await first.call('ready');
  const took = (service: typeof first, target: string, dead: number) =>
    eventually(async () => {
      const found = (await service.call('status')).targets.find(({ name }) => name === target);
      expect(found).toMatchObject({ pending: { events: 0 }, dead });
    });
  await first.call('log', { first: 1, last: delivered, pad: 300 });
  await took(first, 'a', 0);
  a.answer = 503;
  const write = async (service: typeof first, from: number, to: number) => {
    for (let number = from; number <= to; number += 10) {
      await service.call('log', { first: number, last: number + 8, pad: 300 });
      expect(await service.call('lifecycle', { action: String(number + 9) })).toMatchObject({
        durable: true,
      });
    }
  };
  await write(first, delivered + 1, 200);
  await took(first, 'b', 3);
  await first.kill();
  const second = startService(options);
  await second.call('ready');
  await write(second, 201, 240);
  await took(second, 'b', 5);
  // What was delivered is on disk with this.
  b.answer = 503;
  await write(second, 241, 300);
  const before = copyOf(directory);
  const requests = [a, b, c].map((receiver) => receiver.requests.length);
  await write(second, 301, 400);
  for (const [index, receiver] of [a, b, c].entries())
    await receiver.untilRequests((requests[index] ?? 0) + 1);
  await second.kill();
  const all = [a, b, c].flatMap((receiver) => receiver.requests);
  const bodies = new Map(all.map(({ headers, body }) => [String(headers['webhook-id']), body]));
  for (const receiver of [a, b, c]) await receiver.close();
  return { now: copyOf(directory), before, bodies };
}

const namesOf = (events: readonly ReceivedEvent[]) =>
  events.map(({ metadata }) => String(metadata.message ?? metadata.action));
const amountOf = (events: number | 'unknown') => (events === 'unknown' ? Number.NaN : events);

/** Starts on what is in `parent`, and holds what arrives against what is told. Returns what was lost. */
async function expectTold(parent: string, { bodies }: Left, what: string): Promise<number> {
  const directory = join(parent, 'spool');
  const receivers = { a: await startReceiver(), b: await startReceiver(), c: await startReceiver() };
  const quick = targets.map((name) =>
    quickTarget(receivers[name].address, { name, ...(name === 'c' && { scopes: ['lifecycle' as const] }) }),
  );
  const spooled = createSpooledTransport(quick, { directory });
  const { transport } = spooled;
  await transport.ready();
  expect(await transport.lifecycle('new'), what).toMatchObject({ durable: true });
  expect(await transport.flush({ timeoutMs: 60_000 }), `${what}: no hang`).toMatchObject({ pending: 0 });
  const letters = namesOf((await spooled.deadLetters('b')).map(({ event }) => event));
  expectConservation(transport);
  await spooled.close();

  const damaged = spooled.spoolReports.filter((report) => report.type === 'spoolDamaged');
  const told = damaged.reduce((sum, { events }) => sum + amountOf(events), 0);
  let lost = 0;
  for (const name of targets) {
    const receiver = receivers[name];
    await receiver.close();
    const names = receiver.names();
    expect(names.at(-1), what).toBe('new');
    const old = names.slice(0, -1);
    expect(new Set(old).size, `${what}: nothing comes twice to ${name}`).toBe(old.length);
    for (const { headers, body } of receiver.requests) {
      const id = String(headers['webhook-id']);
      expect(body, `${what}: ${id} has the bytes it had`).toBe(bodies.get(id) ?? body);
    }
    for (const event of receiver.events()) {
      const { message, context } = event.metadata;
      if (message === undefined) continue;
      expect(context?.pad, `${what}: ${message} is whole`).toBe(message.padEnd(300, 'abcdefghij'));
    }
    const missing = waiting[name].filter((each) => !old.includes(each)).length;
    const missingLetters = name === 'b' ? refused.filter((each) => !letters.includes(each)).length : 0;
    lost += missing + missingLetters;
    const { dropped } = statusOf(transport, name);
    expect(Object.keys(dropped), what).toEqual(dropped.damaged ? ['damaged'] : []);
    if (!Number.isNaN(told))
      expect(dropped.damaged ?? 0, `${what}: dropped of ${name}`).toBe(missing + missingLetters);
  }
  if (lost > 0) expect(damaged, `${what}: ${lost} events are lost`).not.toEqual([]);
  if (!Number.isNaN(told)) expect(told, `${what}: the count`).toBe(lost);
  const places = new Set(damaged.map(({ setAside }) => setAside));
  expect(setAsideOf(directory), what).toEqual([...places]);

  const next = createSpooledTransport(
    quick.map((target) => ({ ...target, address: 'http://127.0.0.1:1' })),
    { directory },
  );
  await next.transport.ready();
  expect(namesOf((await next.deadLetters('b')).map(({ event }) => event)), what).toEqual(letters);
  expect(next.spoolReports, `${what}: told once`).toEqual([]);
  for (const name of targets) expect(statusOf(next.transport, name).pending.events, what).toBe(0);
  await next.close();
  return lost;
}

/** Breaks one file. */
type Break = (path: string) => void;
/** All the ways in which `master` is to be broken. */
type Damage = (master: string, older: string) => readonly (readonly [detail: string, breakIt: Break])[];

const sample = <Value>(values: readonly Value[]): readonly Value[] =>
  values.length <= places
    ? values
    : Array.from({ length: places }, () => values[Math.floor(random() * values.length)] as Value);

const anywhere = (bytes: number) =>
  Array.from({ length: bytes > 0 ? places : 0 }, () => Math.floor(random() * bytes));

const damages: Record<string, Damage> = {
  'is deleted': () => [['', (path) => rmSync(path)]],
  'is cut between two records': (master) => {
    const ends = parseFrames(readFileSync(master), true).frames.map(({ offset }) => offset);
    return sample(ends).map((end) => [`to ${end} bytes`, (path) => truncateSync(path, end)]);
  },
  'is cut anywhere': (master) =>
    anywhere(statSync(master).size).map((end) => [`to ${end} bytes`, (path) => truncateSync(path, end)]),
  'has a block of zeros': (master) => {
    const blocks = Math.ceil(statSync(master).size / BLOCK_BYTES);
    return sample(Array.from({ length: blocks }, (_, index) => index * BLOCK_BYTES)).map((start) => [
      `at ${start}`,
      (path) => {
        const bytes = readFileSync(path);
        bytes.subarray(start, start + BLOCK_BYTES).fill(0);
        writeFileSync(path, bytes);
      },
    ]);
  },
  'has a bit flipped': (master) =>
    anywhere(statSync(master).size * 8).map((bit) => [`${bit}`, (path) => flipBit(path, bit)]),
  'is replaced by an older copy': (_, older) =>
    existsSync(older) ? [['', (path) => cpSync(older, path)]] : [],
};

it('of what a killed process left nothing is lost, and nothing is told', { timeout: 300_000 }, async () => {
  const left = await killed();
  expect(await expectTold(copyOf(join(left.now, 'spool')), left, 'untouched')).toBe(0);
});

it.each(Object.entries(damages))(
  'every file of it that %s is told of, with what it held',
  { timeout: 600_000 + places * 60_000 },
  async (name, damage) => {
    const left = await killed();
    const wrong: string[] = [];
    let [cases, losses] = [0, 0];
    for (const file of filesIn(left.now)) {
      const [master, older] = [join(left.now, file), join(left.before, file)];
      for (const [detail, breakIt] of damage(master, older)) {
        const parent = copyOf(join(left.now, 'spool'));
        breakIt(join(parent, file));
        const what = `${file} ${name} ${detail} (SPOOL_SEED=${seed})`;
        try {
          if ((await expectTold(parent, left, what)) > 0) losses++;
        } catch (error) {
          wrong.push(error instanceof Error ? error.message : String(error));
        }
        rmSync(parent, { recursive: true });
        cases++;
      }
    }
    console.log(`${name}: ${cases} cases, events lost in ${losses}`);
    expect(wrong).toEqual([]);
    expect(cases).toBeGreaterThan(0);
  },
);

/** What becomes of the whole directory; the note beside it stays. */
const replacements: [string, (parent: string, left: Left) => Promise<void> | void][] = [
  ['is removed', (parent) => rmSync(join(parent, 'spool'), { recursive: true })],
  [
    'is emptied',
    (parent) => {
      for (const file of filesIn(join(parent, 'spool'))) rmSync(join(parent, 'spool', file));
    },
  ],
  [
    'is rolled back',
    (parent, { before }) => {
      rmSync(join(parent, 'spool'), { recursive: true });
      cpSync(join(before, 'spool'), join(parent, 'spool'), { recursive: true });
    },
  ],
  [
    'has journals, logging events and a note within of an earlier time',
    (parent, { now, before }) => {
      for (const file of filesIn(join(before, 'spool')).filter((name) =>
        /^(state|logging|synced)/.test(name),
      ))
        if (existsSync(join(now, 'spool', file)))
          cpSync(join(before, 'spool', file), join(parent, 'spool', file));
    },
  ],
  [
    'has journals and logging events, with both notes, of an earlier time',
    (parent, { now, before }) => {
      for (const file of filesIn(before).filter((name) => /(state-|logging-|synced)/.test(name)))
        if (existsSync(join(now, file))) cpSync(join(before, file), join(parent, file));
    },
  ],
  [
    "is swapped with another spool's",
    async (parent) => {
      const other = spoolDirectory();
      const { transport, close } = createSpooledTransport(
        targets.map((name) => quickTarget('http://127.0.0.1:1', { name })),
        { directory: other },
      );
      await transport.ready();
      for (const name of numbers(1001, 1010)) await transport.lifecycle(name);
      await close();
      rmSync(join(parent, 'spool'), { recursive: true });
      cpSync(other, join(parent, 'spool'), {
        recursive: true,
        filter: (path) => !lstatSync(path).isSymbolicLink(),
      });
    },
  ],
];

it.each(replacements)(
  'the whole directory of which %s is told of, with all that it held',
  { timeout: 300_000 },
  async (name, replace) => {
    const left = await killed();
    const parent = copyOf(join(left.now, 'spool'));
    await replace(parent, left);
    expect(await expectTold(parent, left, name)).toBeGreaterThan(0);
  },
);
