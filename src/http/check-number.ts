/** Checks options of our handlers that are numbers. */

import { describe } from '../model/describe.js';

/** @throws TypeError when an option is given and is no number from 1 on; `Infinity` is one */
export function checkNumber(name: string, value: unknown): void {
  if (value === undefined || (typeof value === 'number' && value >= 1)) return;
  throw new TypeError(`Expected \`${name}\` to be a number >= 1, got ${describe(value)}`);
}
