/** The commands that read the spool of a stopped service. */

import type { Command } from 'commander';
import { example, jsonOption } from './command-parts.js';

/** Adds them to the command line. */
export function addSpoolCommands(program: Command): void {
  const spool = program
    .command('spool')
    .description('read the spool of a stopped service, without changing it');
  example(spool, 'log-targets spool inspect /var/lib/svc/spool');

  const inspect = spool
    .command('inspect')
    .argument('<directory>', 'of the spool')
    .description('show how much waits for whom, and since when')
    .addOption(jsonOption())
    .action(async (directory, options) => (await import('./spool/inspect.js')).inspect(directory, options));
  example(inspect, 'log-targets spool inspect /var/lib/svc/spool');

  const exporting = spool
    .command('export')
    .argument('<directory>', 'of the spool')
    .argument('[name]', 'of a target; all where none is named')
    .description('print the events that wait, in the format of their target, one a line')
    .addOption(jsonOption())
    .action(async (directory, name) => (await import('./spool/export.js')).exportEvents(directory, name));
  example(exporting, 'log-targets spool export /var/lib/svc/spool siem > events.ndjson');

  const letters = spool
    .command('dead-letters')
    .argument('<directory>', 'of the spool')
    .argument('[name]', 'of a target; all where none is named')
    .description('print the events that were refused for good')
    .addOption(jsonOption())
    .action(async (directory, name, options) =>
      (await import('./spool/dead-letters.js')).spoolDeadLetters(directory, name, options),
    );
  example(letters, 'log-targets spool dead-letters /var/lib/svc/spool --json');
}
