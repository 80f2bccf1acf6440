import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateTargets } from '../../src/settings/validate.js';
import { planReload } from '../../src/targets/plan.js';

const address = 'https://siem.example.com';

interface Wanted {
  readonly name: string;
  readonly address: string;
  readonly level: string;
  readonly retry_timeout: string | null;
  readonly scopes: readonly string[];
}

const targets: fc.Arbitrary<Wanted[]> = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    address: fc.constantFrom(address, `${address}/`, `${address}/x`),
    level: fc.constantFrom('INFO', 'info', 'WARN', ''),
    retry_timeout: fc.constantFrom('10s', '10000ms', '1m', null),
    scopes: fc.constantFrom(['logging', 'lifecycle'], ['lifecycle', 'logging'], ['logging'], []),
  }),
  { selector: ({ name }) => name, maxLength: 5 },
);

/** What a target means, read in another way than the plan does. */
function meaning({ address, level, retry_timeout, scopes }: Wanted) {
  return [
    address.endsWith('/x'),
    level.toUpperCase() || 'WARN',
    retry_timeout === '1m',
    scopes.length === 1,
  ].join();
}

describe('the plan of a reload', () => {
  it('puts every name where it belongs, once', () => {
    fc.assert(
      fc.property(targets, targets, (before, after) => {
        const plan = planReload(validateTargets(before), validateTargets(after));
        const find = (list: typeof before, name: string) => list.find((target) => target.name === name);
        for (const name of ['a', 'b', 'c', 'd', 'e']) {
          const [old, wanted] = [find(before, name), find(after, name)];
          const expected =
            old && wanted
              ? meaning(old) === meaning(wanted)
                ? 'unchanged'
                : 'changed'
              : old
                ? 'removed'
                : wanted
                  ? 'added'
                  : undefined;
          const places = Object.entries(plan)
            .filter(([, names]) => names.includes(name))
            .map(([place]) => place);
          expect(places).toEqual(expected === undefined ? [] : [expected]);
        }
      }),
    );
  });

  it('finds nothing to do for the same targets', () => {
    fc.assert(
      fc.property(targets, (list) => {
        const validated = validateTargets(list);
        expect(planReload(validated, validateTargets(validated))).toEqual({
          added: [],
          removed: [],
          changed: [],
          unchanged: list.map(({ name }) => name),
        });
      }),
    );
  });
});
