import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRequestor, parseRequestor } from '../../src/index.js';
import { contextText, toJson } from '../../src/model/json.js';
import { levels, parseLevel } from '../../src/model/level.js';
import { isoTime, parseTime } from '../../src/model/time.js';
import { Filter } from '../../src/targets/filter.js';

describe('a level', () => {
  it('is parsed in any letter case', () => {
    for (const level of levels) {
      expect([level, level.toLowerCase(), level[0] + level.slice(1).toLowerCase()].map(parseLevel)).toEqual(
        Array(3).fill(level),
      );
    }
    expect(parseLevel('warning')).toBeUndefined();
  });
});

describe('a requestor', () => {
  it('reads protocol/username (address)', () => {
    expect(parseRequestor('tls/a57be4e2 (10.0.0.101)')).toEqual({
      protocol: 'tls',
      username: 'a57be4e2',
      address: '10.0.0.101',
    });
    expect(parseRequestor('oidc/a/b@c.d (2001:db8::1)')).toEqual({
      protocol: 'oidc',
      username: 'a/b@c.d',
      address: '2001:db8::1',
    });
  });

  it.each(['', 'tls', 'tls/a', 'tls/ (x)', '/a (x)', 'tls/a ()', 'tls/a b (x)', 'tls/a (x'])(
    'refuses %j',
    (text) => {
      expect(() => parseRequestor(text)).toThrow(TypeError);
    },
  );

  it('reads back what it writes, whatever it is made of', () => {
    const word = fc.string().map((text) => text.replace(/[\s/]/g, ''));
    fc.assert(
      fc.property(fc.record({ protocol: word, username: word, address: fc.string() }), (requestor) => {
        const { protocol, username, address } = parseRequestor(formatRequestor(requestor));
        expect({ protocol, username }).toEqual({
          protocol: requestor.protocol || '-',
          username: requestor.username || '-',
        });
        expect(address.length).toBeGreaterThan(0);
      }),
    );
  });

  it('keeps Migration Manager able to read a user name with spaces', () => {
    expect(formatRequestor({ protocol: 'oidc', username: 'Jo Doe', address: '' })).toBe('oidc/Jo%20Doe (-)');
  });
});

describe('a time', () => {
  it('is RFC 3339 in UTC, remembered or not', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4e12 })), (times) => {
        for (const ms of [...times, ...times]) expect(isoTime(ms)).toBe(new Date(ms).toISOString());
      }),
    );
  });

  it('of any value is a time or undefined', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const text = parseTime(value);
        if (text !== undefined) expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      }),
    );
  });
});

describe('JSON of a value', () => {
  it('is what JSON.stringify makes of it, where that loses nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.stringify(toJson(value))).toBe(JSON.stringify(value));
      }),
    );
  });

  it('can be made of anything, without a throw', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withTypedArray: true,
      withSparseArray: true,
      withObjectString: true,
      withBoxedValues: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        expect(typeof JSON.stringify(toJson(value))).toBe('string');
        expect(typeof contextText(value)).toBe('string');
      }),
    );
  });

  it('keeps what is shared, and marks only what is circular', () => {
    const shared = { a: 1 };
    expect(toJson([shared, shared])).toEqual([shared, shared]);
  });

  it('says so where a value has more than a million characters, and leaves out what is behind', () => {
    const long = 'x'.repeat(1_100_000);
    const cut = '[Truncated]';
    expect(toJson([long, 1, 2])).toEqual([long, cut]);
    expect(toJson({ long, b: 1, c: 2 })).toEqual({ long, b: cut });
    expect(toJson(new Map(Object.entries({ long, b: 1, c: 2 })))).toEqual({ long, b: cut });
    expect(toJson({ a: { long }, b: { c: 1 } })).toEqual({ a: { long }, b: cut });
    expect(toJson([1, long])).toEqual([1, long]);
  });
});

describe('a filter', () => {
  const settings = {
    enabled: true,
    scopes: ['lifecycle', 'logging'] as const,
    level: 'WARN' as const,
    lifecycle_actions: [],
    lifecycle_projects: [],
  };

  it('chooses logging events by scope and level', () => {
    const wanted = (filter: Filter) => levels.filter((level) => filter.wantsLogging(level));
    expect(wanted(new Filter(settings))).toEqual(['WARN', 'ERROR']);
    expect(wanted(new Filter({ ...settings, scopes: ['lifecycle'] }))).toEqual([]);
    expect(wanted(new Filter({ ...settings, enabled: false }))).toEqual([]);
  });

  it.each([
    [[], ['a', 'instance-created'], []],
    [['instance-*'], ['instance-created', 'instance-'], ['a', 'instances']],
    [
      ['a', '*-started'],
      ['a', 'batch-started'],
      ['aa', 'batch-stopped'],
    ],
    [['?-?'], ['a-x', 'b-y'], ['cc-x', 'a-xy']],
    [['*'], ['.a', 'a/b'], []],
  ])('chooses lifecycle events by globs of actions: %j', (lifecycle_actions, wanted, unwanted) => {
    const filter = new Filter({ ...settings, lifecycle_actions });
    expect(wanted.filter((action) => filter.wantsLifecycle(action))).toEqual(wanted);
    expect(unwanted.filter((action) => filter.wantsLifecycle(action))).toEqual([]);
  });
});
