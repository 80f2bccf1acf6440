/** Checks of what is handed to `winston-log-targets/nats`: each names the option that is wrong. */

import { describe } from '../model/describe.js';
import { isObject } from '../model/json.js';

/** Where settings are, as somebody gave it: anything, from JavaScript. */
interface Place {
  readonly connection: unknown;
  readonly bucket?: unknown;
  readonly key?: unknown;
  readonly cacheFile?: unknown;
}

/** @throws TypeError when `connection` is neither a connection nor a promise of one */
export function checkConnection(connection: unknown): void {
  if (isObject(connection) && ['then', 'publish'].some((name) => typeof connection[name] === 'function'))
    return;
  // Not what was given: an address may hold a password.
  throw new TypeError('Expected `connection` to be what `connect()` of `@nats-io/transport-node` returns');
}

/**
 * What NATS refuses for its form it refuses for ever: with a cache file, that would look like an outage.
 * @throws TypeError when one of the options cannot be right
 */
export function checkPlace({ connection, bucket, key, cacheFile }: Place): void {
  checkConnection(connection);
  checkText('bucket', bucket, /^[-\w]+$/, 'letters, digits, `-` and `_`');
  checkText('key', key, /^(?!\.)[-/=.\w]+(?<!\.)$/, 'letters, digits and `-/_=.`, no dot at either end');
  checkText('cacheFile', cacheFile, /./s, 'the path of a file');
}

function checkText(name: string, value: unknown, form: RegExp, expected: string): void {
  if (value === undefined || (typeof value === 'string' && form.test(value))) return;
  throw new TypeError(`Expected \`${name}\` to be ${expected}, got ${describe(value)}`);
}
