/** Reads a file that holds one object: settings as a whole, or a log target. What is in it, the service checks. */

import { type Members, membersOf } from '../events/shown-event.js';
import { Failure } from '../failure.js';
import { problemLine, readText, readValue } from './problems.js';

/** @throws Failure when the file cannot be read, or holds something else */
export function readObject(file: string): Members {
  const parsed = readValue(file, readText(file));
  if ('problems' in parsed) {
    throw new Failure(
      parsed.problems.map((each) => problemLine(file, { path: 'settings', ...each })).join('\n'),
    );
  }
  const members = membersOf(parsed.value);
  if (members === parsed.value) return members;
  throw new Failure(`${file} holds something else than an object`);
}
