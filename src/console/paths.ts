/** Where the console's resources are. */

import type { RoutedRequest } from '../http/request-path.js';

const TARGETS = '/1.0/log-targets';

/** A target's own path, as entities of events name it. */
export function pathOfTarget(name: string): string {
  return `${TARGETS}/${encodeURIComponent(name)}`;
}

/** `/`, `/ops` and `/ops/` as what stands before `/1.0`: nothing, or `/ops`. */
export function parseBasePath(path: string): string {
  if (typeof path !== 'string' || !/^\/[^?#\s]*$/.test(path)) {
    throw new TypeError(`Expected \`path\` to be a path that begins with a slash, got \`${String(path)}\``);
  }
  return path.replace(/\/+$/, '');
}

/**
 * The path of a request below the console's, with its query. `undefined` when it is for somebody else. Frameworks
 * that mount a handler below a path take that off `url`.
 */
export function pathBelow(base: string, { url, originalUrl }: RoutedRequest): string | undefined {
  for (const given of [url, originalUrl]) {
    if (given === undefined || !given.startsWith(base)) continue;
    const rest = given.slice(base.length);
    if (/^(\/ui([/?#]|$)|\/1\.0([/?#]|$)|\/?([?#]|$))/.test(rest)) return rest;
  }
  return undefined;
}
