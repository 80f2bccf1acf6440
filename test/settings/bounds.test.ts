/** What is too large is refused before it is looked at, by name, in few words. */

import { expect, it } from 'vitest';
import { problemsOf } from '../../src/settings/validate.js';

const valid = { name: 'siem', address: 'https://siem.example.com/1.0/log' };
const of = (count: number, make: (index: number) => [string, unknown]) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => make(index)));
const whsec = `whsec_${Buffer.alloc(24).toString('base64')}`;

it.each<[string, string, object]>([
  [
    'log_targets[0].lifecycle_actions',
    'at most 100, got 101 items',
    { lifecycle_actions: Array(101).fill('a') },
  ],
  ['log_targets[0].signing_secrets', 'at most 10, got 11 items', { signing_secrets: Array(11).fill(whsec) }],
  ['log_targets[0].scopes', 'at most 100, got 350000 items', { scopes: Array(350_000).fill('all') }],
  ['log_targets[0].headers', 'at most 100 headers, got 101', { headers: of(101, (n) => [`x-${n}`, 'a']) }],
  [
    'log_targets[0].headers',
    'at most 8192 bytes together',
    { headers: of(9, (n) => [`x-${n}`, 'a'.repeat(1000)]) },
  ],
  ['log_targets[0].address', 'at most 8192 characters', { address: `https://h/${'a'.repeat(8192)}` }],
  ['log_targets[0].ca_cert', 'at most 524288 characters', { ca_cert: '-'.repeat(524_289) }],
  [
    'log_targets[0].format_options',
    'at most 16384 bytes of JSON',
    { format_options: { source: 'a'.repeat(16_384) } },
  ],
  ['log_targets[0]', 'at most 100 keys, got 1002', of(1000, (n) => [`key${n}`, 1])],
])('%s: %s', (path, message, extra) => {
  const problems = problemsOf({ log_targets: [{ ...valid, ...extra }] });
  expect(problems).toHaveLength(1);
  expect(problems[0]?.path).toBe(path);
  expect(problems[0]?.message).toContain(message);
});

it('a thousand targets are taken, one more is not', () => {
  const targets = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ ...valid, name: `t${index}` }));
  expect(problemsOf({ log_targets: targets(1000) })).toEqual([]);
  expect(problemsOf({ log_targets: targets(1001) })).toMatchObject([{ path: 'log_targets' }]);
});

it('a target with everything at its bound is taken', () => {
  const target = {
    ...valid,
    lifecycle_actions: Array(100).fill('a'.repeat(256)),
    signing_secrets: Array(10).fill(whsec),
    headers: of(100, (n) => [`x-${n}`, 'a']),
  };
  expect(problemsOf({ log_targets: [target] })).toEqual([]);
});

it('what costs all targets together is bounded together', () => {
  const targets = (extra: object) =>
    Array.from({ length: 201 }, (_, index) => ({ ...valid, name: `t${index}`, ...extra }));
  const message = (log_targets: unknown) => problemsOf({ log_targets })[0]?.message;
  expect(message(targets({ lifecycle_actions: Array(100).fill('a') }))).toContain('at most 20000');
  const keys = targets({}).map((target, index) => ({ ...target, client_key: `${index}` }));
  expect(message(keys)).toContain('at most 100 different private keys');
  const certificate = '-----BEGIN CERTIFICATE-----';
  const trusting = targets({}).map((target, index) => ({
    ...target,
    ca_cert: `${index}${certificate.repeat(2)}`,
  }));
  expect(message(trusting)).toContain('at most 300 different certificates');
});

it('of very many problems a part is told, and no key that may be a secret', () => {
  const wrong = { ...valid, lifecycle_actions: Array(15).fill(5) };
  const problems = problemsOf({ log_targets: Array(1000).fill(wrong) });
  expect(problems.length).toBeGreaterThanOrEqual(1000);
  expect(problems.length).toBeLessThan(2000);
  const [problem] = problemsOf({ log_targets: [{ ...valid, '{"password":"c4n4ry"}': 'a'.repeat(9000) }] });
  expect(JSON.stringify(problem)).not.toContain('c4n4ry');
});
