/** What is on disk when there is no room for more events. */

import { cpSync, lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { Batcher } from '../../src/delivery/batcher.js';
import { type Batch, createBatch } from '../../src/queue/batch.js';
import type { EncodedEvent } from '../../src/queue/encoded-event.js';
import type { QueueOwner } from '../../src/queue/queue.js';
import { createSpool } from '../../src/spool/create-spool.js';
import type { SpoolQueue } from '../../src/spool/spool-queue.js';
import { temporaryDirectory } from '../helpers/files.js';
import { filesIn } from '../helpers/spool.js';
import { encodedEvent } from '../queue/queue-contract.js';

const disk = vi.hoisted(() => ({
  isFull: false,
  logs: new Set<unknown>(),
  /** Files of a journal for which there is room. */
  journals: Number.POSITIVE_INFINITY,
  /** Called when one is begun. */
  onJournal: () => {},
}));

/** Full: journals have their room already, or some of it, files of events get none. */
vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs')>();
  const { promisify } = await import('node:util');
  const replace = (
    name: 'open' | 'write',
    use: (original: AsyncCall, args: unknown[]) => Promise<unknown>,
  ) => {
    const original = promisify(fs[name] as never) as AsyncCall;
    return Object.assign(() => {}, { [promisify.custom]: (...args: unknown[]) => use(original, args) });
  };
  return {
    ...fs,
    open: replace('open', async (original, args) => {
      const [, journal = 0] = /\/state-(\d+)-/.exec(String(args[0])) ?? [];
      if (Number(args[1]) & fs.constants.O_CREAT && Number(journal) > disk.journals) throw noSpace();
      if (journal) disk.onJournal();
      const fd = await original(...args);
      if (/\/(logging|dead)-/.test(String(args[0]))) disk.logs.add(fd);
      else disk.logs.delete(fd);
      return fd;
    }),
    write: replace('write', async (original, args) => {
      if (disk.isFull && disk.logs.has(args[0])) throw noSpace();
      return original(...args);
    }),
  };
});
function noSpace(): Error {
  return Object.assign(new Error('no space'), { code: 'ENOSPC' });
}

type AsyncCall = (...args: unknown[]) => Promise<unknown>;

class Owner implements QueueOwner {
  batches: Batch[] = [];
  lost(): void {}
  readable(): void {}
  recovered({ batches }: { batches: readonly Batch[] }): void {
    this.batches.push(...batches);
  }
  forgotten(): void {}
  expire(): readonly EncodedEvent[] {
    return [];
  }
  state() {
    return { batches: this.batches, attempt: undefined, type: 'webhook', address: '' };
  }
}

/** @param problem why it cannot be opened as a whole */
async function openQueue(directory: string, problem?: string) {
  const location = { directory, maxBytes: 2 ** 30, maxAgeMs: Number.POSITIVE_INFINITY };
  const spool = createSpool(location, { maxEvents: 10, maxBytes: 2 ** 20 }, () => {});
  onTestFinished(() => spool.close());
  if (problem === undefined) await spool.opened;
  else await expect(spool.opened).rejects.toThrow(problem);
  const owner = new Owner();
  const queue = spool.queue('a').adopt(owner);
  queue.open();
  return { spool, queue, owner };
}

/** One with three events, which are on disk. */
async function openQueueOfThree() {
  const directory = join(temporaryDirectory(), 'spool');
  const opened = await openQueue(directory);
  for (const seq of [0, 1, 2]) opened.queue.push(encodedEvent(seq, 'logging'));
  expect(await opened.spool.committed()).toBe(true);
  return { directory, ...opened };
}

function takeThree(queue: SpoolQueue, owner: Owner): Batch {
  const batch = createBatch([queue.take(), queue.take(), queue.take()] as EncodedEvent[], 'array');
  owner.batches = [batch];
  return batch;
}

/** A batch of events that are on disk, ready to go out, while there is no room for another event. */
async function batchBesideFullDisk() {
  const opened = await openQueueOfThree();
  const batch = takeThree(opened.queue, opened.owner);
  disk.isFull = true;
  opened.queue.push(encodedEvent(3, 'logging'));
  await opened.queue.beforeAttempt(batch);
  return { ...opened, batch };
}

/** A copy of a spool, as a kill at this moment leaves it. From now on the disk has room. */
function asKilled(directory: string): string {
  const parent = temporaryDirectory();
  cpSync(dirname(directory), parent, {
    recursive: true,
    filter: (path) => lstatSync(path).isFile() || lstatSync(path).isDirectory(),
  });
  disk.isFull = false;
  return join(parent, 'spool');
}

