/** A spooled queue against the contract of all queues, and against a model that crashes. */

import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Batch, createBatch } from '../../src/queue/batch.js';
import type { DeliveryState, Recovery } from '../../src/queue/delivery-state.js';
import type { EncodedEvent } from '../../src/queue/encoded-event.js';
import type { QueueOwner } from '../../src/queue/queue.js';
import type { Report } from '../../src/report.js';
import { createSpool } from '../../src/spool/create-spool.js';
import type { SpoolShare } from '../../src/spool/share.js';
import type { Spool } from '../../src/spool/spool.js';
import { SpoolQueue } from '../../src/spool/spool-queue.js';
import { temporaryDirectory } from '../helpers/files.js';
import { describeQueue, encodedEvent } from '../queue/queue-contract.js';

describeQueue('a spooled queue without a disk', (memory, lost) => {
  const share: SpoolShare<SpoolQueue> = {
    base: 0,
    isOpen: false,
    isOpening: false,
    isPatient: false,
    windowBytes: 2 ** 20,
    memory,
    makeRoom: () => true,
    add: () => {},
    settled: () => {},
    fileOf: () => undefined,
    read: () => Promise.reject(new Error('no disk')),
    commit: () => {},
    committed: () => Promise.resolve(false),
    bury: () => false,
    damaged: () => {},
    lost: () => {},
  };
  const queue = new SpoolQueue('a', share);
  return queue.adopt({
    lost,
    readable() {},
    recovered() {},
    forgotten() {},
    state: () => noState,
    expire: () => [],
  });
});

const noState: DeliveryState = { batches: [], attempt: undefined, type: 'webhook', address: '' };

/** The part of a target that a queue needs to know. */
class Owner implements QueueOwner {
  batches: Batch[] = [];
  recovery: Recovery | undefined;
  losses: [reason: string, events: number][] = [];
  #readable: (() => void)[] = [];

  lost(reason: string, events: number): void {
    this.losses.push([reason, events]);
  }

