/** How often operator events are told: with a clock of the test's own. */

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { OperatorEvents } from '../../src/audit/operator-events.js';
import type { LifecycleEvent } from '../../src/model/event.js';
import type { Report } from '../../src/report.js';
import type { Dispatcher } from '../../src/targets/dispatcher.js';

beforeEach(
  () =>
    void vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date', 'queueMicrotask'],
    }),
);
afterEach(() => void vi.useRealTimers());

function start() {
  const told: string[] = [];
  const dispatcher = {
    tap: { isEnded: false },
    acceptLifecycle: ({ action, context }: LifecycleEvent, _at: number, except: string) => {
      told.push(`${action} ${except} ${context?.events}`);
    },
  } as unknown as Dispatcher;
  const events = new OperatorEvents({
    dispatcher,
    holders: { pendingOf: () => 7 },
    location: undefined,
    isSilent: () => false,
  });
  const take = (report: Partial<Report>) => {
    events.take({ target: 'a', ...report } as Report);
    vi.advanceTimersByTime(0);
    vi.runAllTicks();
  };
  const error = { code: 'HTTP_503', message: 'busy' };
  return {
    told,
    down: () => take({ type: 'targetDown', error, nextAttemptAt: '' }),
    up: () => take({ type: 'targetUp' }),
    gone: () => take({ type: 'targetDisabled', error }),
    drop: (events: number) => take({ type: 'eventsDropped', reason: 'queue-full', events }),
    reload: (changed: string[], removed: string[]) =>
      take({ type: 'reloaded', added: [], unchanged: [], changed, removed }),
  };
}

it('a target that flaps is told of once a minute, and as it is in the end', () => {
  const { told, down, up } = start();
  down();
  up();
  expect(told).toEqual(['log-target-down a 7', 'log-target-recovered a 7']);
  vi.advanceTimersByTime(10_000);
  down();
  up();
  down();
  expect(told).toHaveLength(2);
  vi.advanceTimersByTime(50_000);
  expect(told.slice(2)).toEqual(['log-target-down a 7']);
  vi.advanceTimersByTime(120_000);
  expect(told).toHaveLength(3);
});

it('what came and went within the minute is told to nobody', () => {
  const { told, down, up } = start();
  down();
  up();
  down();
  up();
  vi.advanceTimersByTime(300_000);
  expect(told).toEqual(['log-target-down a 7', 'log-target-recovered a 7']);
});

it('drops of a minute are told as one', () => {
  const { told, drop } = start();
  drop(1);
  drop(2);
  drop(3);
  expect(told).toEqual(['log-target-dropping a 1']);
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual(['log-target-dropping a 1', 'log-target-dropping a 5']);
});

it('new settings end a 410: that it works is told, that it is tried is not', () => {
  const { told, gone, up, reload } = start();
  gone();
  reload(['a'], []);
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual(['log-target-disabled a 7']);
  up();
  expect(told).toEqual(['log-target-disabled a 7', 'log-target-recovered a 7']);
});

it('a target that is removed is forgotten', () => {
  const { told, down, up, reload } = start();
  down();
  up();
  down();
  reload([], ['a']);
  vi.advanceTimersByTime(120_000);
  expect(told).toHaveLength(2);
});