it('a batch that is on disk is there by its id before it goes out, although there is no room for other events', async () => {
  const { directory, batch } = await batchBesideFullDisk();

  const next = await openQueue(asKilled(directory));
  expect(next.owner.batches.map(({ id, events }) => [id, events.length])).toEqual([[batch.id, 3]]);
});

it('events for which there is no room are in no batch with events that are on disk', async () => {
  const { directory, queue, owner } = await openQueueOfThree();
  disk.isFull = true;
  for (const seq of [3, 4]) queue.push(encodedEvent(seq, 'logging'));
  const limits = { maxEvents: 100, maxBytes: 2 ** 20, frame: { around: 2, between: 1 }, waitMs: 0 };
  const batcher = new Batcher(queue, limits, () => {});
  const batch = createBatch(batcher.take() ?? [], 'array');
  owner.batches = [batch];
  await queue.beforeAttempt(batch);
  expect(batcher.take()?.map(({ seq }) => seq)).toEqual([3, 4]);

  const next = await openQueue(asKilled(directory));
  expect(next.owner.batches.map(({ id, events }) => [id, events.length])).toEqual([[batch.id, 3]]);
});

it('a letter for which there is no room waits, and takes nobody else’s place', async () => {
  const { directory, spool, queue } = await openQueueOfThree();
  const refused = queue.take() as EncodedEvent;
  disk.isFull = true;
  expect(queue.bury(refused, { status: 422, response: '' })).toBe(true);
  expect(await spool.committed()).toBe(false);
  queue.stateChanged();
  await spool.committed();

  const next = await openQueue(asKilled(directory));
  expect(next.owner.batches.map(({ events }) => events.length)).toEqual([1]);
  expect(next.queue.events).toBe(3);
});

it('what was delivered last is told before a spool closes, although there is no room for other events', async () => {
  const { directory, spool, queue, owner, batch } = await batchBesideFullDisk();
  owner.batches = [];
  queue.release(batch.events);
  await spool.close();

  disk.isFull = false;
  const next = await openQueue(directory);
  expect(next.owner.batches).toEqual([]);
  expect(next.queue.events).toBe(0);
});

it('no event takes the room that the journal lacks', async () => {
  const directory = join(temporaryDirectory(), 'spool');
  disk.journals = 1;
  onTestFinished(() => {
    disk.journals = Number.POSITIVE_INFINITY;
  });
  const { spool, queue } = await openQueue(directory, 'no space');
  queue.push(encodedEvent(0, 'logging'));
  queue.stateChanged();
  expect(await spool.committed()).toBe(false);
  expect(filesIn(directory).filter((file) => file.startsWith('logging-'))).toEqual([]);
});

it('a batch that comes from a disk without room for a journal waits until it is there by its id', async () => {
  const { directory, spool: before } = await openQueueOfThree();
  await before.close();
  disk.journals = 0;
  onTestFinished(() => {
    disk.journals = Number.POSITIVE_INFINITY;
  });
  const { spool, queue, owner } = await openQueue(directory, 'no space');
  await vi.waitFor(() => expect(queue.peek()).toBeDefined());
  const batch = takeThree(queue, owner);
  const told = vi.fn();
  const attempt = queue.beforeAttempt(batch)?.then(told);
  for (let commits = 0; commits < 4; commits++) expect(await spool.committed()).toBe(false);
  expect(told).not.toHaveBeenCalled();
  disk.journals = Number.POSITIVE_INFINITY;
  await attempt;

  const next = await openQueue(asKilled(directory));
  expect(next.owner.batches.map(({ id, events }) => [id, events.length])).toEqual([[batch.id, 3]]);
});

it('what is logged while a journal takes its room late is written with the others, and known as that', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => {
    vi.useRealTimers();
    disk.journals = Number.POSITIVE_INFINITY;
    disk.onJournal = () => {};
  });
  const directory = join(temporaryDirectory(), 'spool');
  disk.journals = 0;
  const { spool, queue } = await openQueue(directory, 'no space');
  disk.journals = Number.POSITIVE_INFINITY;
  let seq = 0;
  disk.onJournal = () => void queue.push(encodedEvent(seq++, 'logging'));
  vi.advanceTimersByTime(10_000);
  expect(await spool.committed()).toBe(true);
  expect(seq).toBeGreaterThan(0);
  disk.onJournal = () => {};
  queue.release(Array.from({ length: seq }, () => queue.take() as EncodedEvent));
  await spool.close();

  const next = await openQueue(directory);
  expect(next.queue.events).toBe(0);
});
