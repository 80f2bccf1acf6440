/** The file that settings are kept in: JSON or YAML, by its ending. */

import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { SettingsError } from '../errors.js';
import { builtIn, type Formats } from '../formats/formats.js';
import { isObject, isSameJson } from '../model/json.js';
import { removeLeftovers, replaceFile } from './atomic-file.js';
import { compactSettings } from './masking.js';
import { placed } from './place.js';
import type { SystemSettings } from './schema.js';
import { readJson, readYaml } from './syntax.js';
import { validateSettings } from './validate.js';
import { formatYaml, updateYaml } from './yaml-text.js';

/** Values of a YAML file in which comments are kept. */
const MAX_COMMENTED_VALUES = 1500;

/** Reads and writes one file. */
export class SettingsFile {
  readonly path: string;
  readonly #isYaml: boolean;
  readonly #formats: Formats;

  /**
   * @param formats those that targets may have. Default: the built-in ones
   * @throws TypeError when the file's ending tells neither JSON nor YAML
   */
  constructor(path: string, formats: Formats = builtIn) {
    const ending = extname(path).toLowerCase();
    if (!['.json', '.yaml', '.yml'].includes(ending)) {
      throw new TypeError(`Expected \`file\` to end in .json, .yaml or .yml, got \`${path}\``);
    }
    this.path = path;
    this.#isYaml = ending !== '.json';
    this.#formats = formats;
  }

  /**
   * The file's text; `undefined` when there is no such file.
   * @throws SettingsError that names the file, when it cannot be read or is not UTF-8
   */
  async readText(): Promise<string | undefined> {
    try {
      return decodeUtf8(await readFile(this.path));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (code === 'ENOENT') return undefined;
      throw new SettingsError(
        [{ path: 'settings', message: `Expected a file that can be read, got ${code}` }],
        { file: this.path },
      );
    }
  }

  /** @throws SettingsError that names the file, and the lines */
  parse(text: string): SystemSettings {
    const { path: file } = this;
    const parsed = this.#isYaml ? readYaml(text) : readJson(text);
    if ('problems' in parsed) {
      const expected = `Expected valid ${this.#isYaml ? 'YAML' : 'JSON'}`;
      const problems = parsed.problems.map(({ message, ...place }) => ({
        path: 'settings',
        message: `${expected}: ${message}`,
        ...place,
      }));
      throw new SettingsError(problems, { file });
    }
    try {
      return validateSettings(withoutSchema(parsed.value), this.#formats);
    } catch (error) {
      throw error instanceof SettingsError
        ? new SettingsError(placed(text, error.problems), { file })
        : error;
    }
  }

  /**
   * The text for `settings`. Where `previousText` is YAML, its comments and its order stay, as far as what they
   * belong to does, and as long as it is not very long.
   */
  format(settings: SystemSettings, previousText = ''): string {
    const compact = compactSettings(settings);
    if (!this.#isYaml) return `${JSON.stringify({ ...schemaOf(previousText), ...compact }, undefined, 2)}\n`;
    const plain = formatYaml(compact);
    if (isLong(plain) || isLong(previousText)) return plain;
    // Comments are worth a try, not a loss: where they do not fit what is there now, they go.
    const text = updated(previousText, compact);
    return text !== undefined && this.#reads(text, settings) ? text : plain;
  }

  #reads(text: string, settings: SystemSettings): boolean {
    try {
      return isSameJson(this.parse(text), settings);
    } catch {
      return false;
    }
  }

  /** Replaces the file as a whole. */
  write(text: string): Promise<void> {
    return replaceFile(this.path, text);
  }

  /** Removes what processes left behind that were killed while they wrote: it holds secrets. */
  removeLeftovers(): Promise<void> {
    return removeLeftovers(this.path);
  }
}

/** Whether keeping comments in a text would hold everybody up: about a hundred targets. Certificates take no time. */
function isLong(text: string): boolean {
  const value = /:\s|- |,/g;
  for (let count = 0; count <= MAX_COMMENTED_VALUES; count++) if (!value.test(text)) return false;
  return true;
}

/** `undefined` when what is new does not fit in the old text, for instance into its aliases. */
function updated(previousText: string, compact: object): string | undefined {
  try {
    return updateYaml(previousText, compact);
  } catch {
    return undefined;
  }
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw Object.assign(new Error('not UTF-8'), { code: 'text that is not UTF-8' });
  }
}

/** Editors find the JSON Schema of a JSON file by its key `$schema`: it is no setting, and it stays. */
function schemaOf(text: string): { $schema?: string } {
  try {
    const { $schema } = JSON.parse(text);
    return typeof $schema === 'string' ? { $schema } : {};
  } catch {
    return {};
  }
}

function withoutSchema(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { $schema: _, ...settings } = value;
  return settings;
}
