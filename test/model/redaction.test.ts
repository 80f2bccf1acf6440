import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REDACTED, Redaction } from '../../src/model/redaction.js';

const redact = (paths: string[], value: unknown) => Redaction.of(paths)?.apply(value);

describe('a path', () => {
  it.each<[string, unknown, unknown]>([
    ['a', { a: 1, b: { a: 1 } }, { a: REDACTED, b: { a: 1 } }],
    ['a.b', { a: { b: { c: 1 }, c: 1 }, b: 1 }, { a: { b: REDACTED, c: 1 }, b: 1 }],
    ['*', { a: 1, b: { c: 1 } }, { a: REDACTED, b: REDACTED }],
    ['*.a', { a: { a: 1 }, b: { a: 2, c: 3 } }, { a: { a: REDACTED }, b: { a: REDACTED, c: 3 } }],
    ['a.*.b', { a: { x: { b: 1 }, b: 1 } }, { a: { x: { b: REDACTED }, b: 1 } }],
    ['a.*.b', { a: [{ b: 1 }, { c: 1 }] }, { a: [{ b: REDACTED }, { c: 1 }] }],
    ['a.1.b', { a: [{ b: 1 }, { b: 1 }] }, { a: [{ b: 1 }, { b: REDACTED }] }],
    ['**.a', { a: 1, b: { a: 1, c: [{ a: 1 }] } }, { a: REDACTED, b: { a: REDACTED, c: [{ a: REDACTED }] } }],
    [
      'b.**.a',
      { a: 1, b: { a: 1, c: { d: { a: 1 } } } },
      { a: 1, b: { a: REDACTED, c: { d: { a: REDACTED } } } },
    ],
    ['**.a.b', { a: { a: { b: 1, c: 1 } } }, { a: { a: { b: REDACTED, c: 1 } } }],
    ['b.**', { a: 1, b: { c: 1, d: { e: 1 } } }, { a: 1, b: { c: REDACTED, d: REDACTED } }],
    ['**.**.a', { a: 1, b: { a: 1 } }, { a: REDACTED, b: { a: REDACTED } }],
    ['__proto__', JSON.parse('{"__proto__":1,"a":1}'), JSON.parse(`{"__proto__":"${REDACTED}","a":1}`)],
    ['a', { a: undefined, b: 1 }, { a: undefined, b: 1 }],
    ['toString', { a: 1 }, { a: 1 }],
    ['a b', { 'a b': 1 }, { 'a b': REDACTED }],
  ])('%s leads to what it says', (path, value, expected) => {
    expect(redact([path], value)).toEqual(expected);
  });

  it.each([
    '',
    '.',
    'a.',
    '.a',
    'a..b',
    'a*',
    'a.***',
    '**b',
    'a[0]',
    'a["b"]',
    '$.a',
    5 as never,
    null as never,
    undefined as never,
  ])('%s is none: a TypeError that says which of the list', (path) => {
    expect(() => Redaction.of(['a', path])).toThrow(TypeError);
    expect(() => Redaction.of(['a', path])).toThrow(`Expected \`redact[1]\` to be a path`);
  });
});

it('a list that is none is a TypeError, an empty one asks for nothing', () => {
  expect(() => Redaction.of('password' as never)).toThrow(TypeError);
  expect(Redaction.of([])).toBeUndefined();
});

it('what holds nothing of the kind comes back as it is', () => {
  const value = { b: new Date(), c: { d: new Map() } };
  expect(redact(['a', '*.a', '**.x.a'], value)).toBe(value);
});

it('several paths count together', () => {
  expect(redact(['a.b', 'a', '*.c', 'a.b'], { a: { b: 1 }, d: { c: 1, e: 1 } })).toEqual({
    a: REDACTED,
    d: { c: REDACTED, e: 1 },
  });
});

it('maps, instances and what `toJSON` gives are looked into; the caller’s objects stay as they are', () => {
  class User {
    password = 'p';
    toJSON() {
      return { password: this.password, name: 'n' };
    }
  }
  const value = { map: new Map([['password', 'p']]), user: new User(), list: [{ password: 'p' }] };
  const frozen = Object.freeze(value);
  expect(redact(['**.password'], frozen)).toEqual({
    map: { password: REDACTED },
    user: { password: REDACTED, name: 'n' },
    list: [{ password: REDACTED }],
  });
  expect(value.map.get('password')).toBe('p');
  expect(value.user.password).toBe('p');
  expect(value.list).toEqual([{ password: 'p' }]);
});

/** Every path of keys to something that is no object, as lists. */
function leaves(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [[...path]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

/** What the syntax of paths says, as a regular expression over keys with slashes between them. */
function patternOf(path: string): RegExp {
  const parts = path.split('.').map((segment) => {
    if (segment === '**') return '(?:[^/]+/)*';
    return segment === '*' ? '[^/]+/' : `${segment}/`;
  });
  return new RegExp(`^${parts.join('')}`);
}

it('whatever the value and the paths: what a path leads to is gone, everything else is there', () => {
  const key = fc.constantFrom('a', 'b', 'c');
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ depthSize: 'medium' }, fc.integer(), fc.dictionary(key, tie('tree'), { maxKeys: 3 })),
  }));
  const path = fc
    .tuple(fc.array(fc.oneof(key, fc.constantFrom('*', '**')), { maxLength: 4 }), key)
    .map(([segments, last]) => [...segments, last].join('.'));
  fc.assert(
    fc.property(fc.dictionary(key, tree), fc.array(path, { minLength: 1, maxLength: 4 }), (value, paths) => {
      const before = JSON.stringify(value);
      const redacted = redact(paths, value);
      expect(JSON.stringify(value)).toBe(before);
      const isHidden = (leaf: string[]) => paths.some((each) => patternOf(each).test(`${leaf.join('/')}/`));
      const kept = leaves(value).filter((leaf) => leaf.length > 0 && !isHidden(leaf));
      const read = (from: unknown, leaf: string[]) =>
        leaf.reduce((inner, each) => (inner as Record<string, unknown>)?.[each], from);
      for (const leaf of kept) expect(read(redacted, leaf)).toEqual(read(value, leaf));
      const shown = leaves(redacted).filter((leaf) => read(redacted, leaf) !== REDACTED && leaf.length > 0);
      expect(shown.map(String).sort()).toEqual(kept.map(String).sort());
    }),
    { numRuns: 2000 },
  );
});
