/** Keeps values to itself that must not leave the process, by the paths of their keys. */

import { isError, ownKeys, readProperty, setOwn, toJson } from './json.js';

/** What stands for a value that is kept back. */
export const REDACTED = '[Redacted]';

const SPLAT = Symbol.for('splat');
const LEVEL = Symbol.for('level');

/** A place in the tree that all paths make together. */
interface Node {
  readonly keys: Map<string, Node>;
  /** One level, whatever its key. */
  any?: Node;
  /** Any number of levels, none included. */
  deep?: Node;
  readonly isDeep: boolean;
  /** A path ends here: what has come so far is kept back. */
  isEnd: boolean;
}

/**
 * What of a value is kept back. Values are never changed: where anything is, a copy takes their place, as JSON. Paths
 * are compiled once, into a tree.
 */
export class Redaction {
  readonly #nodes: readonly Node[];

  private constructor(nodes: readonly Node[]) {
    this.#nodes = nodes;
  }

  /**
   * Paths are keys with dots between them; `*` is one level, `**` any number of them, none included.
   * @returns `undefined` when there are none
   * @throws TypeError that tells what is no path
   */
  static of(paths: readonly string[]): Redaction | undefined {
    if (!Array.isArray(paths)) throw new TypeError('Expected `redact` to be a list of paths');
    if (paths.length === 0) return undefined;
    const root = createNode(false);
    paths.forEach((path, index) => {
      addPath(root, segmentsOf(path, `redact[${index}]`));
    });
    return new Redaction(reach([], root));
  }

  /** Whether all of the value here is kept back. */
  get isHere(): boolean {
    return this.#nodes.some(({ isEnd }) => isEnd);
  }

  /** What is kept back of the value under `key`; `undefined`: nothing. */
  at(key: string): Redaction | undefined {
    const nodes = step(this.#nodes, key);
    return nodes && new Redaction(nodes);
  }

  /** `value`, or a copy of it without what is kept back. */
  apply<Value>(value: Value): Value | unknown {
    if (this.isHere) return REDACTED;
    if (typeof value !== 'object' || value === null) return value;
    const copy = toJson(value);
    return typeof copy === 'object' && copy !== null && hide(copy as never, this.#nodes) ? copy : value;
  }

  /** A log record, or a copy that has its level and message in the same places. What else others made of it is not in there. */
  applyToRecord<Value extends object>(record: Value): Value {
    const copy: Record<PropertyKey, unknown> = {};
    let isChanged = false;
    for (const key of keysOf(record)) {
      const value = readProperty(record, key);
      const applied = this.at(key)?.apply(value) ?? value;
      setOwn(copy, key, applied);
      isChanged ||= applied !== value;
    }
    if (!isChanged) return record;
    copy[LEVEL] = readProperty(record, LEVEL);
    const splat = readProperty(record, SPLAT);
    if (Array.isArray(splat)) copy[SPLAT] = splat.map((each) => this.apply(each));
    return copy as Value;
  }
}

/** An error's message and stack are no enumerable keys of it. */
function keysOf(record: object): Iterable<string> {
  const keys = ownKeys(record);
  if (!isError(record)) return keys;
  return new Set([...keys, 'message', 'stack']);
}

function createNode(isDeep: boolean): Node {
  return { keys: new Map(), isDeep, isEnd: false };
}

function addPath(root: Node, segments: readonly string[]): void {
  let node = root;
  for (const segment of segments) node = childOf(node, segment);
  node.isEnd = true;
}

function childOf(node: Node, segment: string): Node {
  if (segment === '*') {
    node.any ??= createNode(false);
    return node.any;
  }
  if (segment === '**') {
    node.deep ??= createNode(true);
    return node.deep;
  }
  const child = node.keys.get(segment) ?? createNode(false);
  node.keys.set(segment, child);
  return child;
}

/** Where one level down leads to; `undefined`: to no path. */
function step(nodes: readonly Node[], key: string): readonly Node[] | undefined {
  let reached: Node[] | undefined;
  for (const node of nodes) {
    if (node.isDeep) reached = reach(reached, node);
    const child = node.keys.get(key);
    if (child) reached = reach(reached, child);
    if (node.any) reached = reach(reached, node.any);
  }
  return reached;
}

/** Adds a node, and where no level at all leads to from there. */
function reach(nodes: Node[] | undefined = [], node: Node): Node[] {
  if (nodes.includes(node)) return nodes;
  nodes.push(node);
  return node.deep ? reach(nodes, node.deep) : nodes;
}

/** In place; tells whether there was anything. */
function hide(copy: Record<string, unknown>, nodes: readonly Node[]): boolean {
  let isChanged = false;
  for (const key of Object.keys(copy)) {
    const reached = step(nodes, key);
    if (reached === undefined) continue;
    const value = copy[key];
    if (reached.some(({ isEnd }) => isEnd)) {
      setOwn<unknown>(copy, key, REDACTED);
      isChanged = true;
    } else if (typeof value === 'object' && value !== null) {
      isChanged = hide(value as Record<string, unknown>, reached) || isChanged;
    }
  }
  return isChanged;
}

function segmentsOf(path: unknown, option: string): string[] {
  if (typeof path !== 'string') throw noPath(option, path, 'text');
  const segments = path.split('.');
  for (const segment of segments) {
    if (segment === '') throw noPath(option, path, 'keys with one dot between two of them');
    if (segment.includes('*') && segment !== '*' && segment !== '**') {
      throw noPath(option, path, '`*` and `**` to stand for whole levels');
    }
    if (segment.includes('[') || segment === '$') {
      throw noPath(option, path, 'dots before every key, also of a list: `items.0.token` or `items.*.token`');
    }
  }
  // What is below is kept back with what it is in.
  if (segments.at(-1) === '**') segments[segments.length - 1] = '*';
  return segments;
}

function noPath(option: string, path: unknown, expected: string): TypeError {
  return new TypeError(`Expected \`${option}\` to be a path, with ${expected}; got \`${String(path)}\``);
}
