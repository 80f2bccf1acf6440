/** The file that settings are kept in: JSON or YAML, by its ending. */

import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  stringify,
  type ToStringOptions,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { SettingsError } from '../errors.js';
import { compactSettings } from './masking.js';
import { defaultSettings, defaultTarget, type SystemSettings } from './schema.js';
import { validateSettings } from './validate.js';

/** Reads and writes one file. */
export class SettingsFile {
  readonly path: string;
  readonly #isYaml: boolean;

  /** @throws TypeError when the file's ending tells neither JSON nor YAML */
  constructor(path: string) {
    const ending = extname(path).toLowerCase();
    if (!['.json', '.yaml', '.yml'].includes(ending)) {
      throw new TypeError(`Expected \`file\` to end in .json, .yaml or .yml, got \`${path}\``);
    }
    this.path = path;
    this.#isYaml = ending !== '.json';
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
        this.path,
      );
    }
  }

  /** @throws SettingsError that names the file */
  parse(text: string): SystemSettings {
    try {
      return validateSettings(withoutSchema(this.#isYaml ? parseYaml(text) : parseJson(text)));
    } catch (error) {
      throw error instanceof SettingsError ? new SettingsError(error.problems, this.path) : error;
    }
  }

  /**
   * The text for `settings`. Where `previousText` is YAML, its comments and its order stay, as far as what they
   * belong to does.
   */
  format(settings: SystemSettings, previousText = ''): string {
    const compact = compactSettings(settings);
    if (!this.#isYaml) return `${JSON.stringify({ ...schemaOf(previousText), ...compact }, undefined, 2)}\n`;
    const previous = parseDocument(previousText, PARSE_OPTIONS);
    const document = previous.errors.length > 0 ? parseDocument('', PARSE_OPTIONS) : previous;
    document.contents = updateNode(document, document.contents, compact, defaultSettings) as never;
    const text = document.toString({ lineWidth: 0 });
    // Comments are worth a try, not a loss: where they do not fit what is there now, they go. Everything in quotes
    // is ugly, and always right.
    return this.#reads(text, settings) ? text : stringify(compact, quoted);
  }

  #reads(text: string, settings: SystemSettings): boolean {
    try {
      return isEqual(this.parse(text), settings);
    } catch {
      return false;
    }
  }

  /**
   * Replaces the file as a whole: whatever moment the process ends, the old text or the new one is there. On disk,
   * with its name, when this resolves.
   */
  async write(text: string): Promise<void> {
    const target = await this.#target();
    const temporary = `${target}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
    atWork.add(temporary);
    try {
      await writeDurably(temporary, text);
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw error;
    } finally {
      atWork.delete(temporary);
    }
    await syncDirectory(dirname(target));
  }

  /** Removes what processes left behind that were killed while they wrote: it holds secrets. */
  async removeLeftovers(): Promise<void> {
    const target = await this.#target();
    const own = basename(target);
    for (const name of await readdir(dirname(target)).catch(() => [])) {
      const [, pid] = /^\.(\d+)\.[0-9a-f]{12}\.tmp$/.exec(name.slice(own.length)) ?? [];
      if (!name.startsWith(own) || pid === undefined) continue;
      const path = join(dirname(target), name);
      // In a container every process has the same number, so our own says nothing.
      const isAtWork = Number(pid) === process.pid ? atWork.has(path) : isAlive(Number(pid));
      if (!isAtWork) await rm(path, { force: true });
    }
  }

  /** A link stays a link: the file that it leads to is the one to replace. */
  #target(): Promise<string> {
    return realpath(this.path).catch(() => this.path);
  }
}

/** The parser would print its warnings, and quote in them what it warns of. */
const PARSE_OPTIONS = { prettyErrors: true, logLevel: 'error' } as const;

/** Temporary files that this process is writing. */
const atWork = new Set<string>();

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
  if (!isPlainObject(value)) return value;
  const { $schema: _, ...settings } = value;
  return settings;
}

const quoted: ToStringOptions = {
  lineWidth: 0,
  blockQuote: false,
  defaultStringType: 'QUOTE_DOUBLE',
  defaultKeyType: 'PLAIN',
  doubleQuotedAsJSON: true,
};

/** Own code: write-file-atomic 7 does not look whether all was written, and a full disk can take a part. */
async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is on disk when its directory is. Not every file system can tell. */
async function syncDirectory(path: string): Promise<void> {
  try {
    const directory = await open(path, 'r');
    await directory.sync().finally(() => directory.close());
  } catch {
    // The file itself is synced; its name will follow.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Messages of the parsers quote what they stumbled over, which may be a secret: only the place is told. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const [, position] = /position (\d+)/.exec(String(error)) ?? [];
    const line = position === undefined ? '' : `, line ${text.slice(0, Number(position)).split('\n').length}`;
    throw new SettingsError([{ path: 'settings', message: `Expected valid JSON${line}` }]);
  }
}

function parseYaml(text: string): unknown {
  const document = parseDocument(text, PARSE_OPTIONS);
  const problems = document.errors.map(({ code, linePos }) => ({
    path: 'settings',
    message: `Expected valid YAML, got ${code} in line ${linePos?.[0].line ?? 1}`,
  }));
  if (problems.length > 0) throw new SettingsError(problems);
  try {
    return document.toJS();
  } catch {
    throw new SettingsError([
      { path: 'settings', message: 'Expected YAML without circular or excessive aliases' },
    ]);
  }
}

/** The node for `value`: `node` itself, changed where it differs, or a new one. */
function updateNode(document: Document, node: unknown, value: unknown, implied: Implied = {}): unknown {
  if (isSame(document, node, value)) return node;
  if (isMap(node) && isPlainObject(value)) return updateMap(document, node, value, implied);
  if (isSeq(node) && Array.isArray(value)) return updateList(document, node, value);
  if (isScalar(node) && (typeof value !== 'object' || value === null)) {
    node.value = value;
    return node;
  }
  return document.createNode(value);
}

/** Values that need not be written down: what is not there means them. */
type Implied = Readonly<Record<string, unknown>>;

function updateMap(
  document: Document,
  map: YAMLMap,
  value: Readonly<Record<string, unknown>>,
  implied: Implied,
): YAMLMap {
  map.flow = false; // what is new in it may not fit in one line
  for (const key of keysOf(map)) if (!Object.hasOwn(value, key)) map.delete(key);
  for (const [key, member] of Object.entries(value)) {
    const old = map.get(key, true);
    if (old === undefined && Object.hasOwn(implied, key) && isEqual(implied[key], member)) continue;
    const updated = updateNode(document, old, member);
    if (updated !== old) map.set(key, updated);
  }
  return map;
}

/** Items with a name, such as log targets, keep their nodes, and so their comments, wherever they go. */
function updateList(document: Document, list: YAMLSeq, values: readonly unknown[]): YAMLSeq {
  list.flow = false;
  const left = [...list.items];
  list.items = values.map((value) => {
    const place = left.findIndex((item) => isSameItem(document, item, value));
    const [old] = place < 0 ? [] : left.splice(place, 1);
    return updateNode(document, old, value, defaultTarget);
  });
  return list;
}

function isSameItem(document: Document, item: unknown, value: unknown): boolean {
  return isMap(item) && isPlainObject(value)
    ? item.get('name') === value.name
    : isSame(document, item, value);
}

function isSame(document: Document, node: unknown, value: unknown): boolean {
  const old = node === undefined || node === null ? undefined : (node as YAMLMap).toJS(document);
  return old !== undefined && isEqual(old, value);
}

function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function keysOf(map: YAMLMap): string[] {
  return map.items.map(({ key }) => String(key));
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
