import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { LogTargetsError, type Report } from '../../src/index.js';
import { UnheardWarnings } from '../../src/winston/unheard.js';
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

it('nobody reads more than fifty in a minute that nobody listens for: one says that there are others', async () => {
  const shown = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined);
  onTestFinished(() => shown.mockRestore());
  const unheard = new UnheardWarnings();
  const show = (count: number) => {
    for (let index = 0; index < count; index++) {
      unheard.show(new LogTargetsError('TARGET_DOWN', `Log target \`t${index}\` is down`));
    }
  };
  show(200);
  expect(shown).toHaveBeenCalledTimes(51);
  expect(shown.mock.calls[49]?.[0]).toBe('Log target `t49` is down');
  expect(shown.mock.calls[50]?.[0]).toMatch(/^More than 50 warnings in a minute/);
  vi.advanceTimersByTime(60_000);
  show(1);
  expect(shown).toHaveBeenCalledTimes(52);
});
