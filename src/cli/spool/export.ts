/** `log-targets spool export`: the events that wait in the spool of a stopped service. */

import { printWaiting } from '../terminal.js';
import { openStoppedSpool, targetIn } from './stopped-spool.js';

/** Prints each as its target would have got it, one a line, the oldest first. */
export async function exportEvents(directory: string, name?: string): Promise<void> {
  const spool = await openStoppedSpool(directory);
  for await (const { text } of spool.events(targetIn(spool, name))) await printWaiting(lineOf(text));
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
