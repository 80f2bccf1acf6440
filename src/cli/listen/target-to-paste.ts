/** The settings of a target that reaches this receiver, as text to paste. */

import { stringify } from 'yaml';
import type { LogTarget } from '../../settings/log-target.js';

/** For a settings file and for JavaScript. Only what the receiver needs stands in it, and all of that. */
export function targetToPaste(target: LogTarget): string {
  const yaml = stringify({ log_targets: [target] }, { lineWidth: 0 });
  const members = Object.entries(target).map(([key, value]) => `  ${key}: ${literal(value)},\n`);
  const indented = (text: string) => text.trimEnd().replace(/^/gm, '    ');
  return [
    '  In a settings file:',
    indented(yaml),
    '  In JavaScript:',
    indented(`new EventTransport({ targets: [{\n${members.join('')}}] })`),
  ].join('\n');
}

/** Of JavaScript, as people write it. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  const inside = JSON.stringify(value).slice(1, -1).replaceAll("'", "\\'").replaceAll('\\"', '"');
  return `'${inside}'`;
}
