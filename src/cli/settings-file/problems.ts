/** All that is wrong with a settings file, each with its place and what to write instead. */

import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { SettingsError } from '../../errors.js';
import { closestName } from '../../model/closest.js';
import { type Place, placed } from '../../settings/place.js';
import { defaultSettings, defaultTarget, type SystemSettings } from '../../settings/schema.js';
import { type Parsed, readJson, readYaml } from '../../settings/syntax.js';
import { validateSettings } from '../../settings/validate.js';
import { codeOf, Failure } from '../failure.js';

/** One thing that is wrong. Holds no secret. */
export interface PlacedProblem extends Place {
  /** `log_targets[1].retry_count`; `settings` where it is the whole. */
  readonly path: string;
  readonly message: string;
  /** What to write there. */
  readonly instead?: string;
}

/** Either the settings, validated and complete, or what is wrong with them. */
export type Reading = { readonly settings: SystemSettings } | { readonly problems: readonly PlacedProblem[] };

/**
 * Reads a file that holds YAML or JSON.
 * @throws Failure when it cannot be read
 */
export function readText(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') throw new Failure(`There is no file ${file}`);
    if (code === 'EISDIR') throw new Failure(`${file} is a directory, and a file was expected`);
    if (code === 'EACCES') throw new Failure(`${file} may not be read by this user`);
    throw new Failure(
      `${file} cannot be read (${code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'its text is not UTF-8' : code})`,
    );
  }
}

/** Reads a value from the text of a file: JSON by its ending, else YAML. */
export function readValue(file: string, text: string): Parsed {
  return extname(file).toLowerCase() === '.json' ? readJson(text) : readYaml(text);
}

/**
 * Reads and checks a settings file.
 * @throws Failure when it cannot be read at all
 */
export function readSettings(file: string): Reading {
  const text = readText(file);
  const parsed = readValue(file, text);
  if ('problems' in parsed) {
    return { problems: parsed.problems.map((problem) => ({ path: 'settings', ...problem })) };
  }
  try {
    return { settings: validateSettings(withoutSchema(parsed.value)) };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const problems = error.problems.map(({ path, message }) => {
      const instead = insteadOf(path, message);
      return { path, message, ...(instead !== undefined && { instead }) };
    });
    return { problems: placed(text, problems) };
  }
}

/** `file:line:column path: message`, a form that editors and terminals jump to. */
export function problemLine(file: string, { line, column, path, message, instead }: PlacedProblem): string {
  const where = path === 'settings' ? '' : `${path}: `;
  return `${file}:${line}:${column}  ${where}${message}${instead === undefined ? '' : `; ${instead}`}`;
}

/** Editors find the JSON Schema by it. */
function withoutSchema(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { $schema: _, ...settings } = value as Record<string, unknown>;
  return settings;
}

const examples: Readonly<Record<string, unknown>> = {
  ...defaultSettings,
  ...defaultTarget,
  name: 'siem',
  address: 'https://siem.example.com/1.0/log',
};

function insteadOf(path: string, message: string): string | undefined {
  const [, inTarget, key = ''] = /^(log_targets\[\d+\]\.)?(\w+)$/.exec(path) ?? [];
  if (/is not a key/.test(message)) {
    const known = Object.keys(
      inTarget === undefined ? defaultSettings : { name: '', address: '', ...defaultTarget },
    );
    const meant = closestName(key, known);
    if (/did you mean|meant/i.test(message)) return undefined;
    return meant === undefined ? 'leave it out' : `did you mean \`${meant}\`?`;
  }
  const example = Object.hasOwn(examples, key) ? examples[key] : undefined;
  if (/one of|such as|unique|together/.test(message)) return undefined;
  const isShort =
    ['number', 'boolean'].includes(typeof example) || (typeof example === 'string' && example !== '');
  return isShort ? `for instance \`${key}: ${example}\`` : undefined;
}
