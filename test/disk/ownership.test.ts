/** Two who want a directory at the same moment, and somebody who is taken for dead. */

import { existsSync, lutimesSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as immediate } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { Ownership } from '../../src/disk/ownership.js';
import { closeDisk, openDisk } from '../../src/spool/open-disk.js';
import { temporaryDirectory } from '../helpers/files.js';

const somebody = '0123456789abcdef';
const location = (directory: string) => ({
  directory,
  maxBytes: 2 ** 30,
  maxAgeMs: Number.POSITIVE_INFINITY,
});

it('what somebody needs who is just finding out who owns the directory is left to them, what is older is not', async () => {
  const directory = temporaryDirectory();
  const [young, old] = [somebody, [...somebody].reverse().join('')];
  for (const id of [young, old]) {
    writeFileSync(join(directory, `${id}.sock`), '');
    symlinkSync(`${id}.sock`, join(directory, `${id}.was`));
  }
  const twoMinutesAgo = Date.now() / 1000 - 120;
  for (const kind of ['sock', 'was'])
    lutimesSync(join(directory, `${old}.${kind}`), twoMinutesAgo, twoMinutesAgo);
  const ownership = await Ownership.take(directory);
  onTestFinished(() => ownership.release());
  const left = readdirSync(directory).filter((name) => !name.startsWith(ownership.id));
  expect(left.sort()).toEqual([`${young}.sock`, `${young}.was`, 'owner']);
});

it('an owner whose link was removed makes it again', async () => {
  const directory = temporaryDirectory();
  const ownership = await Ownership.take(directory);
  onTestFinished(() => ownership.release());
  rmSync(join(directory, 'owner'));
  expect(ownership.check()).toBe(true);
  expect(ownership.isHeld).toBe(true);
});

it('whoever is taken for dead while it opens a spool changes nothing there', async () => {
  const directory = join(temporaryDirectory(), 'spool');
  mkdirSync(directory);
  await closeDisk((await openDisk(location(directory))).disk);
  // Of the one who has it by then.
  writeFileSync(join(directory, `audit-0000000001-${somebody}`), 'new');
  const before = readdirSync(directory).sort();
  const opening = openDisk(location(directory));
  opening.catch(() => {});
  const link = join(directory, 'owner');
  while (!existsSync(link)) await immediate();
  rmSync(link);
  symlinkSync(`${somebody}.sock`, link);
  await expect(opening).rejects.toMatchObject({ code: 'SPOOL_IN_USE' });
  expect(readdirSync(directory).sort()).toEqual([...before, 'owner'].sort());
});
