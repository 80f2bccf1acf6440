/** A catalog that a service registers types `logger.lifecycle`, in a program of its own: it holds for all loggers. */

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('the built package lets a service register its catalog', () => {
  const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
  const project = fileURLToPath(new URL('fixtures/register', import.meta.url));
  const output = execFileSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' });
  expect(output).toBe('');
});
