/** The check of the crash test notices what it is there to notice. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findViolations, readLife } from './crash-journal.js';
import { temporaryDirectory } from './files.js';
import type { Accepted } from './flapping-receiver.js';

/** Logs 1 and 3, awaits 2, and logs 4 too late for the disk; killed at 1500. */
function liveOnce(called = 1490) {
  const journal = join(temporaryDirectory(), 'journal');
  const lines = [
    'ready 900',
    'logging 1',
    'logged 1 1000',
    'calling 2 1000',
    'durable 2 1002',
    'logging 3',
    'logged 3 1010',
  ];
  const beats = Array.from({ length: 100 }, (_, index) => `alive ${1005 + 5 * index}`);
  writeFileSync(
    journal,
    `${[...lines, ...beats, 'logging 4', 'logged 4 1480', `calling 5 ${called}`].join('\n')}\nali`,
  );
  return readLife(journal, 1500);
}

function batch(id: string, names: readonly string[], life = 0): Accepted {
  return { id, life, events: names.map((message) => ({ time: '', type: 'logging', metadata: { message } })) };
}

it.each<[string, Accepted[], string[]]>([
  ['all there', [batch('a', ['0.1', '0.2']), batch('b', ['0.3', '0.4'])], []],
  ['the latest missing', [batch('a', ['0.1', '0.2', '0.3'])], []],
  ['one batch twice', [batch('a', ['0.1', '0.2', '0.3']), batch('a', ['0.1', '0.2', '0.3'], 1)], []],
  [
    'two batches twice',
    [batch('a', ['0.1', '0.2']), batch('b', ['0.3']), batch('a', ['0.1', '0.2'], 1), batch('b', ['0.3'], 1)],
    ['The crash of life 0 doubled 2 batches'],
  ],
  [
    'one batch twice without a crash',
    [batch('a', ['0.1', '0.2', '0.3']), batch('a', ['0.1', '0.2', '0.3'])],
    ['a came twice in life 0, without a crash'],
  ],
  [
    'an event under two ids',
    [batch('a', ['0.1', '0.2', '0.3']), batch('b', ['0.3'])],
    ['0.3 came under two ids', '0.3 came after 0.3'],
  ],
  ['another order', [batch('a', ['0.2', '0.1']), batch('b', ['0.3'])], ['0.1 came after 0.2']],
  ['an invention', [batch('a', ['0.1', '0.2', '0.3', '0.9'])], ['0.9 was never logged']],
  ['a lifecycle event missing', [batch('a', ['0.1', '0.3'])], ['Lifecycle event 0.2 is missing']],
  [
    'a logging event before a lifecycle event missing',
    [batch('a', ['0.2', '0.3'])],
    ['Logging event 0.1 is missing'],
  ],
  ['an old logging event missing', [batch('a', ['0.1', '0.2'])], ['Logging event 0.3 is missing']],
])('%s', (_name, accepted, violations) => {
  expect(findViolations([liveOnce()], accepted, new Map())).toEqual(violations);
});

it('other bytes under one id', () => {
  const bodies = new Map([['a', new Set(['1', '2'])]]);
  const accepted = [batch('a', ['0.1', '0.2', '0.3'])];
  expect(findViolations([liveOnce()], accepted, bodies)).toEqual(['a came with 2 different bodies']);
});

it('a disk that was slow at the end excuses what had no time to be written', () => {
  const found = findViolations([liveOnce(1200)], [batch('a', ['0.1', '0.2'])], new Map());
  expect(found).toEqual([]);
});
