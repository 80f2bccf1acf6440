/** `log-targets spool export`: the events that wait in the spool of a stopped service. */

import { printWaiting } from '../terminal.js';
import { amountIn, openStoppedSpool, targetIn, tellDamage } from './stopped-spool.js';

/** Prints each as its target would have got it, one a line, the oldest first. */
export async function exportEvents(directory: string, name?: string): Promise<void> {
  const spool = await openStoppedSpool(directory);
  const chosen = targetIn(spool, name);
  let missing = amountIn(spool, chosen, 'events');
  for await (const { text } of spool.events(chosen)) {
    await printWaiting(lineOf(text));
    missing--;
  }
  tellDamage(spool, missing);
}

/** What is no JSON in one line, as some formats have it, becomes a JSON string. */
function lineOf(text: string): string {
  if (!text.includes('\n')) {
    try {
      JSON.parse(text);
      return text;
    } catch {}
  }
  return JSON.stringify(text);
}
