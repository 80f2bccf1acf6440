/** `log-targets spool inspect`: how much waits for whom in the spool of a stopped service. */

import { countOf } from '../count.js';
import { ago } from '../service/ago.js';
import { alignColumns } from '../table.js';
import { inOneLine, paintFor, print, printJson } from '../terminal.js';
import { openStoppedSpool } from './stopped-spool.js';

/** Without changing a byte. */
export async function inspect(directory: string, { json }: { json?: boolean }): Promise<void> {
  const { targets, damaged } = await openStoppedSpool(directory);
  if (json) return printJson({ directory, targets, damaged });
  if (targets.length === 0) print(`${directory} is the spool of no target: nothing waits.`);
  const paint = paintFor(process.stdout);
  const header = ['TARGET', 'WAITING', 'BYTES', 'OLDEST', 'DEAD'].map((title) => paint('dim', title));
  const rows = targets.map(({ name, events, bytes, oldest_at, dead }) => [
    paint('bold', inOneLine(name)),
    String(events),
    String(bytes),
    oldest_at === undefined ? '-' : `${oldest_at} (${ago(oldest_at, Date.now())})`,
    dead === 0 ? '0' : paint('red', String(dead)),
  ]);
  if (targets.length > 0) for (const line of alignColumns([header, ...rows])) print(line);
  if (damaged > 0) print(paint('red', `${countOf(damaged, 'event')} cannot be read any more.`));
}