  readable(): void {
    for (const resolve of this.#readable.splice(0)) resolve();
  }

  recovered(recovery: Recovery): void {
    this.recovery = recovery;
    this.batches.push(...recovery.batches);
  }

  forgotten(): void {}

  state(): DeliveryState {
    return { ...noState, batches: this.batches };
  }

  expire(): readonly EncodedEvent[] {
    return [];
  }

  nextReadable(): Promise<void> {
    return new Promise((resolve) => this.#readable.push(resolve));
  }
}

async function openSpool(directory: string, options: { maxBytes?: number; reports?: Report[] } = {}) {
  const { maxBytes = 2 ** 30, reports = [] } = options;
  const location = { directory, maxBytes, maxAgeMs: Number.POSITIVE_INFINITY };
  const memory = { maxEvents: 1e6, maxBytes: 2 ** 30 };
  const spool = createSpool(location, memory, (report) => reports.push(report));
  onTestFinished(() => spool.close());
  await spool.opened;
  return spool;
}

function openQueue(spool: Spool, name = 'a') {
  const owner = new Owner();
  const queue = spool.queue(name).adopt(owner);
  queue.open();
  return { queue, owner };
}

function text({ block, start, bytes }: EncodedEvent): string {
  return block.toString('utf8', start, start + bytes);
}

function numbered(seq: number, label: number, type: EncodedEvent['type'] = 'logging'): EncodedEvent {
  const block = Buffer.from(`"${label}" `);
  return { ...encodedEvent(seq, type), block, bytes: block.length - 1 };
}

async function takeAll(queue: SpoolQueue, owner: Owner): Promise<EncodedEvent[]> {
  const taken: EncodedEvent[] = [];
  while (queue.waitingEvents > 0) {
    const event = queue.take();
    if (event) taken.push(event);
    else await owner.nextReadable();
  }
  return taken;
}

/** As a process leaves it that is killed: nothing is written meanwhile. */
function copySpool(from: string, to: string): void {
  mkdirSync(to, { mode: 0o700 });
  for (const name of readdirSync(from)) {
    if (statSync(join(from, name), { throwIfNoEntry: false })?.isFile())
      copyFileSync(join(from, name), join(to, name));
  }
  if (existsSync(`${from}.synced`)) copyFileSync(`${from}.synced`, `${to}.synced`);
}

async function commit(spool: Spool, queue: SpoolQueue): Promise<void> {
  spool.commit(queue, 'now');
  await spool.committed();
}

describe('a spool', () => {
  it('gives back what was pushed, in order, after it was closed', async () => {
    const directory = join(temporaryDirectory(), 'spool');
    const first = await openSpool(directory);
    const { queue } = openQueue(first);
    for (let seq = 0; seq < 3000; seq++) queue.push(numbered(seq, seq, seq % 7 ? 'logging' : 'lifecycle'));
    queue.close();
    await first.close();
    const second = await openSpool(directory);
    const again = openQueue(second);
    expect(again.owner.recovery?.events).toBe(3000);
    const events = await takeAll(again.queue, again.owner);
    expect(events.map(text)).toEqual(Array.from({ length: 3000 }, (_, label) => `"${label}"`));
  });

  it('holds little in memory of what is long, and reads it back in order', async () => {
    const spool = await openSpool(join(temporaryDirectory(), 'spool'));
    const { queue, owner } = openQueue(spool);
    const padding = 'x'.repeat(1000);
    for (let seq = 0; seq < 40_000; seq++) {
      const block = Buffer.from(`"${seq}${padding}" `);
      queue.push({ ...encodedEvent(seq), block, bytes: block.length - 1 });
      if (seq % 1000 === 0) await commit(spool, queue);
    }
    await commit(spool, queue);
    const inMemory = queue.lanes.reduce((sum, lane) => sum + lane.frontBytes + lane.unstoredBytes, 0);
    expect(inMemory).toBeLessThan(5 * 2 ** 20);
    const events = await takeAll(queue, owner);
    expect(events.every((event, seq) => text(event).startsWith(`"${seq}x`))).toBe(true);
    expect(events).toHaveLength(40_000);
  });

  it('evicts the oldest logging events of the fullest queue first, lifecycle events last', async () => {
    const spool = await openSpool(join(temporaryDirectory(), 'spool'), { maxBytes: 200_000 });
    const full = openQueue(spool, 'full');
    const other = openQueue(spool, 'other');
    const push = (queue: SpoolQueue, seq: number, type?: EncodedEvent['type']) =>
      queue.push(encodedEvent(seq, type, 1000));
    for (let seq = 0; seq < 100; seq++) push(full.queue, seq, seq < 50 ? 'lifecycle' : 'logging');
    for (let seq = 0; seq < 120; seq++) expect(push(other.queue, seq)).toBe(true);
    expect(full.owner.losses.reduce((sum, [, events]) => sum + events, 0)).toBeGreaterThan(0);
    expect(full.queue.countUpTo(49)).toBe(50);
    expect(full.queue.bytes + other.queue.bytes).toBeLessThanOrEqual(200_000);
  });

  it('that is taken over by a process with events of its own keeps both, and its batches', async () => {
    const directory = join(temporaryDirectory(), 'spool');
    const before = await openSpool(directory);
    const left = openQueue(before);
    for (let seq = 0; seq < 300; seq++) left.queue.push(numbered(seq, seq));
    await commit(before, left.queue);

    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const reports: Report[] = [];
    const location = { directory, maxBytes: 2 ** 30, maxAgeMs: Number.POSITIVE_INFINITY };
    const after = createSpool(location, { maxEvents: 1000, maxBytes: 2 ** 20 }, (report) =>
      reports.push(report),
    );
    onTestFinished(() => after.close());
    await expect(after.opened).rejects.toThrow('in use');
    const own = openQueue(after);
    const events = [0, 1, 2, 3, 4].map((seq) => numbered(seq, 1000 + seq));
    for (const event of events) own.queue.push(event);
    for (const _ of events) own.queue.take();
    const batch = createBatch(events, 'array');
    own.owner.batches.push(batch);

    left.queue.close();
    await before.close();
    vi.advanceTimersByTime(10_000);
    vi.useRealTimers();
    await vi.waitUntil(() => reports.some(({ type }) => type === 'spoolRecovered'));
    expect(own.queue.events).toBe(305);
    own.queue.close();
    await after.close();

    const last = openQueue(await openSpool(directory, { reports }));
    expect(last.owner.recovery?.events).toBe(305);
    expect(last.owner.batches.map(({ id, body }) => [id, body.toString()])).toEqual([
      [batch.id, batch.body.toString()],
    ]);
    expect(await takeAll(last.queue, last.owner)).toHaveLength(300);
    expect(reports.map(({ type }) => type)).toEqual(['spoolUnavailable', 'spoolRecovered']);
  });

  it('after any history and a crash has what was written, once, in order, and batches under their ids', async () => {
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          kind: fc.constant('push' as const),
          count: fc.integer({ min: 1, max: 400 }),
          audit: fc.boolean(),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('take' as const), count: fc.integer({ min: 1, max: 300 }) }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('settle' as const), which: fc.nat() }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('commit' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25 }), async (steps) => {
        const home = temporaryDirectory();
        let life = 0;
        let spool = await openSpool(join(home, `spool${life}`));
        let { queue, owner } = openQueue(spool);
        let nextLabel = 0;
        let seq = 0;
        /** What is pending, and what was at the last commit. */
        const alive = new Set<string>();
        let written: string[] = [];
        let writtenBatches: [id: string, body: string][] = [];
        const note = () => {
          written = [...alive];
          writtenBatches = owner.batches.map(({ id, body }) => [id, body.toString()]);
        };
        const push = (type: EncodedEvent['type']) => {
          alive.add(`"${nextLabel}"`);
          queue.push(numbered(seq++, nextLabel++, type));
        };
        const start = async (directory: string) => {
          spool = await openSpool(directory);
          ({ queue, owner } = openQueue(spool));
          seq = 0;
        };
        for (const { kind, ...options } of [
          ...steps,
          { kind: 'commit' as const },
          { kind: 'crash' as const },
        ]) {
          switch (kind) {
            case 'push':
              for (let count = 0; count < (options as { count: number }).count; count++) {
                const isAudit = (options as { audit: boolean }).audit && count % 3 === 0;
                push(isAudit ? 'lifecycle' : 'logging');
              }
              break;
            case 'take': {
              const events: EncodedEvent[] = [];
              while (events.length < (options as { count: number }).count) {
                const event = queue.take();
                if (event === undefined) break;
                events.push(event);
              }
              if (events.length > 0) owner.batches.push(createBatch(events, 'array'));
              break;
            }
            case 'settle': {
              const [batch] = owner.batches.splice(
                (options as { which: number }).which % (owner.batches.length || 1),
                1,
              );
              if (batch === undefined) break;
              queue.release(batch.events);
              for (const event of batch.events) alive.delete(text(event));
              break;
            }
            case 'commit':
              await commit(spool, queue);
              note();
              break;
            case 'crash': {
              await commit(spool, queue);
              note();
              // Not in any commit: lost.
              queue.push(numbered(seq++, nextLabel++));
              life++;
              copySpool(join(home, `spool${life - 1}`), join(home, `spool${life}`));
              const [labels, batches] = [written, writtenBatches];
              await spool.close();
              await start(join(home, `spool${life}`));
              expect(owner.batches.map(({ id, body }) => [id, body.toString()]).sort()).toEqual(
                [...batches].sort(),
              );
              const waiting = await takeAll(queue, owner);
              if (waiting.length > 0) owner.batches.push(createBatch(waiting, 'array'));
              const found = owner.batches.flatMap(({ events }) => events.map(text));
              expect(found.sort()).toEqual([...labels].sort());
              alive.clear();
              for (const label of labels) alive.add(label);
              const order = waiting.map((event) => Number(JSON.parse(text(event))));
              expect(order).toEqual([...order].sort((a, b) => a - b));
              break;
            }
            case 'reopen':
              queue.close();
              await spool.close();
              await start(join(home, `spool${life}`));
          }
        }
        await spool.close();
      }),
      { numRuns: 40 },
    );
  });
});
