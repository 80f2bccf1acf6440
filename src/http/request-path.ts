/** Tells which of our paths a request is for. */

import type { IncomingMessage } from 'node:http';

/** A request as Express and Connect hand it on. */
export interface RoutedRequest extends IncomingMessage {
  /** The URL before a framework took the path off where it mounted the handler. */
  originalUrl?: string | undefined;
}

/** Which of `paths` it is, `undefined` for none. Frameworks that mount a handler below a path take that off `url`. */
export function pathOf<Path extends string>(
  { url, originalUrl }: RoutedRequest,
  paths: readonly Path[],
): Path | undefined {
  const given = [url, originalUrl].map((each) => each?.replace(/[?#].*/s, ''));
  return paths.find((path) => given.includes(path));
}
