/** What users install with the package is what its own dependencies bring along, by the bill of materials that npm writes. */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../helpers/files.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (name: string) => JSON.parse(readFileSync(join(root, name), 'utf8'));

interface Locked {
  readonly dev?: boolean;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

interface Component {
  readonly name: string;
  readonly licenses?: readonly {
    readonly license?: { readonly id?: string };
    readonly expression?: string;
  }[];
}

/** The package with its lock, as it is without what is for development: in a checkout npm leaves out what both need. */
function writeUsersProject(folder: string): void {
  const { name, version, license, dependencies } = read('package.json');
  const own = { name, version, license, dependencies };
  const lock = read('package-lock.json');
  const packages = Object.entries<Locked>(lock.packages).filter(([path, { dev }]) => path !== '' && !dev);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(own));
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({ ...lock, packages: { '': own, ...Object.fromEntries(packages) } }),
  );
}

function billOfMaterials(): Component[] {
  const folder = temporaryDirectory();
  writeUsersProject(folder);
  const output = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(output).components;
}

describe('the bill of materials', () => {
  it('lists each dependency', () => {
    const names = billOfMaterials().map(({ name }) => name);
    for (const name of Object.keys(read('package.json').dependencies)) expect(names).toContain(name);
  });

  it('lists what these bring along, and nothing besides', () => {
    const { packages } = read('package-lock.json') as { packages: Record<string, Locked> };
    const needed = new Set<string>();
    const need = (name: string) => {
      if (needed.has(name)) return;
      needed.add(name);
      for (const next of Object.keys(packages[`node_modules/${name}`]?.dependencies ?? {})) need(next);
    };
    for (const name of Object.keys(read('package.json').dependencies)) need(name);
    expect([...new Set(billOfMaterials().map(({ name }) => name))].sort()).toEqual([...needed].sort());
  });

  it('has licences only that ask for nothing but to be named', () => {
    const licences = billOfMaterials().map(
      ({ licenses: [only] = [] }) => only?.expression ?? only?.license?.id,
    );
    const free = ['MIT', 'ISC', 'BSD-2-Clause', 'Apache-2.0', '(MIT OR CC0-1.0)'];
    expect([...new Set(licences)].filter((licence) => !free.includes(licence ?? 'unknown'))).toEqual([]);
  });
});
