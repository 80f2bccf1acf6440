/** The journal, whose two files take turns. */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJournals } from '../../src/disk/journal.js';
import type { Change } from '../../src/disk/state.js';
import { temporaryDirectory } from '../helpers/files.js';
import { clock, startJournal } from '../helpers/journal.js';
import { canMount, fill, smallDisk } from '../helpers/small-disk.js';

/** A commit whose frame takes so many bytes; the position tells which one it is. */
function changeOf(position: number, bytes: number): Change {
  const queue = {
    heads: [0, 0] as const,
    batches: [],
    type: 'webhook',
    address: 'x'.repeat(bytes),
    ever: 0,
    live: {},
  };
  return { clock, next: [position, 0], queues: { audit: queue } };
}

function journalsIn(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.startsWith('state-'))
    .sort();
}

/** What is read where there is no note. */
async function readAll(directory: string) {
  return readJournals(directory, journalsIn(directory), undefined);
}

it('is read as it was written, whichever commits failed elsewhere after their frame was written', async () => {
  const commit = fc.record({ bytes: fc.integer({ min: 10, max: 30_000 }), isDone: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(commit, { minLength: 1, maxLength: 25 }), async (commits) => {
      const directory = temporaryDirectory();
      const journal = startJournal(directory);
      await journal.begin(clock);
      let done = 0;
      for (const [index, { bytes, isDone }] of commits.entries()) {
        const entry = journal.prepare(changeOf(index + 1, bytes));
        await journal.write(entry, false);
        if (!isDone) continue;
        journal.accept(entry, false);
        done = index + 1;
      }
      const { state, before, number, isDamaged } = await readAll(directory);
      await journal.close();
      expect(isDamaged).toBe(false);
      // One that has failed since may be read, too: a reader finds that what it says of other files is not there.
      const hasFailed = state.next[0] > done;
      expect(hasFailed ? before.next[0] : state.next[0]).toBe(done);
      expect(hasFailed ? number - 1 : number).toBe(journal.number);
    }),
    {
      numRuns: 60,
      // The one that failed is at the end of the second file, the one that took its number in the first.
      examples: [
        [
          [
            ...[30_000, 30_000, 10, 30_000, 30_000, 10].map((bytes) => ({ bytes, isDone: true })),
            { bytes: 10, isDone: false },
            { bytes: 30_000, isDone: true },
          ],
        ],
      ],
    },
  );
});

describe('a commit that is missing, where no note tells how far the journal was on disk,', () => {
  /** Commits of a journal, each on disk for certain or not, the second of which is then not there. */
  async function journalWithout(areSynced: readonly boolean[]): Promise<string> {
    const directory = temporaryDirectory();
    const journal = startJournal(directory);
    await journal.begin(clock);
    const frames: Buffer[] = [];
    for (const [index, isSynced] of areSynced.entries()) {
      const entry = journal.prepare(changeOf(index + 1, 10));
      await journal.write(entry, isSynced);
      journal.accept(entry, isSynced);
      frames.push(entry.frame);
    }
    await journal.close();
    const [name] = journalsIn(directory);
    const path = join(directory, name as string);
    const bytes = readFileSync(path);
    const missing = frames[1] as Buffer;
    bytes.fill(0, bytes.indexOf(missing), bytes.indexOf(missing) + missing.length);
    writeFileSync(path, bytes);
    return directory;
  }

  it('is no damage when the machine may have stopped before it was on disk', async () => {
    const { state, number, isDamaged } = await readAll(await journalWithout([true, false, false]));
    expect({ isDamaged, number, next: state.next[0] }).toEqual({ isDamaged: false, number: 1, next: 1 });
  });

  it('is damage when a later one says that it was on disk', async () => {
    const { state, number, isDamaged } = await readAll(await journalWithout([true, false, true, false]));
    expect({ isDamaged, number, next: state.next[0] }).toEqual({ isDamaged: true, number: 4, next: 4 });
  });
});

it.skipIf(!canMount())(
  'a journal that could begin late, on a disk that is full again, goes on in the room that it took',
  async () => {
    const disk = smallDisk('1m');
    const directory = join(disk, 'spool');
    mkdirSync(directory);
    const journal = startJournal(directory);
    const ballast = fill(disk);
    await expect(journal.begin(clock)).rejects.toThrow('ENOSPC');
    const write = async (position: number) => {
      const entry = journal.prepare(changeOf(position, 1000));
      await journal.write(entry, true);
      journal.accept(entry, true);
    };
    rmSync(ballast);
    await journal.begin(clock);
    await write(1);
    fill(disk);
    // Several times what one of its files holds.
    for (let position = 2; position <= 300; position++) await write(position);
    await journal.close();
    expect((await readAll(directory)).state.next[0]).toBe(300);
  },
);
