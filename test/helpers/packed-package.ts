/** The package as users have it: packed, and put where `npm install` would put it. */

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Installs the packed package into a folder, with its commands. Its dependencies are the project's own, so that
 * nothing has to be fetched.
 */
export function installPackedPackage(folder: string): void {
  const modules = join(folder, 'node_modules');
  const target = join(modules, 'winston-log-targets');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  mkdirSync(target);
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(
    execFileSync('npm', pack, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' }),
  );
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', target, '--strip-components=1']);
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  const { bin } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
  for (const [name, file] of Object.entries<string>(bin)) {
    const link = join(modules, '.bin', name);
    symlinkSync(relative(dirname(link), join(target, file)), link);
    chmodSync(join(target, file), 0o755);
  }
}
