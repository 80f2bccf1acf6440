/** What the descriptions of all commands share. */

import { type Command, Option } from 'commander';

/** Examples at the end of the help. */
export function example(command: Command, ...lines: readonly string[]): void {
  const title = lines.length === 1 ? 'Example' : 'Examples';
  command.addHelpText('after', `\n${title}:\n${lines.map((line) => `  $ ${line}`).join('\n')}`);
}

export function jsonOption(): Option {
  return new Option('--json', 'write JSON instead of text');
}
