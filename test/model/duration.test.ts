import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../src/index.js';
import { timerMs } from '../../src/model/duration.js';

const second = 1_000_000_000n;

describe('parseDuration', () => {
  it.each<[string, bigint]>([
    ['0', 0n],
    ['+0', 0n],
    ['-0', 0n],
    ['0s', 0n],
    ['-0s', 0n],
    ['5s', 5n * second],
    ['+5m', 300n * second],
    ['1h30m', 5400n * second],
    ['1h60m', 7200n * second],
    ['1s1s', 2n * second],
    ['1.5h', 5400n * second],
    ['.5m', 30n * second],
    ['1.m', 60n * second],
    ['100\u00b5s', 100_000n],
    ['100\u03bcs', 100_000n],
    ['100us', 100_000n],
    ['1ns', 1n],
    ['0.1ns', 0n],
    ['1.000000001s', second + 1n],
    ['0.3333333333333333333h', 1200n * second],
    ['0.100000000000000000000h', 360n * second],
    ['9007199254.740993ms', 9_007_199_254_740_993n],
    [`${'0'.repeat(1000)}1s`, second],
    ['2562047h47m16.854775807s', 2n ** 63n - 1n],
  ])('reads %s as Go does', (text, nanoseconds) => {
    expect(parseDuration(text)).toBe(nanoseconds);
  });

  it.each([
    ['', 'not a number'],
    ['10', 'missing unit'],
    ['1h5', 'missing unit'],
    ['1d', 'unknown unit "d"'],
    ['5M', 'unknown unit "M"'],
    ['1 s', 'unknown unit " s"'],
    [' 5s', 'not a number'],
    ['.s', 'not a number'],
    ['1..5s', 'missing unit'],
    ['s', 'not a number'],
    ['--5s', 'not a number'],
    ['1s-5s', 'unknown unit "s-"'],
    ['-5s', 'negative'],
    ['constructor', 'not a number'],
    ['1toString', 'unknown unit "toString"'],
    ['2562047h47m16.854775808s', 'longer than 292 years'],
    [`${'9'.repeat(100_000)}s`, 'longer than 292 years'],
  ])('refuses %s and says why', (text, why) => {
    expect(() => parseDuration(text)).toThrow(RangeError);
    expect(() => parseDuration(text)).toThrow(why);
  });

  it.each([
    [1500, '`1500`'],
    [0, '`0`'],
    [undefined, 'nothing'],
    [null, 'null'],
    [['1s'], 'a list'],
  ])('refuses %j, which is no text', (value, shown) => {
    expect(() => parseDuration(value as unknown as string)).toThrow(
      new TypeError(`Expected a duration to be text such as \`1m30s\`, got ${shown}`),
    );
  });

  it('reads back what formatDuration writes, to the nanosecond', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (nanoseconds) => {
        expect(parseDuration(formatDuration(nanoseconds))).toBe(nanoseconds);
      }),
    );
  });

  it('answers any text with a duration or a RangeError', () => {
    const parts = fc.array(
      fc.constantFrom('1', '.', 's', 'm', 'h', 'ns', 'µs', '-', '+', ' ', 'x', '0', '99'),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          parts.map((each) => each.join('')),
        ),
        (text) => {
          try {
            expect(parseDuration(text)).toBeGreaterThanOrEqual(0n);
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
          }
        },
      ),
    );
  });
});

describe('formatDuration', () => {
  it.each<[bigint, string]>([
    [0n, '0s'],
    [1n, '1ns'],
    [1100n, '1.1µs'],
    [100_000n, '100µs'],
    [2_200_000n, '2.2ms'],
    [300_000_000n, '300ms'],
    [1_500_000_000n, '1.5s'],
    [60n * second, '1m0s'],
    [90n * second, '1m30s'],
    [600n * second, '10m0s'],
    [3600n * second, '1h0m0s'],
    [5_400n * second + 1n, '1h30m0.000000001s'],
  ])('writes %s ns as Go does: %s', (nanoseconds, text) => {
    expect(formatDuration(nanoseconds)).toBe(text);
  });
});

describe('formatDuration, of what is no number of nanoseconds,', () => {
  it.each([
    [1500, '`1500`'],
    [5, '`5`'],
    [Number.NaN, '`NaN`'],
    [-1n, '`-1`'],
    ['5', '`5`'],
    [null, 'null'],
  ])('refuses %s', (value, shown) => {
    expect(() => formatDuration(value as bigint)).toThrow(
      new TypeError(`Expected nanoseconds to be a bigint >= 0, such as \`90_000_000_000n\`, got ${shown}`),
    );
  });
});

describe('timerMs', () => {
  it('keeps fractions and stays within what a timer can wait', () => {
    expect(timerMs('1.5ms')).toBe(1.5);
    expect(timerMs('10000h')).toBe(2 ** 31 - 1);
  });
});
