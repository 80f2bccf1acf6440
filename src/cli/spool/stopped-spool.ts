/** Opens the spool of a stopped service, or says why that cannot be. */

import { statSync } from 'node:fs';
import { SpoolError } from '../../errors.js';
import { countOf } from '../count.js';
import { codeOf, Failure } from '../failure.js';
import { inOneLine, note } from '../terminal.js';
import { readSpool, type SpoolReading } from './read-spool.js';

/** @throws Failure when there is none, when it cannot be read, or while a process owns it */
export async function openStoppedSpool(directory: string): Promise<SpoolReading> {
  checkDirectory(directory);
  try {
    return await readSpool(directory);
  } catch (error) {
    if (!(error instanceof SpoolError)) throw error;
    const isInUse = /in use/.test(error.message);
    throw new Failure(inOneLine(error.message), {
      hint: isInUse
        ? 'Its service runs: ask that, with `log-targets status` and `log-targets dead-letters`.'
        : undefined,
    });
  }
}

/**
 * The target that was asked for; `undefined`: all of them.
 * @throws Failure when the spool has none of that name
 */
export function targetIn({ targets }: SpoolReading, name: string | undefined): string | undefined {
  if (name === undefined || targets.some((target) => target.name === name)) return name;
  const names = targets.map((target) => inOneLine(target.name)).join(', ');
  throw new Failure(`The spool has no target ${inOneLine(name)}`, {
    hint: names === '' ? 'It is empty.' : `There are: ${names}.`,
  });
}

/** How much those targets have that were asked for: events that wait, and dead letters. */
export function amountIn(
  { targets }: SpoolReading,
  name: string | undefined,
  what: 'events' | 'dead',
): number {
  const chosen = targets.filter((target) => name === undefined || target.name === name);
  return chosen.reduce((sum, target) => sum + target[what], 0);
}

/**
 * Says on stderr what is damaged, and has the command end with 1: what it printed is not all.
 * @param missing of what was to be printed, how much could not be read
 */
export function tellDamage({ damage }: SpoolReading, missing: number): void {
  if (damage === undefined && missing <= 0) return;
  process.exitCode = 1;
  if (damage !== undefined) note(`The spool is damaged: ${inOneLine(damage)}`);
  if (missing > 0) note(`The spool is damaged: ${countOf(missing, 'event')} could not be read`);
}

function checkDirectory(directory: string): void {
  try {
    if (statSync(directory).isDirectory()) return;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw new Failure(`There is no directory ${directory}`);
    throw new Failure(`${directory} cannot be read (${codeOf(error)})`);
  }
  throw new Failure(`${directory} is no directory`);
}
