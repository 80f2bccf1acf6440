/** Passes a request on to another receiver as it came, and brings its answer back. */

import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { buffer } from 'node:stream/consumers';

/** What the other receiver answered. */
export interface ForwardedAnswer {
  readonly status: number;
  /** Name and value by turns, in their order. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** They belong to one connection, not to the message. */
const ofTheConnection = new Set([
  'connection',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * A URL that names a path gets every request at that path; one that names only a host gets each at its own.
 * @returns rejects when there is no answer
 */
export async function forward(
  { method, url, rawHeaders }: IncomingMessage,
  body: Buffer,
  to: URL,
): Promise<ForwardedAnswer> {
  const target = to.pathname === '/' && to.search === '' ? new URL(url ?? '/', to) : to;
  const request = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const headers = endToEnd(rawHeaders);
  headers.push('Host', target.host);
  // It came in pieces, and is whole now.
  if (!/^content-length$/im.test(headers.join('\n'))) headers.push('Content-Length', String(body.length));
  const outgoing = request(target, { method, headers });
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve).once('error', reject).end(body);
  });
  return {
    status: answer.statusCode ?? 502,
    rawHeaders: endToEnd(answer.rawHeaders),
    body: await buffer(answer),
  };
}

function endToEnd(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, index) => {
    const name = rawHeaders[index & ~1] ?? '';
    return !ofTheConnection.has(name.toLowerCase());
  });
}
