/** `log-targets spool dead-letters`: what receivers refused for good, in the spool of a stopped service. */

import type { DeadLetter } from '../../dead-letters/dead-letter.js';
import { linesOf } from '../service/dead-letter-lines.js';
import { inOneLine, paintFor, print, printWaiting } from '../terminal.js';
import { amountIn, openStoppedSpool, targetIn, tellDamage } from './stopped-spool.js';

/** One after the other, the oldest first; as JSON one a line, since there may be many. */
export async function spoolDeadLetters(
  directory: string,
  name: string | undefined,
  { json }: { json?: boolean },
): Promise<void> {
  const spool = await openStoppedSpool(directory);
  const paint = paintFor(process.stdout);
  const chosen = targetIn(spool, name);
  const count = amountIn(spool, chosen, 'dead');
  let missing = count;
  for await (const letter of spool.deadLetters(chosen)) {
    missing--;
    if (json) await printWaiting(JSON.stringify(shown(letter)));
    else for (const line of linesOf(letter, paint, inOneLine(letter.target))) await printWaiting(line);
  }
  if (count === 0 && !json) print('There are no dead letters.');
  tellDamage(spool, missing);
}

/** In the words of the API. */
function shown({ acceptedAt, ...letter }: DeadLetter): object {
  return { ...letter, accepted_at: acceptedAt };
}
