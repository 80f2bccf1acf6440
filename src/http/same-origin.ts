/** Keeps pages of other sites out, which browsers let in with the user's cookies and certificates. */

import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { describe } from '../model/describe.js';
import { parseUrl } from '../model/url.js';
import { HttpError } from './envelope.js';

/**
 * Refuses what a browser asks for a page of another site, and what was meant for another host: a page whose own name
 * leads here (DNS rebinding) says that of its own. Clients that are no browsers say nothing of a site.
 * @param hosts the names under which this server is known, with or without a port. Default: any
 * @param refusal the text for those pages
 * @throws HttpError 403
 */
export function checkSite(
  request: IncomingMessage,
  hosts?: readonly string[],
  refusal = 'Pages of other sites may not ask',
): void {
  if (hosts && !isKnownHost(request.headers.host, hosts)) throw new HttpError(403, 'This is another host');
  if (isForAnotherSite(request, hosts)) throw new HttpError(403, refusal);
}

/** Whether a browser makes a request for a page of another site. */
function isForAnotherSite({ headers, socket }: IncomingMessage, hosts: readonly string[] = []): boolean {
  const site = headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site') return true;
  if (headers.origin === undefined) return false;
  const origin = parseUrl(headers.origin);
  if (origin === undefined) return true;
  // A proxy may stand between that speaks TLS, but none that takes it away.
  if ((socket as Partial<TLSSocket>).encrypted && origin.protocol !== 'https:') return true;
  // Read with the same scheme, so that its port is left out by both or by none.
  const own = parseUrl(`${origin.protocol}//${headers.host}`);
  return own?.host !== origin.host && !isKnownHost(origin.host, hosts);
}

/** @throws TypeError when `hosts` is no list of names */
export function checkHosts(hosts: unknown): void {
  if (hosts === undefined) return;
  if (!Array.isArray(hosts) || !hosts.every((host) => typeof host === 'string' && host !== '')) {
    throw new TypeError(`Expected \`hosts\` to be a list of host names, got ${describe(hosts)}`);
  }
}

function isKnownHost(host: string | undefined, hosts: readonly string[]): boolean {
  const asked = parseUrl(`http://${host}`);
  if (host === undefined || asked === undefined) return false;
  return hosts.some((known) => {
    const name = known.toLowerCase();
    return name === asked.hostname || name === host.toLowerCase();
  });
}
