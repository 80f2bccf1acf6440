/** `log-targets spool inspect`: how much waits for whom in the spool of a stopped service. */

import { ago } from '../service/ago.js';
import { alignColumns } from '../table.js';
import { inOneLine, paintFor, print, printJson } from '../terminal.js';
import { openStoppedSpool } from './stopped-spool.js';

/** Without changing a byte. */
export async function inspect(directory: string, { json }: { json?: boolean }): Promise<void> {
  const { targets, damage } = await openStoppedSpool(directory);
  if (damage !== undefined) process.exitCode = 1;
  if (json) {
    const shown = targets.map(({ oldestAt, ...target }) => ({ ...target, oldest_at: oldestAt }));
    return printJson({ directory, targets: shown, damage });
  }
  if (targets.length === 0) print(`${directory} is the spool of no target: nothing waits.`);
  const paint = paintFor(process.stdout);
  const header = ['TARGET', 'WAITING', 'BYTES', 'OLDEST', 'DEAD'].map((title) => paint('dim', title));
  const rows = targets.map(({ name, events, bytes, oldestAt, dead }) => [
    paint('bold', inOneLine(name)),
    String(events),
    String(bytes),
    oldestAt === undefined ? '-' : `${oldestAt} (${ago(oldestAt, Date.now())})`,
    dead === 0 ? '0' : paint('red', String(dead)),
  ]);
  if (targets.length > 0) for (const line of alignColumns([header, ...rows])) print(line);
  if (damage !== undefined) print(paint('red', `Damaged: ${inOneLine(damage)}`));
}
