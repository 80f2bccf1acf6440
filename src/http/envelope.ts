/** The envelope that LXD, Incus and Migration Manager put around their answers. */

import type { ServerResponse } from 'node:http';

/** A request that is answered with an error: `status` and a text for people. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** Answers with `metadata`. */
export function sendSuccess(
  response: ServerResponse,
  metadata: object,
  headers: Record<string, string>,
): void {
  const body = {
    type: 'sync',
    status: 'Success',
    status_code: 200,
    operation: '',
    error_code: 0,
    error: '',
    metadata,
  };
  send(response, 200, body, headers);
}

/** Answers with an error. Clients show the text as HTML: there must be no tag in it. */
export function sendError(response: ServerResponse, { status, message, headers }: HttpError): void {
  const body = {
    type: 'error',
    status: '',
    status_code: 0,
    operation: '',
    error_code: status,
    error: message.replaceAll('<', '\u2039').replace(/\s+/g, ' '),
    metadata: null,
  };
  send(response, status, body, headers);
}

function send(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>>,
): void {
  if (response.headersSent || response.destroyed) return;
  const text = Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': text.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(text);
}
