/** Tells what JSON can hold as it is. */

import type { JsonValue } from './json.js';

/** Lists and objects within each other. What is deeper is an accident or an attack, and has no end where it is a circle. */
export const MAX_LEVELS = 100;

/** Whether nothing of a value would be lost in JSON, and it is no deeper than that. */
export function isJsonValue(value: unknown): value is JsonValue {
  return isJsonWithin(MAX_LEVELS, value);
}

function isJsonWithin(levels: number, value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object': {
      if (value === null) return true;
      if (levels === 0) return false;
      const members: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
      return members.every((each) => isJsonWithin(levels - 1, each));
    }
    default:
      return false;
  }
}
