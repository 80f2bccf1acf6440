/** Settings as YAML that people write: read, and changed without losing what they wrote beside it. */

import { type Document, isMap, isScalar, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import { isObject, isSameJson } from '../model/json.js';
import { defaultSettings, defaultTarget } from './schema.js';

/** The parser would print its warnings, and quote in them what it warns of. */
const PARSE_OPTIONS = { prettyErrors: true, logLevel: 'error' } as const;

/** Words that readers of YAML take for something else than text. */
const NOT_TEXT = /^(true|false|null|yes|no|on|off)$/;

/**
 * YAML in which every text is in quotes: ugly, always right, and quick to write. The library takes a second for the
 * largest settings that there can be, in which nobody else gets a turn.
 */
export function formatYaml(value: object): string {
  return `${blockOf(value, '')}\n`;
}

function blockOf(value: object, indent: string): string {
  if (Array.isArray(value)) {
    return value.map((item: unknown) => `${indent}- ${nestedOf(item, `${indent}  `).trimStart()}`).join('\n');
  }
  const entries = Object.entries(value).map(([key, member]: [string, unknown]) => {
    const shown = /^[a-z][a-z_]+$/.test(key) && !NOT_TEXT.test(key) ? key : jsonOf(key);
    return `${indent}${shown}:${isNested(member) ? '\n' : ' '}${nestedOf(member, `${indent}  `)}`;
  });
  return entries.join('\n');
}

function nestedOf(value: unknown, indent: string): string {
  return isNested(value) ? blockOf(value, indent) : jsonOf(value);
}

/** Whether a value takes lines of its own; lists of texts stay in one. */
function isNested(value: unknown): value is object {
  if (Array.isArray(value)) return value.some((item) => typeof item === 'object');
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

/** JSON is YAML, but for characters that YAML wants to be escaped. */
function jsonOf(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * The YAML for compact settings that is nearest to `previousText`: comments and order stay, as far as what they belong
 * to does. Defaults that were not written down before are not written down now.
 */
export function updateYaml(previousText: string, settings: object): string {
  const previous = parseDocument(previousText, PARSE_OPTIONS);
  const document = previous.errors.length > 0 ? parseDocument('', PARSE_OPTIONS) : previous;
  document.contents = updateNode(document, document.contents, settings, defaultSettings) as never;
  return document.toString({ lineWidth: 0 });
}

/** The node for `value`: `node` itself, changed where it differs, or a new one. */
function updateNode(document: Document, node: unknown, value: unknown, implied: Implied = {}): unknown {
  if (isSame(document, node, value)) return node;
  if (isMap(node) && isObject(value)) return updateMap(document, node, value, implied);
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
    if (old === undefined && Object.hasOwn(implied, key) && isSameJson(implied[key], member)) continue;
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
  return isMap(item) && isObject(value) ? item.get('name') === value.name : isSame(document, item, value);
}

function isSame(document: Document, node: unknown, value: unknown): boolean {
  const old = node === undefined || node === null ? undefined : (node as YAMLMap).toJS(document);
  return old !== undefined && isSameJson(old, value);
}

function keysOf(map: YAMLMap): string[] {
  return map.items.map(({ key }) => String(key));
}
