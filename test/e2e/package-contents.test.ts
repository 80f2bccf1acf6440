/** The packed package has what users need, and nothing besides. */

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What may be in it; everything else is for those who change the code. */
const wanted = [
  /^dist\/(?!console\/app\/).*\.(js|d\.ts)$/,
  /^dist\/console\/app\//,
  /^dist\/settings\.schema\.json$/,
  /^docs\/[\w-]+\.(md|png)$/,
  /^examples\/(alerts\.yaml|grafana-dashboard\.json)$/,
  /^(package\.json|README\.md|CHANGELOG\.md|SECURITY\.md|LICENSE)$/,
];

/** `docs/architecture.md` says what takes how much. */
const MAX_UNPACKED_BYTES = 2_100_000;

it('has nothing that a user does not need, and is not large', () => {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files, unpackedSize }] = JSON.parse(output) as [
    { files: { path: string }[]; unpackedSize: number },
  ];
  const names = files.map(({ path }) => path);
  expect(names.filter((name) => !wanted.some((pattern) => pattern.test(name)))).toEqual([]);
  for (const name of [
    'dist/index.js',
    'dist/index.d.ts',
    'dist/cli/main.js',
    'docs/errors.md',
    'README.md',
  ]) {
    expect(names).toContain(name);
  }
  expect(unpackedSize).toBeLessThan(MAX_UNPACKED_BYTES);
});
