/** Who listens to a transport's events, and that it is never hurt by it. */

import { expect, it, vi } from 'vitest';
import type { Event, EventType } from '../../src/model/event.js';
import { Tap, tapOf } from '../../src/targets/tap.js';

const done: Event = { type: 'lifecycle', time: '', action: 'done', entities: [] };

function createListener(types: EventType[]) {
  return { types, take: vi.fn(), end: vi.fn() };
}

it('listeners get the types that they want until they go', () => {
  const tap = new Tap(
    () => {},
    () => {},
  );
  const [audit, logs] = [createListener(['lifecycle']), createListener(['logging'])];
  expect([tap.isOpen, tap.wantsLogging]).toEqual([false, false]);
  const leave = tap.subscribe(audit);
  expect([tap.isOpen, tap.wantsLogging]).toEqual([true, false]);
  const leaveToo = tap.subscribe(logs);
  expect([tap.isOpen, tap.wantsLogging]).toEqual([true, true]);
  tap.take(done);
  leaveToo();
  leave();
  tap.take(done);
  expect([tap.isOpen, tap.wantsLogging]).toEqual([false, false]);
  expect(audit.take.mock.calls).toEqual([[done]]);
  expect(logs.take).not.toHaveBeenCalled();
});

it('a listener that throws harms neither the others nor who tells them', () => {
  const tap = new Tap(
    () => {},
    () => {},
  );
  const [broken, whole] = [createListener(['lifecycle']), createListener(['lifecycle'])];
  broken.take.mockImplementation(() => {
    throw new RangeError('Invalid string length');
  });
  tap.subscribe(broken);
  tap.subscribe(whole);
  expect(() => tap.take(done)).not.toThrow();
  expect(whole.take).toHaveBeenCalledOnce();
});

it('what was accepted before belongs to those who listened by then', () => {
  const waiting = [done];
  const tap: Tap = new Tap(
    () => {},
    () => {
      for (const event of waiting.splice(0)) tap.take(event);
    },
  );
  const [first, second] = [createListener(['lifecycle']), createListener(['lifecycle'])];
  const leave = tap.subscribe(first);
  waiting.push(done);
  tap.subscribe(second);
  waiting.push(done);
  leave();
  expect([first.take.mock.calls.length, second.take.mock.calls.length]).toEqual([2, 1]);
});

it('its end is told to all, who may go at that', () => {
  const tap = new Tap(
    () => {},
    () => {},
  );
  const [one, two] = [createListener(['lifecycle']), createListener(['operation'])];
  one.end.mockImplementation(tap.subscribe(one));
  tap.subscribe(two);
  tap.end();
  expect(tap.isEnded).toBe(true);
  expect([one.end.mock.calls.length, two.end.mock.calls.length]).toEqual([1, 1]);
});

it('only transports have one', () => {
  for (const other of [undefined, null, 'transport', {}]) expect(tapOf(other)).toBeUndefined();
});
