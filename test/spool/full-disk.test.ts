/** What is on disk when there is no room for more events. */

import { cpSync, lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type Batch, createBatch } from '../../src/queue/batch.js';
import type { EncodedEvent } from '../../src/queue/encoded-event.js';
import type { QueueOwner } from '../../src/queue/queue.js';
import { createSpool } from '../../src/spool/create-spool.js';
import { temporaryDirectory } from '../helpers/files.js';
import { encodedEvent } from '../queue/queue-contract.js';

const disk = vi.hoisted(() => ({ isFull: false, logs: new Set<unknown>() }));

/** Full: journals have their room already, files of events get none. */
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
      const fd = await original(...args);
      if (String(args[0]).includes('/logging-')) disk.logs.add(fd);
      else disk.logs.delete(fd);
      return fd;
    }),
    write: replace('write', async (original, args) => {
      if (disk.isFull && disk.logs.has(args[0]))
        throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      return original(...args);
    }),
  };
});
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

async function openQueue(directory: string) {
  const location = { directory, maxBytes: 2 ** 30, maxAgeMs: Number.POSITIVE_INFINITY };
  const spool = createSpool(location, { maxEvents: 10, maxBytes: 2 ** 20 }, () => {});
  onTestFinished(() => spool.close());
  await spool.opened;
  const owner = new Owner();
  const queue = spool.queue('a').adopt(owner);
  queue.open();
  return { spool, queue, owner };
}

it('a batch that is on disk is there by its id before it goes out, although there is no room for other events', async () => {
  const directory = join(temporaryDirectory(), 'spool');
  const { spool, queue, owner } = await openQueue(directory);
  for (const seq of [0, 1, 2]) queue.push(encodedEvent(seq, 'logging'));
  expect(await spool.committed()).toBe(true);
  const taken = [queue.take(), queue.take(), queue.take()] as EncodedEvent[];
  const batch = createBatch(taken, 'array');
  owner.batches = [batch];
  disk.isFull = true;
  queue.push(encodedEvent(3, 'logging'));
  await queue.beforeAttempt(batch);

  // As a kill at this moment leaves it.
  const parent = temporaryDirectory();
  cpSync(dirname(directory), parent, {
    recursive: true,
    filter: (path) => lstatSync(path).isFile() || lstatSync(path).isDirectory(),
  });
  disk.isFull = false;
  const next = await openQueue(join(parent, 'spool'));
  expect(next.owner.batches.map(({ id, events }) => [id, events.length])).toEqual([[batch.id, 3]]);
});
