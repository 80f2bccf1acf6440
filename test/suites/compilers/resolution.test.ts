/** The package is found by compilers and by `require()`, also by those that know nothing of `exports`. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const tsc = createRequire(import.meta.url).resolve('typescript-classic/bin/tsc');

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
  300_000,
);
