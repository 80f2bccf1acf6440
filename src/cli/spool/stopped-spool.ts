/** Opens the spool of a stopped service, or says why that cannot be. */

import { statSync } from 'node:fs';
import { SpoolError } from '../../errors.js';
import { readSpool, type SpoolReading } from '../../spool/read-spool.js';
import { codeOf, Failure } from '../failure.js';
import { inOneLine } from '../terminal.js';

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

function checkDirectory(directory: string): void {
  try {
    if (statSync(directory).isDirectory()) return;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw new Failure(`There is no directory ${directory}`);
    throw new Failure(`${directory} cannot be read (${codeOf(error)})`);
  }
  throw new Failure(`${directory} is no directory`);
}
