/** Keeps pages of other sites out, which browsers let in with the user's cookies and certificates. */
import type { IncomingMessage } from 'node:http';

/** Whether a browser makes a request for a page of another site. Other clients say nothing of the kind. */
export function isForAnotherSite({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site') return true;
  const { origin, host } = headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host?.toLowerCase();
}
