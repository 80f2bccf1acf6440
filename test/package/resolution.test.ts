/** The package is found by compilers and by `require()`, also by those that know nothing of `exports`. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tsc = createRequire(import.meta.url).resolve('typescript-classic/bin/tsc');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const service = `
import { createLogger } from 'winston';
import { EventTransport, type LogTarget } from 'winston-log-targets';
import { lxd } from 'winston-log-targets/catalogs';

const targets: LogTarget[] = [{ name: 'siem', address: 'http://127.0.0.1:9/', level: 'INFO' }];
const transport = new EventTransport({ catalog: lxd, targets });
const logger = createLogger({ transports: [transport] });
transport.on('warn', (warning) => console.log(warning.message));
const lifecycle: typeof logger.lifecycle = logger.lifecycle;
console.log(typeof lifecycle, lxd.name, transport.status().targets.length);
transport.end();
`;

/** A project that has the package installed, with `winston` from ours. */
function createProject(compilerOptions: object, type: string): string {
  const directory = mkdtempSync(join(root, 'test/.sample-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(root, join(directory, 'node_modules/winston-log-targets'));
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ type }));
  writeFileSync(join(directory, 'service.ts'), service);
  const options = { strict: true, target: 'es2022', types: ['node'], outDir: 'out', ...compilerOptions };
  writeFileSync(
    join(directory, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, files: ['service.ts'] }),
  );
  return directory;
}

it.each([
  ['commonjs', { module: 'commonjs', moduleResolution: 'node10', esModuleInterop: true }],
  ['commonjs', { module: 'nodenext', moduleResolution: 'nodenext' }],
  ['module', { module: 'nodenext', moduleResolution: 'nodenext' }],
  ['module', { module: 'esnext', moduleResolution: 'bundler' }],
])(
  'a project in TypeScript of the type %s compiles with %o, and runs',
  (type, compilerOptions) => {
    const directory = createProject(compilerOptions, type);
    const compiled = spawnSync(process.execPath, [tsc, '-p', directory], { encoding: 'utf8' });
    expect(compiled.stdout).toBe('');
    const output = execFileSync(process.execPath, ['out/service.js'], { cwd: directory, encoding: 'utf8' });
    expect(output).toBe('function lxd 1\n');
  },
  60_000,
);

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
  const asking = files.filter((file) => {
    const source = readFileSync(file, 'utf8');
    // LevelDB's package is optional, and looked for before it is loaded.
    return source.includes('import.meta') && !source.includes("resolve('classic-level')");
  });
  expect(asking).toEqual([]);
});
