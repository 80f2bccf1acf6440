/** What the package tells those who look for its files: compilers that know nothing of `exports`, and bundles. */

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

it('each entry is there for older resolution, too', () => {
  const { exports, typesVersions, main, types } = manifest;
  expect({ main, types }).toEqual({ main: exports['.'].default, types: exports['.'].types });
  const entries = Object.entries<string | { types: string }>(exports).filter(
    ([name]) => name !== '.' && name !== './package.json',
  );
  expect(typesVersions['*']).toEqual(
    Object.fromEntries(
      entries.map(([name, entry]) => [name.slice(2), [typeof entry === 'string' ? entry : entry.types]]),
    ),
  );
});

/** A file of `dist/` and all that it imports, as paths. */
function importedFrom(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  const source = readFileSync(file, 'utf8');
  for (const [, path = ''] of source.matchAll(/(?:from |import\()'(\.[^']+)'/g)) {
    importedFrom(join(dirname(file), path), found);
  }
  return found;
}

it('nothing that a service imports asks where it is: CommonJS transforms of tests and bundles could not tell', () => {
  // The console serves files that lie beside it, and the command is no part of a bundle.
  const entries = Object.entries<{ default?: string }>(manifest.exports).filter(
    ([name]) => name !== './console',
  );
  const files = entries.flatMap(([, entry]) =>
    entry.default === undefined ? [] : [...importedFrom(join(root, entry.default))],
  );
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => readFileSync(file, 'utf8').includes('import.meta'))).toEqual([]);
});

it('nothing is run or compiled when it is installed, nor for anything that comes with it', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, { dev?: true; devOptional?: true; hasInstallScript?: true; os?: [] }>>;
  };
  const ours = Object.entries(packages).filter(([, { dev, devOptional }]) => !dev && !devOptional);
  expect(ours.length).toBeGreaterThan(20);
  expect(ours.filter(([, { hasInstallScript, os }]) => hasInstallScript || os).map(([name]) => name)).toEqual(
    [],
  );
  for (const script of ['preinstall', 'install', 'postinstall'])
    expect(manifest.scripts).not.toHaveProperty(script);
});
