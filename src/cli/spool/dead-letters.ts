/** `log-targets spool dead-letters`: what receivers refused for good, in the spool of a stopped service. */

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
    if (json) await printWaiting(JSON.stringify(letter));
    else for (const line of linesOf(letter, paint, inOneLine(letter.target))) await printWaiting(line);
  }
  if (isEmpty && !json) print('There are no dead letters.');
}
