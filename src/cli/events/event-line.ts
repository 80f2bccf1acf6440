/** One aligned line for an event: when, what kind, what happened, and the rest. */

import { inOneLine, type Paint, type Style } from '../terminal.js';
import type { ShownEvent } from './shown-event.js';

/** As wide as the longest type. */
const KIND_WIDTH = 9;
/** Of a value beside the message: stacks and documents are cut off there. */
const MAX_VALUE_LENGTH = 200;

const levelStyles: Readonly<Record<string, Style>> = {
  DEBUG: 'dim',
  INFO: 'green',
  WARN: 'yellow',
  ERROR: 'red',
};

/** `12:00:01.123  INFO       Start https listener  addr=[::]:6443` */
export function eventLine(shown: ShownEvent, paint: Paint): string {
  const kind = inOneLine(shown.level ?? shown.type).padEnd(KIND_WIDTH);
  const style = shown.level === undefined ? 'cyan' : (levelStyles[shown.level] ?? 'magenta');
  const details = Object.entries(shown.details).map(
    ([key, value]) => `${inOneLine(key)}=${valueText(value)}`,
  );
  const by = shown.by === undefined ? [] : [`by ${inOneLine(shown.by)}`];
  const rest = [...by, ...details].join(' ');
  return [
    paint('dim', clock(shown.time)),
    paint(style, kind),
    paint('bold', inOneLine(shown.text)),
    paint('dim', rest),
  ]
    .filter((part) => part !== '')
    .join('  ');
}

/** The time of day here: what is older than today is rare where people watch. */
function clock(time: string | undefined): string {
  if (time === undefined) return '--:--:--.---';
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  const seconds = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${seconds}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

function valueText(value: unknown): string {
  const text = typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  const line = inOneLine(text ?? '');
  return line.length > MAX_VALUE_LENGTH ? `${line.slice(0, MAX_VALUE_LENGTH)}…` : line;
}
