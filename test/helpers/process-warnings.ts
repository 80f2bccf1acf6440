/** What Node warns of while a test runs: leaks of listeners, timers that overflow. */

import { onTestFinished } from 'vitest';

export function collectProcessWarnings(): Error[] {
  const warnings: Error[] = [];
  const note = (warning: Error) => void warnings.push(warning);
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));
  return warnings;
}
