/** Tells what JSON can hold as it is. */

import { isObject, type JsonValue } from './json.js';

/** Whether nothing of a value would be lost in JSON. Of lists and objects without circles. */
export function isJsonValue(value: unknown): value is JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      if (value === null) return true;
      if (Array.isArray(value)) return value.every(isJsonValue);
      return isObject(value) && Object.values(value).every(isJsonValue);
    default:
      return false;
  }
}
