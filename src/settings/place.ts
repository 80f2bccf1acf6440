/** Where in a file something stands, as editors count. */

import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { Problem } from '../errors.js';

/** Both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The place of an offset into a text. */
export function placeAt(text: string, offset: number): Place {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

/** Whether the place of a key is wanted, or that of its value. */
type Part = 'key' | 'value';

/**
 * Finds the places of keys and values in YAML, and in JSON, which is nearly all YAML, by paths such as
 * `log_targets[1].retry_count`. What is missing is at the object that misses it.
 */
function createPlaceFinder(text: string): (path: string, part: Part) => Place {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    logLevel: 'silent',
    uniqueKeys: false,
  });
  return (path, part) => {
    const offset = find(document.contents, path === 'settings' ? '' : path, part) ?? 0;
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };

  /** The offset of what `path` leads to from `node`, or of the last thing on the way. `key`: where its key stands. */
  function find(node: unknown, path: string, part: Part, key?: number): number | undefined {
    const value = isAlias(node) ? node.resolve(document) : node;
    const here = offsetOf(node) ?? key;
    if (path === '') return part === 'key' ? (key ?? here) : here;
    if (isSeq(value)) {
      const [matched, index] = /^\[(\d+)\]/.exec(path) ?? [];
      const item = value.items[Number(index)];
      return matched === undefined || item === undefined
        ? here
        : find(item, path.slice(matched.length), part, here);
    }
    if (isMap(value)) {
      const rest = path.replace(/^\./, '');
      for (const pair of value.items) {
        const name = isScalar(pair.key) ? String(pair.key.value) : '';
        if (!rest.startsWith(name) || !/^$|^[.[]/.test(rest.slice(name.length))) continue;
        return find(pair.value, rest.slice(name.length), part, offsetOf(pair.key) ?? here);
      }
    }
    return here;
  }
}

/** The problems of the settings in a text, each with its place, in their order there. */
export function placed<Found extends Problem>(text: string, problems: readonly Found[]): (Found & Place)[] {
  const placeOf = createPlaceFinder(text);
  return problems
    .map((found) => {
      const part = /is not a key|is not a name|a header name/.test(found.message) ? 'key' : 'value';
      return { ...found, ...placeOf(found.path, part) };
    })
    .sort((one, other) => one.line - other.line || one.column - other.column);
}

/** An empty value has no place of its own. */
function offsetOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  const [start, end] = (node as Node).range ?? [];
  const isNothing = start === end && isScalar(node) && node.value === null;
  return isNothing ? undefined : start;
}
