/** Reads the JSON body of a request, however it is labelled, and no more of it than is bearable. */

import type { IncomingMessage } from 'node:http';
import { MAX_TIMER_MS } from '../model/duration.js';
import { HttpError } from './envelope.js';

/** A request that a framework may have read already. */
export interface ReadableRequest extends IncomingMessage {
  /** What a framework has read already; then the request itself is not read. */
  body?: unknown;
}

/** The largest body, in bytes. */
const MAX_BYTES = 2 ** 20;

/** The most parts of a body: twice what a thousand targets with all their keys have. */
const MAX_PARTS = 150_000;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const BRACE = 0x7b;
const BRACKET = 0x5b;

/**
 * The value of a request's body: what a framework has parsed already, or what is read and parsed here.
 * @param timeoutMs longest that the body may take to arrive
 * @throws HttpError 400 for what is no JSON, 408 for what takes too long, 413 for what is larger than 1 MiB
 */
export async function readJsonBody(request: ReadableRequest, timeoutMs: number): Promise<unknown> {
  const { body } = request;
  if (Number(request.headers['content-length']) > MAX_BYTES) throw tooLarge();
  if (typeof body === 'string' || Buffer.isBuffer(body)) return parse(Buffer.from(body));
  // Frameworks put an empty object where they did not feel responsible.
  const isRead =
    request.readableEnded || (typeof body === 'object' && body !== null && Object.keys(body).length > 0);
  if (body !== undefined && isRead) return refuseForm(request, body);
  if (request.readableEnded) throw new HttpError(400, 'The body was read before, and is not in `req.body`');
  return parse(await readBytes(request, timeoutMs));
}

/** What a form parser makes of JSON is lost: it is told as such, not key by key. */
function refuseForm(request: IncomingMessage, body: unknown): unknown {
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')) return body;
  throw new HttpError(400, 'The body was parsed as a form before it got here; send it as application/json');
}

function parse(bytes: Buffer): unknown {
  if (bytes.length > MAX_BYTES) throw tooLarge();
  if (partsOf(bytes) > MAX_PARTS) throw new HttpError(400, 'The body has too many parts');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    // The parser's own message quotes the body, which may hold a secret.
    const [, position] = /position (\d+)/.exec(String(error)) ?? [];
    throw new HttpError(
      400,
      `The body is not valid JSON${position === undefined ? '' : `, at position ${position}`}`,
    );
  }
}

/** Commas, colons, braces and brackets that are not in a text: making objects of very many takes its time. */
function partsOf(bytes: Buffer): number {
  let parts = 0;
  let isText = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (byte === QUOTE) isText = !isText;
    else if (isText && byte === BACKSLASH) index++;
    else if (!isText && (byte === COMMA || byte === COLON || byte === BRACE || byte === BRACKET)) parts++;
  }
  return parts;
}

function readBytes(request: IncomingMessage, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let isFinished = false;
    const finish = (error?: Error) => {
      if (isFinished) return;
      isFinished = true;
      clearTimeout(timer);
      request.off('data', take);
      if (error === undefined) {
        resolve(Buffer.concat(chunks));
      } else {
        reject(error);
      }
    };
    const take = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) finish(tooLarge());
      else chunks.push(chunk);
    };
    const timer = setTimeout(
      () => finish(new HttpError(408, 'The body took too long to arrive', { connection: 'close' })),
      Math.min(timeoutMs, MAX_TIMER_MS),
    );
    request.on('data', take);
    request.once('end', () => finish());
    request.once('error', () => finish(new HttpError(400, 'The body did not arrive')));
    request.once('close', () => finish(new HttpError(400, 'The body did not arrive')));
  });
}

function tooLarge(): HttpError {
  return new HttpError(413, 'The body is larger than 1 MiB', { connection: 'close' });
}
