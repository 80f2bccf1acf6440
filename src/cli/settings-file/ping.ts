/** `log-targets ping`: a test event to each target of a settings file. */

import type { PingResult } from '../../sending/ping.js';
import { Failure } from '../failure.js';
import { alignColumns } from '../table.js';
import { inOneLine, paintFor, print, printJson } from '../terminal.js';
import { hintFor } from './delivery-error.js';
import { transportFor } from './transport.js';
import { settingsIn } from './validate.js';

/** The options of the command. */
export interface PingOptions {
  readonly json?: boolean;
  readonly secretsDirectory?: string;
}

type Pinged = PingResult & { readonly name: string };

/** Pings all at once; ends with 1 when one does not answer as it should. */
export async function ping(
  file: string,
  names: readonly string[],
  { json, secretsDirectory }: PingOptions,
): Promise<void> {
  const settings = settingsIn(file);
  const { log_targets } = settings;
  const known = log_targets.map(({ name }) => name);
  for (const name of names) {
    if (!known.includes(name)) throw unknownTarget(name, known);
  }
  if (known.length === 0) throw new Failure(`${file} has no log targets`);
  const transport = transportFor(settings, secretsDirectory);
  const wanted = names.length === 0 ? known : known.filter((name) => names.includes(name));
  const pinged = await Promise.all(
    wanted.map(async (name): Promise<Pinged> => ({ name, ...(await transport.ping(name)) })),
  );
  transport.close();
  if (json) printJson(pinged);
  else for (const line of linesOf(pinged)) print(line);
  if (pinged.some(({ ok }) => !ok)) process.exitCode = 1;
}

function unknownTarget(name: string, known: readonly string[]): Failure {
  return new Failure(`There is no target ${inOneLine(name)}`, {
    hint: known.length === 0 ? undefined : `There are: ${known.join(', ')}.`,
  });
}

function linesOf(pinged: readonly Pinged[]): string[] {
  const paint = paintFor(process.stdout);
  return alignColumns(
    pinged.map(({ name, ok, status, ms, error }) => {
      const hint = error && hintFor(error.code);
      const said =
        error === undefined ? [] : [inOneLine(`${error.code}: ${error.message}`), ...(hint ? [hint] : [])];
      return [
        name,
        ok ? paint('green', 'ok') : paint('red', 'failed'),
        status === undefined ? '' : String(status),
        `${Math.round(ms)} ms`,
        said.join('; '),
      ];
    }),
  );
}
