/** `log-targets target add`, `set` and `remove`: one log target of a running service. */

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { defaultTarget } from '../../settings/schema.js';
import { codeOf, Failure } from '../failure.js';
import { readObject } from '../settings-file/read-object.js';
import { inOneLine, print, printJson } from '../terminal.js';
import { Service, type ServiceOptions, targetPath } from './service.js';

/** Adds the target that a file holds. */
export async function addTarget(file: string, options: ServiceOptions): Promise<void> {
  const body = readObject(file);
  if (typeof body.name !== 'string' || 'log_targets' in body) {
    throw new Failure(`${file} holds no log target`, {
      hint: 'Expected one target: `name: siem`, `address: https://...`.',
    });
  }
  await new Service(options).request('POST', '/1.0/log-targets', { body });
  done(options, { added: body.name }, `Added ${inOneLine(body.name)}.`);
}

/** Changes the given keys of a target. */
export async function setTarget(
  name: string,
  assignments: readonly (readonly [string, string])[],
  options: ServiceOptions,
): Promise<void> {
  const body = Object.fromEntries(assignments.map(([key, text]) => [key, readAssigned(key, text)]));
  await new Service(options).request('PATCH', targetPath(name), { body });
  done(
    options,
    { changed: name, keys: Object.keys(body) },
    `Changed ${name}: ${Object.keys(body).join(', ')}.`,
  );
}

/** Removes a target; what still waits for it is delivered as far as the service has time. */
export async function removeTarget(name: string, options: ServiceOptions): Promise<void> {
  await new Service(options).request('DELETE', targetPath(name));
  done(options, { removed: name }, `Removed ${name}.`);
}

function done({ json }: ServiceOptions, result: object, text: string): void {
  if (json) printJson(result);
  else print(text);
}

/** `@FILE` is what a file holds, so that secrets stay out of the list of processes; `@@` begins a text with `@`. */
function readAssigned(key: string, text: string): unknown {
  const given = text.startsWith('@@')
    ? text.slice(1)
    : text.startsWith('@')
      ? contentOf(text.slice(1))
      : text;
  const kind = key === 'address' ? 'string' : typeof (defaultTarget as Record<string, unknown>)[key];
  // A password such as `123456` is text, whatever YAML makes of it.
  if (kind === 'string') return given;
  try {
    return parse(given, { logLevel: 'error' });
  } catch {
    throw new Failure(`The value of \`${key}\` cannot be read`, {
      hint: 'Write it as in YAML: `3`, `true`, `[a, b]`, `{a: b}`.',
      exitCode: 2,
    });
  }
}

function contentOf(file: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    return text.includes('-----BEGIN ') ? text : text.trimEnd();
  } catch (error) {
    throw new Failure(`${file} cannot be read (${codeOf(error)})`);
  }
}
