/** One run of the main suite in a process of its own, and what vitest says of it. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The suite takes two minutes on two cores; what takes this long hangs. */
const LIMIT_MS = 15 * 60_000;

/**
 * @param {object} options
 * @param {string} options.directory where the log of the run goes
 * @param {string} options.name of the run, and of its log
 * @param {string[]} [options.before] a command that the run is put behind, as `taskset -c 0,1`
 * @param {string} [options.node] the Node binary
 * @param {string[]} [options.args] for vitest
 * @param {NodeJS.ProcessEnv} [options.env]
 * @returns {Promise<{ isGreen: boolean, closing: string, failures: string[], log: string }>}
 */
export async function runMainSuite({
  directory,
  name,
  before = [],
  node = process.execPath,
  args = [],
  env,
}) {
  const log = join(directory, `${name}.log`);
  const report = join(directory, `${name}.json`);
  const [command, ...rest] = [...before, node, join(root, 'node_modules/vitest/vitest.mjs')];
  const child = spawn(
    command,
    [
      ...rest,
      'run',
      '--project',
      'main*',
      '--reporter',
      'default',
      '--reporter',
      'json',
      '--outputFile',
      report,
      ...args,
    ],
    {
      cwd: root,
      env: { ...process.env, ...env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT_MS,
    },
  );
  const file = createWriteStream(log);
  child.stdout.pipe(file, { end: false });
  child.stderr.pipe(file, { end: false });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const [exitCode, signal] = await once(child, 'close');
  process.off('exit', kill);
  file.end();
  await once(file, 'finish');

  const output = stripVTControlCharacters(readFileSync(log, 'utf8'));
  const failures = [...failedTests(report), ...unhandledErrors(output)];
  if (signal !== null) failures.push(`ended by ${signal}`);
  else if (exitCode !== 0 && failures.length === 0) failures.push(`exit code ${exitCode}`);
  return { isGreen: failures.length === 0, closing: closingLine(output), failures, log };
}

/** Names of the tests that failed, and of the files that could not be run. */
function failedTests(report) {
  let results;
  try {
    ({ testResults: results } = JSON.parse(readFileSync(report, 'utf8')));
  } catch {
    return ['no report: vitest did not come to its end'];
  }
  return results.flatMap(({ name, status, assertionResults, message }) => {
    const path = name.replace(root, '');
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0 && status === 'failed') return [`${path}: ${message}`];
    return failed.map(({ fullName }) => `${path}: ${fullName}`);
  });
}

/** What vitest counts against the run without a test to it: rejections nobody awaits, workers that ended. */
function unhandledErrors(output) {
  const [, ...errors] = output.split(/Unhandled (?:Rejection|Error|Exception) ⎯+\n/);
  return errors.map((error) => {
    const [text] = error.split('\n');
    const [, cause] = /^Caused by: (.*)$/m.exec(error) ?? [];
    const [, file] = /originated in "(.*?)"/.exec(error) ?? [];
    return [`unhandled: ${text}`, cause, file].filter((part) => part !== undefined).join(' | ');
  });
}

/** Vitest's own last lines, in one. */
function closingLine(output) {
  const lines = output.matchAll(/^ *(Test Files|Tests|Errors|Duration) +(.*?)(?: \(transform.*)?$/gm);
  return [...lines].map(([, key, value]) => `${key} ${value}`).join(', ');
}
