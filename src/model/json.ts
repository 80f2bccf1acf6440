/** Turns any JavaScript value into JSON, or into the text of a context value, without ever throwing. */

/** A value that JSON can hold. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** Levels of nesting that are kept. */
const MAX_DEPTH = 100;

/**
 * Values plus characters that are copied out of one value. An object that refers to shared parts many times can
 * describe gigabytes in a few lines; beyond this bound the next part becomes `[Truncated]`, and those behind it are
 * left out.
 */
const MAX_SIZE = 2 ** 20;
const TRUNCATED = '[Truncated]';

/**
 * The text of `value` in an event's context: a string as it is, an `Error` as its stack, the rest as JSON.
 * What JSON cannot hold becomes a short marker such as `[Circular]` or `[Function: name]`.
 */
export function contextText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    default: {
      const json = toJson(value);
      return isError(value) && typeof json === 'string' ? json : JSON.stringify(json);
    }
  }
}

/**
 * A plain copy of `value` that JSON can hold. `toJSON` methods are honoured; a `Map` becomes an object (or a list
 * of pairs, when its keys are not all strings), a `Set` a list, an `Error` its stack, a `bigint` its digits,
 * binary data its size; keys whose value is `undefined` are left out.
 */
export function toJson(value: unknown): JsonValue {
  return new Copier().copy(value, 0);
}

class Copier {
  #size = 0;
  readonly #path = new Set<object>();

  copy(value: unknown, depth: number): JsonValue {
    if (++this.#size > MAX_SIZE) return TRUNCATED;
    switch (typeof value) {
      case 'string':
        this.#size += value.length;
        return value;
      case 'number':
        return Number.isFinite(value) ? value : null;
      case 'boolean':
        return value;
      case 'undefined':
        return null;
      case 'object':
        return value === null ? null : this.#copyGuarded(value, depth);
      case 'function':
        return marker(() => `[Function: ${value.name || 'anonymous'}]`);
      default:
        return String(value);
    }
  }

  /** Proxies, getters, `toJSON` and prototypes can throw anywhere: what throws becomes a marker, alone. */
  #copyGuarded(value: object, depth: number): JsonValue {
    if (this.#path.has(value)) return '[Circular]';
    if (depth >= MAX_DEPTH) return Array.isArray(value) ? '[Array]' : '[Object]';
    this.#path.add(value);
    try {
      return this.#copyObject(value, depth + 1);
    } catch (error) {
      return thrown(error);
    } finally {
      this.#path.delete(value);
    }
  }

  #copyObject(value: object, depth: number): JsonValue {
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      return `[${ArrayBuffer.isView(value) ? value.constructor.name : 'ArrayBuffer'}: ${value.byteLength} bytes]`;
    }
    if (value instanceof Error) return errorText(value);
    if ('toJSON' in value && typeof value.toJSON === 'function') return this.copy(value.toJSON(), depth);
    if (Array.isArray(value)) return this.#copyItems(value, depth);
    // What a subclass makes of iteration may never end.
    if (value instanceof Set) return this.#copyItems(Set.prototype.values.call(value), depth);
    if (value instanceof Map) {
      return [...Map.prototype.keys.call(value)].every((key) => typeof key === 'string')
        ? this.#copyEntries(Map.prototype.entries.call(value), depth)
        : this.#copyItems(Map.prototype.entries.call(value), depth);
    }
    if (value instanceof String || value instanceof Number || value instanceof Boolean) {
      return this.copy(value.valueOf(), depth);
    }
    return this.#copyEntries(
      Object.keys(value).map((key) => [key, readProperty(value, key)] as const),
      depth,
    );
  }

  #copyItems(items: Iterable<unknown>, depth: number): JsonValue[] {
    const copies: JsonValue[] = [];
    for (const item of items) {
      if (this.#size >= MAX_SIZE) {
        copies.push(TRUNCATED);
        break;
      }
      copies.push(this.copy(item, depth));
    }
    return copies;
  }

  #copyEntries(entries: Iterable<readonly [string, unknown]>, depth: number): JsonValue {
    const copy: Record<string, JsonValue> = {};
    for (const [key, value] of entries) {
      if (value === undefined) continue;
      if (this.#size >= MAX_SIZE) {
        setOwn(copy, key, TRUNCATED);
        break;
      }
      this.#size += key.length;
      setOwn(copy, key, this.copy(value, depth));
    }
    return copy;
  }
}

/** Sets an own property even where the key is `__proto__`, which plain assignment would take for the prototype. */
export function setOwn<Value>(object: Record<string, Value>, key: string, value: Value): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  } else {
    object[key] = value;
  }
}

/** What stands for something that threw `error` when it was read. */
function thrown(error: unknown): string {
  return marker(() => `[Thrown: ${error instanceof Error ? error.message : String(error)}]`);
}

/** Whether a value is an object with keys: no list, not `null`. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether two values have the same JSON, keys in the same order. */
export function isSameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** A property's value, or a marker when reading it throws. */
export function readProperty(object: object, key: PropertyKey): unknown {
  try {
    return (object as Record<PropertyKey, unknown>)[key];
  } catch (error) {
    return thrown(error);
  }
}

/** The own enumerable keys of an object; none when it does not let itself be asked. */
export function ownKeys(object: object): string[] {
  try {
    return Object.keys(object);
  } catch {
    return [];
  }
}

/** Whether a value is an error; hostile ones are none. */
export function isError(value: unknown): value is Error {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

function errorText(error: Error): string {
  return typeof error.stack === 'string' && error.stack !== '' ? error.stack : String(error);
}

function marker(describe: () => string): string {
  try {
    return describe();
  } catch {
    return '[Unserializable]';
  }
}
