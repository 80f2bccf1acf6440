/** What a start makes of files that a loss of power has left. */

import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeJson, fileName, type NewEvent } from '../../src/disk/layout.js';
import { findSpool } from '../../src/disk/opening.js';
import { TailNoteFile } from '../../src/disk/tail-note.js';
import { temporaryDirectory } from '../helpers/files.js';
import { clock, frameOf, owner, startJournal } from '../helpers/journal.js';
import { flipBit } from '../helpers/spool.js';
import { encodedEvent } from '../queue/queue-contract.js';

const log = fileName('logging', 1, owner);

function eventAt(seq: number): NewEvent {
  return { event: encodedEvent(seq, 'logging'), queues: [{ name: 'a' }] };
}

/** A spool whose journal ends with its first commit, which has an event and is on disk. */
async function spoolOfOneCommit(): Promise<string> {
  const directory = join(temporaryDirectory(), 'spool');
  mkdirSync(directory);
  const header = encodeJson({ spool: 'one', kind: 'logging' }, 0, 1);
  const event = eventAt(0);
  writeFileSync(join(directory, log), Buffer.concat([header, frameOf([event], 0, 1, 1)]));
  const { bytes } = event.event;
  const file = {
    kind: 'logging',
    number: 1,
    bytes: statSync(join(directory, log)).size,
    textBytes: bytes,
    first: 0,
    last: 0,
    oldestMs: 1,
    youngestMs: 1,
  } as const;
  const journal = startJournal(directory);
  await journal.begin(clock);
  const entry = journal.prepare({
    clock,
    next: [1, 0],
    files: { [log]: file },
    queues: {
      a: { heads: [0, 1], batches: [], type: 'webhook', address: '', ever: 1, live: { [log]: [1, bytes] } },
    },
  });
  await journal.write(entry, true);
  journal.accept(entry, true);
  await journal.close();
  const note = TailNoteFile.open(directory);
  note.write({ spool: 'one', number: 1, latest: 1, queues: { a: [1, 1, 0] } });
  note.close();
  return directory;
}

it('events of a commit that was not done, behind one that nobody waited for, are no damage', async () => {
  const directory = await spoolOfOneCommit();
  // The second commit told what was delivered, and is lost; the third was being written: in two frames.
  for (const position of [1, 2]) appendFileSync(join(directory, log), frameOf([eventAt(position)], 0, 3, 1));
  const found = await findSpool(directory);
  expect(found.damage).toBeUndefined();
  expect(found.number).toBe(1);
  expect(found.state.next).toEqual([1, 0]);
});

it('events of two commits that neither journal nor note know of are told of, and that there may have been more', async () => {
  const directory = await spoolOfOneCommit();
  for (const number of [2, 3]) appendFileSync(join(directory, log), frameOf([eventAt(number)], 0, number, 1));
  const { damage, state } = await findSpool(directory);
  expect(damage).toMatchObject({ isKnown: false, lost: new Map() });
  expect(damage?.reason).toContain('the end of the journal is missing');
  // None of their events is given up.
  expect(state.queues.get('a')?.live[log]?.[0]).toBe(3);
});

it('whatever is wrong with its files, finding out what is in a spool changes no byte and no name', async () => {
  const damage = fc.record({
    file: fc.nat(),
    place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    kind: fc.constantFrom('flip', 'cut', 'remove'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { maxLength: 4 }), async (damages) => {
      const directory = await spoolOfOneCommit();
      for (const { file, place, kind } of damages) {
        const names = readdirSync(directory);
        const path = join(directory, names[file % names.length] as string);
        const bytes = readFileSync(path);
        const at = Math.floor(place * bytes.length);
        if (kind === 'remove' && names.length > 1) rmSync(path);
        else if (kind === 'cut') truncateSync(path, at);
        else if (bytes.length > 0) flipBit(path, 8 * at);
      }
      const before = contentOf(directory);
      await findSpool(directory);
      expect(contentOf(directory)).toEqual(before);
    }),
    { numRuns: 60 },
  );
});

/** What lies in a spool's directory, and beside it. */
function contentOf(directory: string): Map<string, string> {
  const parent = dirname(directory);
  const beside = readdirSync(parent).filter((name) => statSync(join(parent, name)).isFile());
  const paths = [
    ...readdirSync(directory).map((name) => join(directory, name)),
    ...beside.map((name) => join(parent, name)),
  ];
  return new Map(paths.map((path) => [path, readFileSync(path).toString('base64')]));
}
