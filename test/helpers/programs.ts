/** Programs of the machine that a suite needs: where one is missing, its tests are skipped and say so. */

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from 'vitest';

/** The path of a program, or undefined. Servers lie in `sbin`, which is on the path of root only. */
export function programPath(name: string): string | undefined {
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return directories
    .map((directory) => join(directory, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * `describe`, where the machine has one of these programs; else it skips, and prints a line that says why:
 *
 *     describeWith('squid', 'tinyproxy')('a proxy', () => { ... });
 */
export function describeWith(...names: string[]): typeof describe | typeof describe.skip {
  if (names.some((name) => programPath(name) !== undefined)) return describe;
  console.log(`${names.join(' or ')} is not installed: its tests are skipped`);
  return describe.skip;
}
