/** Work of many targets takes turns of the event loop. */

import { setImmediate as immediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Work } from '../../src/delivery/turns.js';

it('everybody gets a turn, and whoever comes between is not held up by all of them', async () => {
  const done: number[] = [];
  const works = Array.from({ length: 500 }, (_, index) => new Work(() => void done.push(index)));
  for (const work of works) {
    work.plan();
    work.plan();
  }
  let turns = 0;
  for (; done.length < works.length; turns++) await immediate();
  expect(done).toEqual(works.map((_, index) => index));
  // At most 64 in each.
  expect(turns).toBeGreaterThanOrEqual(8);
});

it('what takes long is done one by one', async () => {
  const turns: number[] = [];
  let turn = 0;
  const busy = () => {
    const until = performance.now() + 6;
    while (performance.now() < until);
    turns.push(turn);
  };
  for (let index = 0; index < 30; index++) new Work(busy).plan();
  for (; turns.length < 30; turn++) await immediate();
  expect(new Set(turns.slice(-4)).size).toBe(4);
});

it('what is cancelled is not done, and can be planned again', async () => {
  let done = 0;
  const work = new Work(() => void done++);
  work.plan();
  expect(work.isPlanned).toBe(true);
  work.cancel();
  await immediate();
  expect([done, work.isPlanned]).toEqual([0, false]);
  work.plan();
  // Others may be before it.
  while (work.isPlanned) await immediate();
  expect(done).toBe(1);
});
