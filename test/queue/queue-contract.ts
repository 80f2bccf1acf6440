/** What every queue must do, against a model that is too simple to be wrong. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EncodedEvent } from '../../src/queue/encoded-event.js';
import type { Queue, QueueBounds, QueueOwner } from '../../src/queue/queue.js';

export type CreateQueue = (bounds: QueueBounds, onLost: QueueOwner['lost']) => Queue;

export function encodedEvent(seq: number, type: EncodedEvent['type'] = 'logging', bytes = 10): EncodedEvent {
  const block = Buffer.alloc(bytes + 1, 'x');
  return { seq, type, format: 'migration-manager', block, start: 0, bytes, acceptedAtMs: seq };
}

/** A list of what waits and one of what was taken. */
class ModelQueue {
  waiting: EncodedEvent[] = [];
  taken: EncodedEvent[] = [];
  evicted: EncodedEvent[] = [];

  constructor(readonly bounds: QueueBounds) {}

  get held(): EncodedEvent[] {
    return [...this.waiting, ...this.taken];
  }

  push(event: EncodedEvent): boolean {
    const keeps = (each: EncodedEvent) =>
      this.taken.includes(each) || (event.type === 'logging' && each.type !== 'logging');
    if (!this.#fits([...this.held.filter(keeps), event])) return false;
    while (!this.#fits([...this.held, event])) {
      const victim = this.waiting.find(({ type }) => type === 'logging') ?? this.waiting[0]!;
      this.waiting.splice(this.waiting.indexOf(victim), 1);
      this.evicted.push(victim);
    }
    this.waiting.push(event);
    return true;
  }

  #fits(events: readonly EncodedEvent[]): boolean {
    return events.length <= this.bounds.maxEvents && bytesOf(events) <= this.bounds.maxBytes;
  }
}

function bytesOf(events: readonly EncodedEvent[]): number {
  return events.reduce((sum, { bytes }) => sum + bytes, 0);
}

export function describeQueue(name: string, create: CreateQueue): void {
  describe(name, () => {
    it('gives events back in the order of their seq, whatever their type', () => {
      const queue = create({ maxEvents: 10_000, maxBytes: 10_000_000 }, () => {});
      for (let seq = 0; seq < 5000; seq++) queue.push(encodedEvent(seq, seq % 3 ? 'logging' : 'lifecycle'));
      const seqs = Array.from({ length: 5000 }, () => queue.take()?.seq);
      expect(seqs).toEqual(Array.from({ length: 5000 }, (_, seq) => seq));
      expect(queue.take()).toBeUndefined();
    });

    it('behaves as its model through any history', () => {
      const push = fc.record({
        kind: fc.constant('push' as const),
        type: fc.constantFrom('logging' as const, 'lifecycle' as const),
        bytes: fc.integer({ min: 1, max: 40 }),
      });
      const other = fc.record({
        kind: fc.constantFrom('take' as const, 'settle' as const, 'close' as const),
      });
      const history = fc.array(fc.oneof({ weight: 6, arbitrary: push }, { weight: 3, arbitrary: other }), {
        maxLength: 200,
      });
      const bounds = fc.record({
        maxEvents: fc.integer({ min: 1, max: 12 }),
        maxBytes: fc.integer({ min: 1, max: 200 }),
      });
      fc.assert(
        fc.property(history, bounds, (steps, limits) => {
          const lost: number[] = [];
          const queue = create(limits, (_reason, _events, seq) => lost.push(seq));
          const model = new ModelQueue(limits);
          steps.forEach((step, seq) => {
            switch (step.kind) {
              case 'push': {
                const event = encodedEvent(seq, step.type, step.bytes);
                expect(queue.push(event)).toBe(model.push(event));
                break;
              }
              case 'take': {
                const event = model.waiting.shift();
                if (event) model.taken.push(event);
                expect(queue.take()).toEqual(event);
                break;
              }
              case 'settle':
                queue.release(model.taken);
                model.taken = [];
                break;
              case 'close':
                if (queue.isDurable) break;
                expect(queue.close()).toBe(model.waiting.length);
                model.waiting = [];
            }
            expect(queue.peek()).toEqual(model.waiting[0]);
            expect(queue.events).toBe(model.held.length);
            expect(queue.bytes).toBe(bytesOf(model.held));
            expect(queue.waitingEvents).toBe(model.waiting.length);
            expect(queue.waitingBytes).toBe(bytesOf(model.waiting));
            expect(queue.countUpTo(seq / 2)).toBe(
              model.waiting.filter((event) => event.seq <= seq / 2).length,
            );
            expect(lost).toEqual(model.evicted.map(({ seq: evictedSeq }) => evictedSeq));
            expect(queue.events).toBeLessThanOrEqual(limits.maxEvents);
            expect(queue.bytes).toBeLessThanOrEqual(limits.maxBytes);
          });
        }),
      );
    });
  });
}
