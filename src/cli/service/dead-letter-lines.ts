/** What a dead letter was and why it was refused, for people. */

import { eventLine } from '../events/event-line.js';
import { recogniseEvent } from '../events/recognise.js';
import { membersOf } from '../events/shown-event.js';
import { inOneLine, type Paint } from '../terminal.js';

/** Two lines, with its id in full, to be copied. `target`: named where there are several */
export function linesOf(letter: unknown, paint: Paint, target?: string): string[] {
  const { id, at, status, response, event } = membersOf(letter);
  const answer = [status === undefined ? undefined : `answered ${status}`, response]
    .filter((each) => each !== undefined && each !== '')
    .map((each) => inOneLine(String(each)))
    .join(': ');
  const head = [inOneLine(String(id)), paint('dim', inOneLine(String(at))), target, paint('red', answer)];
  return [head.filter(Boolean).join('  '), `  ${eventLine(recogniseEvent(event), paint)}`];
}
