/**
 * What may be left of a spool when the power goes, at any moment of a service's work, and when it goes once more.
 *
 * `SPOOL_STATES=400 npm run test:spool` is the long run; `SPOOL_SEED` repeats its choices.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../../helpers/files.js';
import { filesAfter, layOut, type TraceEntry } from '../../helpers/power-loss.js';
import { type ReceivedEvent, startReceiver } from '../../helpers/receiver.js';
import {
  createRandom,
  createSpooledTransport,
  filesIn,
  numbers,
  seed,
  spoolDirectory,
  within,
} from '../../helpers/spool.js';
import { fixturePath } from '../../helpers/spool-service.js';
import { expectConservation, quickTarget } from '../../helpers/transport.js';

const states = Number(process.env.SPOOL_STATES ?? 20);
const random = createRandom(seed);

interface Life {
  /** Files that were there, and all that had been done by then. */
  readonly before: Map<string, Buffer>;
  readonly past: readonly TraceEntry[];
  readonly trace: readonly TraceEntry[];
}

/** Runs a service, and returns all that it did with its files. `past`: what was done before */
async function runLife(directory: string, life: number, past: readonly TraceEntry[]): Promise<Life> {
  const parent = dirname(directory);
  const before = new Map(
    filesIn(parent).map((file) => [join(parent, file), readFileSync(join(parent, file))]),
  );
  const tracePath = join(temporaryDirectory(), 'trace.json');
  const child = fork(
    fixturePath('spool-traced.mjs'),
    [JSON.stringify({ directory, life, events: 300, tracePath })],
    {
      execArgv: ['--import', new URL('../../e2e/fixtures/trace-files.mjs', import.meta.url).href],
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  expect(await within(once(child, 'exit'), 120_000, 'the end of the service')).toEqual([0, null]);
  const trace = JSON.parse(readFileSync(tracePath, 'utf8')) as TraceEntry[];
  for (const op of ['create', 'remove', 'written', 'synced', 'durable', 'arrived'])
    expect(trace.filter((entry) => entry.op === op).length, `${op} is traced`).toBeGreaterThan(1);
  expect(trace.filter(({ op }) => op === 'volatile' || op === 'report')).toEqual([]);
  return { before, past, trace };
}

/** A life after one that ended as `earlier` did, or with a loss of power in the midst of it. */
async function runNext(directory: string, life: number, earlier: Life, isCut: boolean): Promise<Life> {
  const { before, past, trace } = earlier;
  const length = isCut ? Math.floor(random() * trace.length) : trace.length;
  if (isCut) {
    const files = filesAfter(before, trace, length, random);
    for (const file of filesIn(dirname(directory))) rmSync(join(dirname(directory), file));
    layOut(files, directory, dirname(directory));
  }
  return await runLife(directory, life, [...past, ...trace.slice(0, length)]);
}

const nameOf = ({ metadata }: ReceivedEvent) => String(metadata.message ?? metadata.action);

/** What is wrong with a spool after a loss of power. */
async function findWrong(
  files: Map<string, Buffer>,
  directory: string,
  past: readonly TraceEntry[],
): Promise<string[]> {
  const parent = temporaryDirectory();
  const copy = layOut(files, directory, parent);
  const receiver = await startReceiver();
  const spooled = createSpooledTransport([quickTarget(receiver.address)], {
    directory: copy,
    maxBytes: 2 ** 24,
  });
  const { transport } = spooled;
  await transport.ready();
  const { pending } = await transport.flush({ timeoutMs: 60_000 });
  expectConservation(transport);
  await spooled.close();
  const wrong = [
    ...spooled.spoolReports.map((report) => JSON.stringify(report)),
    ...(pending > 0 ? ['It hangs'] : []),
  ];
  await receiver.close();
  rmSync(parent, { recursive: true });

  const bodies = new Map(past.flatMap((entry) => (entry.op === 'arrived' ? [[entry.id, entry.body]] : [])));
  const earlier = new Set(
    [...bodies.values()].flatMap((body) => (JSON.parse(body) as ReceivedEvent[]).map(nameOf)),
  );
  const names = receiver.names();
  const arrived = new Set([...earlier, ...names]);
  if (new Set(names).size < names.length) wrong.push('Events come twice after it');
  const repeated = receiver.requests.filter(({ headers }) => bodies.has(String(headers['webhook-id'])));
  if (repeated.length > 1) wrong.push(`${repeated.length} batches come twice`);
  for (const { headers, body } of repeated)
    if (body !== bodies.get(String(headers['webhook-id']))) wrong.push('A batch comes with other bytes');
  const inRepeated = new Set(
    repeated.flatMap(({ body }) => (JSON.parse(body) as ReceivedEvent[]).map(nameOf)),
  );
  const renamed = names.filter((name) => earlier.has(name) && !inRepeated.has(name));
  if (renamed.length > 0) wrong.push(`${renamed.length} events come under a second id`);
  for (const entry of past)
    if (entry.op === 'durable' && !arrived.has(entry.name)) wrong.push(`${entry.name} is lost`);
  return wrong;
}

it(`of ${states} states that a loss of power may leave none lacks an event that was durable`, {
  timeout: 400_000 + states * 2000,
}, async () => {
  const directory = spoolDirectory();
  const first = await runLife(directory, 0, []);
  const second = await runNext(directory, 1, first, false);
  const third = await runNext(directory, 2, second, true);
  const lives = [first, second, third];
  const wrong: string[] = [];
  for (const state of numbers(1, states)) {
    const { before, past, trace } = lives[Number(state) % lives.length] as Life;
    const length = Math.floor(random() * trace.length);
    const files = filesAfter(before, trace, length, random);
    const found = await findWrong(files, directory, [...past, ...trace.slice(0, length)]);
    if (found.length > 0)
      wrong.push(`State ${state}, after ${length} entries: ${found.slice(0, 3).join('; ')}`);
  }
  console.log(
    `${states} states of ${lives.map(({ trace }) => trace.length).join(', ')} entries, ${wrong.length} wrong`,
  );
  expect(wrong.slice(0, 20), `SPOOL_SEED=${seed}`).toEqual([]);
});
