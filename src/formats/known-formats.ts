/** Which formats somebody knows, without a place for them in its public interface. */

import { builtIn, type Formats } from './formats.js';

const known = new WeakMap<object, Formats>();

/** Makes known which formats `owner` has: a transport, a store of settings. */
export function offerFormats(owner: object, formats: Formats): void {
  known.set(owner, formats);
}

/** The formats of the first of `owners` that has said which; else those that are built in. */
export function formatsOf(...owners: readonly unknown[]): Formats {
  for (const owner of owners) {
    const formats = typeof owner === 'object' && owner !== null ? known.get(owner) : undefined;
    if (formats) return formats;
  }
  return builtIn;
}
