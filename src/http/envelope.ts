/** The envelope that LXD, Incus and Migration Manager put around their answers. */

import type { ServerResponse } from 'node:http';
import { LogTargetsError, SettingsError } from '../errors.js';

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

const statuses: Readonly<Record<SettingsError['code'], number>> = {
  SETTINGS_INVALID: 400,
  SETTINGS_BROKEN: 409,
  SETTINGS_CONFLICT: 412,
};

/** What a request is answered with that something went wrong for: of our own errors the text, of others none. */
export function asHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof SettingsError) return new HttpError(statuses[error.code], error.message);
  if (error instanceof LogTargetsError) return new HttpError(500, error.message);
  return new HttpError(500, 'Something went wrong');
}

/** Answers with `metadata`. */
export function sendSuccess(
  response: ServerResponse,
  metadata: object,
  headers: Record<string, string>,
): void {
  sendWritten(response, writeSuccess(metadata), headers);
}

/** An answer with `metadata`, written down. */
export function writeSuccess(metadata: object): Buffer {
  return write({
    type: 'sync',
    status: 'Success',
    status_code: 200,
    operation: '',
    error_code: 0,
    error: '',
    metadata,
  });
}

/** Answers with what is written down. */
export function sendWritten(response: ServerResponse, body: Buffer, headers: Record<string, string>): void {
  send(response, 200, body, headers);
}

/** Answers with an error. Clients show the text as HTML: there must be no tag in it. */
export function sendError(response: ServerResponse, { status, message, headers }: HttpError): void {
  const body = write({
    type: 'error',
    status: '',
    status_code: 0,
    operation: '',
    error_code: status,
    error: message.replaceAll('<', '\u2039').replace(/\s+/g, ' '),
    metadata: null,
  });
  send(response, status, body, headers);
}

function send(
  response: ServerResponse,
  status: number,
  body: Buffer,
  headers: Readonly<Record<string, string>>,
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(body);
}

function write(body: object): Buffer {
  return Buffer.from(`${JSON.stringify(body)}\n`);
}
