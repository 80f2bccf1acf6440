/** A table of targets, and below it what is wrong with them and what to do about it. */

import { hintFor } from '../settings-file/delivery-error.js';
import { alignColumns } from '../table.js';
import { inOneLine, type Paint, type Style } from '../terminal.js';
import { ago, span } from './ago.js';
import type { TargetStatus } from './target-status.js';

const stateStyles: Readonly<Record<string, Style>> = {
  idle: 'green',
  sending: 'green',
  retrying: 'yellow',
  draining: 'yellow',
  down: 'red',
  disabled: 'dim',
};

/** The lines for all targets. */
export function statusLines(targets: readonly TargetStatus[], nowMs: number, paint: Paint): string[] {
  if (targets.length === 0) return ['There are no log targets.'];
  // Only of many members each has a name.
  const hasLocations = targets.some(({ location }) => location !== undefined);
  const rows = targets.map((target) => {
    const [name = '', ...rest] = rowOf(target, nowMs, paint);
    return hasLocations ? [name, inOneLine(target.location ?? '-'), ...rest] : [name, ...rest];
  });
  return [...alignColumns([header(hasLocations, paint), ...rows]), ...troubles(targets, nowMs, paint)];
}

function header(hasLocations: boolean, paint: Paint): string[] {
  const counts = ['STATE', 'WAITING', 'OLDEST', 'DELIVERED', 'LAST', 'DEAD', 'DROPPED'];
  const names = ['TARGET', ...(hasLocations ? ['LOCATION'] : []), ...counts];
  return names.map((name) => paint('dim', name));
}

function rowOf(target: TargetStatus, nowMs: number, paint: Paint): string[] {
  const { name, state, pending, delivered, dead, dropped } = target;
  const losses = Object.entries(dropped).filter(([, count]) => count > 0);
  const alarming = (count: number) => (count > 0 ? paint('red', String(count)) : '0');
  return [
    paint('bold', inOneLine(name)),
    paint(stateStyles[state] ?? 'bold', inOneLine(state)),
    String(pending.events),
    ago(target.oldest_pending_at, nowMs),
    String(delivered),
    ago(target.last_delivery_at, nowMs),
    alarming(dead),
    losses.length === 0
      ? '0'
      : losses.map(([reason, count]) => paint('red', `${count} ${inOneLine(reason)}`)).join(', '),
  ];
}

/** What went wrong last is told as long as it matters. */
function troubles(targets: readonly TargetStatus[], nowMs: number, paint: Paint): string[] {
  const lines = targets.flatMap(({ name, state, last_error, next_attempt_at }) => {
    if (last_error === undefined || state === 'idle' || state === 'sending') return [];
    const hint = hintFor(last_error.code);
    const next =
      next_attempt_at === undefined ? '' : `; next attempt in ${span(Date.parse(next_attempt_at) - nowMs)}`;
    const said = inOneLine(`${last_error.code}: ${last_error.message}`);
    return [`${paint('bold', inOneLine(name))}: ${said}${next}`, ...(hint ? [`  ${hint}`] : [])];
  });
  return lines.length === 0 ? [] : ['', ...lines];
}
