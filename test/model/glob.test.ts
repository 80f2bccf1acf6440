/** Globs: what they match, and that no glob and no text take their time. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isGlob, MAX_GLOB_LENGTH, matchesGlob } from '../../src/model/glob.js';

it.each([
  ['instance-*', ['instance-created', 'instance-'], ['instance', 'instances', 'x-instance-']],
  ['*-started', ['batch-started', '-started'], ['batch-started2']],
  ['?', ['a'], ['', 'ab']],
  ['a*b?c', ['abxc', 'axxbyc', 'abbbc'], ['abc', 'abxcd']],
  ['*', ['', '.a', 'a/b', 'a\nb'], []],
  ['a.b', ['a.b'], ['axb']],
  ['a\\*', ['a\\', 'a\\x'], ['a*']],
])('%s', (glob, matching, others) => {
  expect(matching.filter((text) => !matchesGlob(glob, text))).toEqual([]);
  expect(others.filter((text) => matchesGlob(glob, text))).toEqual([]);
});

it('matches what an expression of the same meaning matches', () => {
  const letters = (alphabet: string, maxLength: number) =>
    fc.array(fc.constantFrom(...alphabet), { maxLength }).map((all) => all.join(''));
  fc.assert(
    fc.property(letters('ab*?', 8), letters('ab', 10), (glob, text) => {
      const expression = new RegExp(`^${glob.replaceAll('*', '[^]*').replaceAll('?', '[^]')}$`);
      expect(matchesGlob(glob, text)).toBe(expression.test(text));
    }),
    { numRuns: 2000 },
  );
});

it.each([
  ['many stars', `${'*a'.repeat(127)}z`, 'a'.repeat(10_000)],
  ['stars and marks', `${'*?'.repeat(127)}z`, 'a'.repeat(10_000)],
  ['stars in a row', `${'*'.repeat(255)}z`, 'a'.repeat(10_000)],
  ['what made other matchers hang', '+(+(+(+(+(+([a-z]))))))z', 'system-settings-modified'],
])('takes a bounded number of steps: %s', (_what, glob, text) => {
  let looks = 0;
  const counted = new Proxy(Object(text) as object, {
    get: (target, key) => {
      looks++;
      const value = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  expect(matchesGlob(glob, counted as never)).toBe(false);
  expect(looks).toBeLessThanOrEqual(2 * (glob.length + 1) * (text.length + 1));
});

it.each(['', '!a', 'a(b)', '{a,b}', '[a-z]', '@(a|b)', 'a'.repeat(MAX_GLOB_LENGTH + 1)])(
  '%j is no glob here',
  (text) => {
    expect(isGlob(text)).toBe(false);
  },
);
