/** Projects of users, outside of the repository, with the packed package and everything that it is tried with. */

import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { versions } from './versions.js';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const exec = promisify(execFile);

/** Whether packages can be fetched. */
export const isRegistryReachable = await exec('npm', [
  'ping',
  '--fetch-retries=0',
  '--fetch-timeout=10000',
]).then(
  () => true,
  () => false,
);

/** Where everything is installed; each project is a folder in it, and finds it as any folder finds its parents'. */
export const workspace = mkdtempSync(join(tmpdir(), 'trials-'));

/** Packs the package (built by the global set-up) and installs it with all that it is tried with. */
export async function installWorkspace(): Promise<void> {
  // A user who may write to nothing must be able to read this.
  chmodSync(workspace, 0o755);
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', workspace];
  const [{ filename }] = JSON.parse((await exec('npm', pack, { cwd: repository })).stdout);
  const dependencies = { ...versions, 'winston-log-targets': `file:${filename}` };
  writeFileSync(join(workspace, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  await exec('npm', install, { cwd: workspace });
}

export function removeWorkspace(): void {
  rmSync(workspace, { recursive: true, force: true });
}

/** Writes a project's files, by their paths in it; returns its folder. */
export function createProject(files: Readonly<Record<string, string>>, type = 'module'): string {
  const directory = mkdtempSync(join(workspace, 'project-'));
  chmodSync(directory, 0o755);
  const all = { 'package.json': JSON.stringify({ private: true, type }), ...files };
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  return directory;
}

interface Result {
  /** Of stdout and stderr. */
  readonly output: string;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface Running {
  readonly child: ChildProcess;
  readonly result: Promise<Result>;
}

/** Starts Node in a project; when the test ends, so does the process. */
export function start(directory: string, args: readonly string[], options: SpawnOptions = {}): Running {
  const child = spawn(process.execPath, args, {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    // Vitest's own environment is no user's.
    env: { PATH: process.env.PATH, HOME: directory, PORT: '0', ...options.env },
  });
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const result = once(child, 'close').then(([exitCode, signal]) => ({ output, exitCode, signal }));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await result;
  });
  return { child, result };
}

/** Runs a file of a project to its end, and fails unless that is a good one. */
export async function run(
  directory: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const { output, exitCode } = await start(directory, args, { env }).result;
  if (exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${exitCode}:\n${output}`);
  return output;
}

/** The path of a command of an installed package. */
export function command(path: string): string {
  return join(workspace, 'node_modules', path);
}
