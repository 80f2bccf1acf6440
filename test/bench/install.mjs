/** Installs the peers when that was not done since their lock changed. */

import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = new URL('.', import.meta.url);
const lock = new URL('package-lock.json', folder);
const installed = new URL('node_modules/.package-lock.json', folder);

export function installPeers() {
  const installedAt = statSync(installed, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (installedAt >= statSync(lock).mtimeMs) return;
  const npm = ['ci', '--prefix', fileURLToPath(folder), '--no-audit', '--no-fund'];
  execFileSync('npm', npm, { stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });
}

/** @returns {string[]} as `name version` */
export function peerVersions() {
  const { dependencies } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
  return Object.entries(dependencies).map(([name, version]) => `${name} ${version}`);
}
