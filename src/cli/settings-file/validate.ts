/** `log-targets validate`: all problems of a settings file, with their places. */

import type { SystemSettings } from '../../settings/schema.js';
import { countOf } from '../count.js';
import { Failure } from '../failure.js';
import { note, print, printJson } from '../terminal.js';
import { problemLine, type Reading, readSettings } from './problems.js';

/** Says what is wrong, and ends with 1 when anything is. */
export async function validate(file: string, { json }: { json?: boolean }): Promise<void> {
  const reading = json ? readOrTell(file) : readSettings(file);
  const problems = 'problems' in reading ? reading.problems : [];
  const isValid = problems.length === 0;
  if (json) printJson({ file, valid: isValid, problems });
  else for (const problem of problems) print(problemLine(file, problem));
  if (!isValid) process.exitCode = 1;
  if (json) return;
  if ('settings' in reading)
    print(`${file}: ${countOf(reading.settings.log_targets.length, 'log target')}, nothing is wrong`);
  else note(`${countOf(problems.length, 'problem')} in ${file}`);
}

/** A program that reads the answer gets one, also of a file that cannot be read. */
function readOrTell(file: string): Reading {
  try {
    return readSettings(file);
  } catch (error) {
    if (error instanceof Failure)
      printJson({ file, valid: false, problems: [{ path: 'settings', message: error.message }] });
    throw error;
  }
}

/**
 * The settings of a file that has to be right.
 * @throws Failure with all that is wrong
 */
export function settingsIn(file: string): SystemSettings {
  const reading = readSettings(file);
  if ('settings' in reading) return reading.settings;
  throw new Failure(reading.problems.map((problem) => problemLine(file, problem)).join('\n'));
}
