#!/usr/bin/env node
/** The command `log-targets`: arguments in, exit code out. */

import { CommanderError } from 'commander';
import { Failure } from './failure.js';
import { createProgram } from './program.js';
import { endQuietlyWithThePipe, note, paintFor } from './terminal.js';

endQuietlyWithThePipe();
try {
  await createProgram().parseAsync();
} catch (error) {
  process.exitCode = exitCodeFor(error);
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
