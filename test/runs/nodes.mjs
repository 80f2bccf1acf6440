/**
 * Runs the main suite, and the one of whole processes, on the other versions of Node that the package promises, from
 * the npm package `node`.
 *
 *     npm run test:nodes           20, 22 and 24, but for the one that runs this
 *     npm run test:nodes -- 22     22 only
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { runMainSuite } from './main-suite.mjs';

const supported = ['20', '22', '24'];
const [own] = process.versions.node.split('.');
const asked = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), 'nodes-'));

/** Path of the newest binary of a major version. npm keeps it in its own cache, not among the dependencies. */
function binaryOf(major) {
  return execFileSync(
    'npm',
    ['exec', '--yes', '--package', `node@${major}`, '--', 'node', '-p', 'process.execPath'],
    // From a folder without a package: the project's own settings do not matter here.
    { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], timeout: 180_000 },
  ).trim();
}

for (const major of asked.length > 0 ? asked : supported.filter((version) => version !== own)) {
  const node = binaryOf(major);
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  if (!version.startsWith(`v${major}.`)) throw new Error(`Expected Node ${major} at ${node}, got ${version}`);
  const { isGreen, closing, failures, log } = await runMainSuite({
    directory,
    name: `node-${major}`,
    node,
    // Types do not depend on what runs them.
    args: ['--project', 'processes', '--typecheck.enabled=false'],
    // What the tests start by the name of `node` or `npm` is this version too.
    env: { PATH: `${dirname(node)}${delimiter}${process.env.PATH}` },
  });
  if (!isGreen) {
    process.stdout.write(readFileSync(log));
    process.exitCode = 1;
  }
  console.log(`Node ${version} ${isGreen ? 'green' : 'RED'}: ${closing}`);
  for (const failure of failures) console.log(`   ${failure}`);
}
