/** The fold of a journal, against a model that is too simple to be wrong, and the frames that it is written in. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeEvents, encodeJson, parseFrames, type StoredEvent } from '../../src/disk/layout.js';
import { type Change, emptyState, fold, isWithin, wholeChange, withPosition } from '../../src/disk/state.js';
import { frameOf } from '../helpers/journal.js';

const clock = { ms: 1, uptimeMs: 1 };
const names = fc.constantFrom('a', 'b', 'constructor');
const files = fc.constantFrom('logging-1', 'audit-1', 'dead-1');
const file = fc.record({
  kind: fc.constantFrom('logging' as const, 'audit' as const, 'dead' as const),
  number: fc.nat(9),
  bytes: fc.nat(),
  textBytes: fc.nat(),
  first: fc.nat(),
  last: fc.nat(),
  oldestMs: fc.nat(),
  youngestMs: fc.nat(),
});
const queue = fc.record({
  heads: fc.tuple(fc.nat(), fc.nat()),
  batches: fc.constant([]),
  type: fc.constant('webhook'),
  address: fc.string(),
  ever: fc.nat(),
  live: fc.dictionary(files, fc.tuple(fc.nat(3), fc.nat()), { noNullPrototype: true }),
});
const change: fc.Arbitrary<Change> = fc.record({
  clock: fc.constant(clock),
  next: fc.tuple(fc.nat(), fc.nat()),
  files: fc.dictionary(files, fc.option(file), { noNullPrototype: true }),
  queues: fc.dictionary(names, fc.option(queue), { noNullPrototype: true }),
});

it('is the last that was said of everything, and one change can stand for all', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
      const live = new Map<string, Map<string, readonly [number, number]>>();
      const known = new Map<string, unknown>();
      for (const { files: ofFiles = {}, queues = {} } of changes) {
        for (const [name, value] of Object.entries(ofFiles)) {
          if (value === null) known.delete(name);
          else known.set(name, value);
        }
        for (const [name, value] of Object.entries(queues)) {
          if (value === null) live.delete(name);
          else {
            const amounts = live.get(name) ?? new Map();
            live.set(name, amounts);
            for (const [where, amount] of Object.entries(value.live)) {
              if (amount[0] === 0) amounts.delete(where);
              else amounts.set(where, amount);
            }
          }
        }
      }
      const state = changes.reduce(fold, emptyState);
      expect(new Map(state.files)).toEqual(known);
      expect(
        new Map([...state.queues].map(([name, each]) => [name, new Map(Object.entries(each.live))])),
      ).toEqual(live);
      const whole = JSON.parse(JSON.stringify(wholeChange(state, clock))) as Change;
      expect(fold(fold(emptyState, { clock, next: [1, 1], gone: [[1, 2]] }), whole)).toEqual({
        ...state,
        clock,
      });
    }),
  );
});

it('keeps positions in as few intervals as will do', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(60)), (positions) => {
      const intervals = positions.reduce(withPosition, [] as readonly (readonly [number, number])[]);
      for (let position = 0; position <= 61; position++) {
        expect(isWithin(intervals, position)).toBe(positions.includes(position));
      }
      for (const [index, [first]] of intervals.entries()) {
        if (index > 0) expect(first).toBeGreaterThan((intervals[index - 1]?.[1] ?? 0) + 1);
      }
    }),
  );
});

it('frames are found again whatever is cut, flipped or put between them, and hold what was put in', () => {
  const stored = fc.record({
    text: fc.string(),
    type: fc.constantFrom('logging' as const, 'lifecycle' as const, 'operation' as const),
    format: fc.constantFrom('lxd', 'a format of mine'),
    id: fc.option(fc.string(), { nil: undefined }),
    waiters: fc.uniqueArray(names, { minLength: 1 }),
  });
  fc.assert(
    fc.property(
      fc.array(fc.array(stored, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 }),
      fc.nat(),
      fc.integer({ min: 0, max: 7 }),
      fc.uint8Array({ maxLength: 40 }),
      (groups, place, bit, rubbish) => {
        const base = 1000;
        let position = 0;
        const written = groups.map((group) => {
          // All in one block, as the texts of neighbours are, with a byte between them that is free.
          const block = Buffer.from(group.map(({ text }) => `${text},`).join(''));
          let end = 0;
          return group.map(({ text, id, waiters, type, format }): StoredEvent => {
            const [start, bytes] = [end, Buffer.byteLength(text)];
            end += bytes + 1;
            const seq = position++ - base;
            const event = { seq, type, format, acceptedAtMs: 7, block, start, bytes };
            return { position: seq + base, waiters, event: { ...event, ...(id !== undefined && { id }) } };
          });
        });
        const frames = written.map((group, index) =>
          frameOf(
            group.map(({ waiters, event }) => ({
              event,
              queues: waiters.map((name) => ({ name })),
            })),
            base,
            index,
            index,
          ),
        );
        const shown = (events: readonly StoredEvent[]) =>
          events.map(({ position: at, waiters, event: { block, start, bytes, type, format, id } }) => [
            at,
            [...waiters],
            block.toString('utf8', start, start + bytes),
            type,
            format,
            id,
          ]);
        const clean = parseFrames(Buffer.concat([encodeJson({ a: 1 }, 0, 0), ...frames]), true);
        expect(clean.gaps).toBe(0);
        expect(clean.frames.slice(1).map((frame) => shown(decodeEvents(frame)))).toEqual(written.map(shown));

        const victim = place % frames.length;
        const broken = Buffer.from(frames[victim] as Buffer);
        const byte = place % broken.length;
        broken[byte] = (broken[byte] ?? 0) ^ (1 << bit);
        const parts = frames.map((frame, index) => (index === victim ? broken : frame));
        const damaged = parseFrames(
          Buffer.concat([...parts.slice(0, victim + 1), rubbish, ...parts.slice(victim + 1)]),
          true,
        );
        const found = damaged.frames.map(({ number }) => number);
        expect(found).toEqual(frames.map((_, index) => index).filter((index) => index !== victim));
      },
    ),
  );
});
