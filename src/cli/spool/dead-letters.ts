/** `log-targets spool dead-letters`: what receivers refused for good, in the spool of a stopped service. */

import type { DeadLetter } from '../../spool/dead-letters.js';
import { linesOf } from '../service/dead-letter-lines.js';
import { inOneLine, paintFor, print, printWaiting } from '../terminal.js';
import { openStoppedSpool, targetIn } from './stopped-spool.js';

/** One after the other, the oldest first; as JSON one a line, since there may be many. */
export async function spoolDeadLetters(
  directory: string,
  name: string | undefined,
  { json }: { json?: boolean },
): Promise<void> {
  const spool = await openStoppedSpool(directory);
  const paint = paintFor(process.stdout);
  let isEmpty = true;
  for await (const letter of spool.deadLetters(targetIn(spool, name))) {
    isEmpty = false;
    if (json) await printWaiting(JSON.stringify(shown(letter)));
    else for (const line of linesOf(letter, paint, inOneLine(letter.target))) await printWaiting(line);
  }
  if (isEmpty && !json) print('There are no dead letters.');
}

/** In the words of the API. */
function shown({ acceptedAt, ...letter }: DeadLetter): object {
  return { ...letter, accepted_at: acceptedAt };
}
