/** Runs what a command line asks for, and says what went wrong. */

import { CommanderError } from 'commander';
import { Failure } from './failure.js';
import { createProgram } from './program.js';
import { note, paintFor } from './terminal.js';

/** Resolves with the exit code, which commands that found something set themselves; never rejects. */
export async function runCommandLine(words: readonly string[]): Promise<typeof process.exitCode> {
  try {
    await createProgram().parseAsync(words, { from: 'user' });
    return process.exitCode;
  } catch (error) {
    return exitCodeFor(error);
  }
}

/** Says what went wrong, where nobody has yet. */
function exitCodeFor(error: unknown): number {
  // Help that was asked for is a success; commander has written all there is to say.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const paint = paintFor(process.stderr);
  if (error instanceof Failure) {
    note(`${paint('red', 'error:')} ${error.message}`);
    if (error.hint !== undefined) note(error.hint);
    return error.exitCode;
  }
  const message = error instanceof Error ? error.message : String(error);
  note(`${paint('red', 'error:')} ${message}`);
  return 1;
}
