/** The note beside a spool: what it tells of a directory that is not there any more. */

import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as immediate } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { readTailNote, TailNoteFile } from '../../src/disk/tail-note.js';
import type { QueueOwner } from '../../src/queue/queue.js';
import { createSpool } from '../../src/spool/create-spool.js';
import type { Spool } from '../../src/spool/spool.js';
import { temporaryDirectory } from '../helpers/files.js';
import { createSpooledTransport } from '../helpers/spool.js';
import { quickTarget } from '../helpers/transport.js';
import { encodedEvent } from '../queue/queue-contract.js';

const owner: QueueOwner = {
  lost() {},
  readable() {},
  recovered() {},
  forgotten() {},
  state: () => ({ batches: [], attempt: undefined, type: 'webhook', address: '' }),
  expire: () => [],
};

/** A spool with a queue, in a time that stands still. */
async function openQueue(directory: string) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const location = { directory, maxBytes: 2 ** 30, maxAgeMs: Number.POSITIVE_INFINITY };
  const spool = createSpool(location, { maxEvents: 10, maxBytes: 2 ** 20 }, () => {});
  onTestFinished(() => spool.close());
  await spool.opened;
  const queue = spool.queue('a').adopt(owner);
  queue.open();
  return { spool, queue };
}

/** Lets time pass until the directory can be used again. */
async function opened(spool: Spool): Promise<void> {
  while (!spool.isOpen) {
    vi.advanceTimersByTime(10_000);
    await immediate();
  }
}

it('tells of what was delivered before that is on disk for certain: a directory that is removed then held nothing', async () => {
  // Nothing falls idle, and so nothing that was delivered is put on disk by an fsync of its own.
  const directory = join(temporaryDirectory(), 'spool');
  const { spool, queue } = await openQueue(directory);
  queue.push(encodedEvent(0, 'lifecycle'));
  expect(await spool.committed()).toBe(true);
  const before = readTailNote(directory);
  expect(before?.queues).toEqual({ a: [1, 1, 0] });

  const event = queue.take();
  if (event) queue.release([event]);
  vi.advanceTimersByTime(50);
  while (readTailNote(directory)?.queues.a) await immediate();
  expect(readTailNote(directory)).toEqual({ ...before, latest: (before?.latest ?? 0) + 1, queues: {} });

  const removed = join(temporaryDirectory(), 'spool');
  copyFileSync(`${directory}.synced`, `${removed}.synced`);
  vi.useRealTimers();
  const next = createSpooledTransport([quickTarget('http://127.0.0.1:1', { name: 'a' })], {
    directory: removed,
  });
  await next.transport.ready();
  await next.close();
  expect(next.spoolReports).toEqual([]);
});

it('tells of what is in a directory that was made anew, and of nothing that was in the one before', async () => {
  const directory = join(temporaryDirectory(), 'spool');
  const { spool, queue } = await openQueue(directory);
  queue.push(encodedEvent(0, 'lifecycle'));
  expect(await spool.committed()).toBe(true);
  rmSync(directory, { recursive: true });
  queue.push(encodedEvent(1, 'lifecycle'));
  expect(await spool.committed()).toBe(false);
  await opened(spool);
  expect(await spool.committed()).toBe(true);
  const [pending] = readTailNote(directory)?.queues.a ?? [];
  expect(pending).toBe(2);
});

it.each([1, 2])(
  'tells of nothing once a directory is gone to which %i commits were made',
  async (commits) => {
    const directory = join(temporaryDirectory(), 'spool');
    const { spool, queue } = await openQueue(directory);
    for (let seq = 0; seq < commits; seq++) {
      queue.push(encodedEvent(seq, 'lifecycle'));
      expect(await spool.committed()).toBe(true);
    }
    rmSync(directory, { recursive: true });
    queue.push(encodedEvent(commits, 'lifecycle'));
    expect(await spool.committed()).toBe(false);
    mkdirSync(directory);
    expect(readTailNote(directory)?.queues).toEqual({});
  },
);

it('is of no use for a directory that comes back: all that it held is there, once more than in memory', async () => {
  const directory = join(temporaryDirectory(), 'spool');
  const { spool, queue } = await openQueue(directory);
  for (const seq of [0, 1, 2]) queue.push(encodedEvent(seq, 'lifecycle'));
  expect(await spool.committed()).toBe(true);
  renameSync(directory, `${directory}.away`);
  queue.push(encodedEvent(3, 'lifecycle'));
  expect(await spool.committed()).toBe(false);
  renameSync(`${directory}.away`, directory);
  await opened(spool);
  expect(await spool.committed()).toBe(true);
  expect(queue.events).toBe(7);
  expect(readTailNote(directory)?.queues.a?.[0]).toBe(7);
});

it('is the latest of four places that is whole', async () => {
  const directory = temporaryDirectory();
  const file = TailNoteFile.open(directory);
  onTestFinished(() => rmSync(`${directory}.synced`));
  for (const latest of [1, 2, 3]) file.write({ spool: 'one', number: 1, latest, queues: {} });
  file.close();
  expect(readTailNote(directory)).toMatchObject({ latest: 3 });
  rmSync(join(directory, 'synced'));
  expect(readTailNote(directory)).toMatchObject({ latest: 3 });
  expect(readFileSync(`${directory}.synced`).length).toBeGreaterThan(2 ** 17);
});
