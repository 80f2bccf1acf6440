/**
 * The command `log-targets` in the process of the test: most of the time of a process of its own is spent on
 * starting it.
 */

import { runCommandLine } from '../../src/cli/run-command-line.js';
import type { CommandResult } from './command.js';

interface HereOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Environment, directory and streams are the process's: one at a time. */
let last: Promise<unknown> = Promise.resolve();

/** Runs a command to its end, as `runCommand` does; for those that end by themselves. */
export function runHere(args: readonly string[], options: HereOptions = {}): Promise<CommandResult> {
  const run = last.then(() => runNow(args, options));
  last = run.catch(() => {});
  return run;
}

async function runNow(args: readonly string[], { env = {}, cwd }: HereOptions): Promise<CommandResult> {
  const before = { env: { ...process.env }, cwd: process.cwd(), exitCode: process.exitCode };
  const written = { output: '', errors: '' };
  const undo = [
    keep(process.stdout, (text) => {
      written.output += text;
    }),
    keep(process.stderr, (text) => {
      written.errors += text;
    }),
  ];
  for (const name of Object.keys(process.env)) if (name.startsWith('LOG_TARGETS_')) delete process.env[name];
  Object.assign(process.env, env);
  if (cwd !== undefined) process.chdir(cwd);
  process.exitCode = undefined;
  try {
    const exitCode = await runCommandLine(args);
    return { exitCode: Number(exitCode ?? 0), ...written };
  } finally {
    process.exitCode = before.exitCode;
    process.chdir(before.cwd);
    for (const name of Object.keys(env)) delete process.env[name];
    Object.assign(process.env, before.env);
    for (const each of undo) each();
  }
}

/** Has a stream's text taken by somebody else; returns how to give it back. */
function keep(stream: NodeJS.WriteStream, take: (text: string) => void): () => void {
  const { write } = stream;
  stream.write = (chunk: string | Uint8Array) => {
    take(chunk.toString());
    return true;
  };
  return () => {
    stream.write = write;
  };
}
