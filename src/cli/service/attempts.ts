/** `log-targets attempts`: the latest attempts of one target, with their answers. */

import { membersOf } from '../events/shown-event.js';
import { alignColumns } from '../table.js';
import { inOneLine, paintFor, print, printJson } from '../terminal.js';
import { Service, type ServiceOptions, targetPath } from './service.js';

/** The newest first. */
export async function attempts(name: string, options: ServiceOptions): Promise<void> {
  const { metadata } = await new Service(options).request('GET', targetPath(name));
  const list = membersOf(metadata).attempts;
  const rows = (Array.isArray(list) ? list : []).map(membersOf);
  if (options.json) return printJson(rows);
  if (rows.length === 0) return print(`There were no attempts at ${name} yet.`);
  const paint = paintFor(process.stdout);
  const cell = (value: unknown) => (value === undefined || value === null ? '' : inOneLine(String(value)));
  const table = rows.map(({ at, status, code, ms, events, bytes, webhook_id }) => {
    const isGood = Number(status) >= 200 && Number(status) < 300;
    const answer = [status, code === `HTTP_${status}` ? undefined : code].map(cell).filter(Boolean).join(' ');
    const took = typeof ms === 'number' ? `${Math.round(ms)}` : '';
    return [
      cell(at),
      paint(isGood ? 'green' : 'red', answer),
      took,
      cell(events),
      cell(bytes),
      cell(webhook_id),
    ];
  });
  const header = ['AT', 'ANSWER', 'MS', 'EVENTS', 'BYTES', 'WEBHOOK-ID'].map((title) => paint('dim', title));
  for (const line of alignColumns([header, ...table])) print(line);
}
