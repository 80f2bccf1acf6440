import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Batcher, type BatchLimits } from '../../src/delivery/batcher.js';
import { createBatch } from '../../src/queue/batch.js';
import { MemoryQueue } from '../../src/queue/memory-queue.js';
import { encodedEvent } from '../queue/queue-contract.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function createBatcher(limits: Partial<BatchLimits> = {}) {
  const queue = new MemoryQueue({ maxEvents: 1e6, maxBytes: 1e9 }, () => {});
  const due = vi.fn();
  const batcher = new Batcher(
    queue,
    { maxEvents: 3, maxBytes: 1000, frame: { around: 2, between: 1 }, waitMs: 200, ...limits },
    due,
  );
  let seq = 0;
  const add = (bytes = 10) => {
    queue.push({ ...encodedEvent(seq++, 'logging', bytes), acceptedAtMs: Date.now() });
    batcher.added();
  };
  return { queue, batcher, due, add };
}

describe('a batch', () => {
  it('is due when it is full by count', () => {
    const { batcher, add } = createBatcher();
    add();
    add();
    expect(batcher.isDue).toBe(false);
    expect(batcher.take()).toBeUndefined();
    add();
    expect(batcher.isDue).toBe(true);
    expect(batcher.take()).toHaveLength(3);
  });

  it('is due when it is full by bytes', () => {
    const { batcher, add } = createBatcher({ maxEvents: 100, maxBytes: 100 });
    add(40);
    expect(batcher.isDue).toBe(false);
    add(60);
    expect(batcher.isDue).toBe(true);
    expect(batcher.take()?.map(({ bytes }) => bytes)).toEqual([40]);
  });

  it('ends where the format changes', () => {
    const { queue, batcher } = createBatcher({ maxEvents: 100, waitMs: 0 });
    const formats = ['lxd', 'lxd', 'cloudevents', 'lxd'] as const;
    formats.forEach((format, seq) => {
      queue.push({ ...encodedEvent(seq), format });
    });
    const batches = formats.map(() => batcher.take()?.map(({ seq }) => seq));
    expect(batches).toEqual([[0, 1], [2], [3], undefined]);
  });

  it('is due when its first event has waited long enough, not sooner', () => {
    const { batcher, due, add } = createBatcher();
    add();
    vi.advanceTimersByTime(150);
    add();
    vi.advanceTimersByTime(49);
    expect(due).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(due).toHaveBeenCalledTimes(1);
    expect(batcher.take()).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is due at once without a wait, and when it is hurried', () => {
    const impatient = createBatcher({ waitMs: 0 });
    impatient.add();
    expect(impatient.batcher.isDue).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    const { batcher, add } = createBatcher();
    add();
    batcher.makeDue(0);
    expect(batcher.take()).toHaveLength(1);
    add();
    expect(batcher.isDue).toBe(false);
  });

  it('that is taken leaves the next event the rest of its own wait', () => {
    const { batcher, due, add } = createBatcher();
    add();
    vi.advanceTimersByTime(100);
    for (let count = 0; count < 3; count++) add();
    expect(batcher.take()).toHaveLength(3);
    vi.advanceTimersByTime(150);
    expect(due).not.toHaveBeenCalled();
    vi.advanceTimersByTime(50);
    expect(due).toHaveBeenCalledTimes(1);
  });

  it.each([-3_600_000, 3_600_000])('waits no longer than that, though the clock jumps by %i ms', (jumpMs) => {
    const { batcher, due, add } = createBatcher();
    for (let count = 0; count < 4; count++) add();
    vi.setSystemTime(Date.now() + jumpMs);
    batcher.take();
    vi.advanceTimersByTime(200);
    expect(due).toHaveBeenCalledTimes(1);
  });

  it('that nobody takes keeps one timer at most, and none once it is stopped', () => {
    const { batcher, add } = createBatcher({ maxEvents: 1000 });
    for (let count = 0; count < 100; count++) add();
    expect(vi.getTimerCount()).toBe(1);
    batcher.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});

it('batches hold every event once, in order, within both limits', () => {
  const limits = fc.record({
    maxEvents: fc.integer({ min: 1, max: 20 }),
    maxBytes: fc.integer({ min: 50, max: 500 }),
  });
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 2, max: 48 }), { minLength: 1 }),
      limits,
      fc.constantFrom('array', 'ndjson'),
      (sizes, { maxEvents, maxBytes }, format) => {
        const { batcher, add } = createBatcher({ maxEvents, maxBytes });
        for (const size of sizes) add(size);
        batcher.makeDue(sizes.length);
        const taken: number[] = [];
        for (let events = batcher.take(); events; events = batcher.take()) {
          expect(events.length).toBeLessThanOrEqual(maxEvents);
          expect(createBatch(events, format as 'array').body.length).toBeLessThanOrEqual(maxBytes);
          taken.push(...events.map(({ seq }) => seq));
        }
        expect(taken).toEqual(sizes.map((_, seq) => seq));
      },
    ),
  );
});
