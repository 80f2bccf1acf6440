/** Suites are skipped for want of a program, and only then. */

import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { describeWith, programPath } from './programs.js';

it('finds programs on the path, and says so where one is missing', () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());
  expect(programPath('node')).toMatch(/\/node$/);
  expect(programPath('no-such-program')).toBeUndefined();
  expect(describeWith('no-such-program', 'node')).toBe(describe);
  expect(log).not.toHaveBeenCalled();
  expect(describeWith('no-such-program')).not.toBe(describe);
  expect(log).toHaveBeenCalledWith('no-such-program is not installed: its tests are skipped');
});
