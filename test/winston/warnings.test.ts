import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Report } from '../../src/index.js';
import { Warnings } from '../../src/winston/warnings.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const dropped = (target: string, reason: 'queue-full' | 'shutdown'): Report => ({
  type: 'eventsDropped',
  target,
  events: 1,
  reason,
});

it('the same warning is given once a minute for each target and kind', () => {
  const warnings = new Warnings();
  const given = (report: Report) => warnings.warningFor(report) !== undefined;
  expect([given(dropped('a', 'queue-full')), given(dropped('a', 'queue-full'))]).toEqual([true, false]);
  expect([given(dropped('b', 'queue-full')), given(dropped('a', 'shutdown'))]).toEqual([true, true]);
  vi.advanceTimersByTime(59_999);
  expect(given(dropped('a', 'queue-full'))).toBe(false);
  vi.advanceTimersByTime(1);
  expect(given(dropped('a', 'queue-full'))).toBe(true);
});

it('what is ordinary is reported, not warned of', () => {
  const warnings = new Warnings();
  expect(
    warnings.warningFor({ type: 'batchDelivered', target: 'a', events: 1, bytes: 1, ms: 1, status: 200 }),
  ).toBeUndefined();
  expect(warnings.warningFor({ type: 'targetUp', target: 'a' })).toBeUndefined();
});
