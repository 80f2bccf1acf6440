/** The server behind `listen`: takes requests, checks them, answers, and tells what it saw. */

import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Content, readBody } from '../events/bodies.js';
import { codeOf } from '../failure.js';
import type { Answers } from './answers.js';
import type { Certificate } from './certificate.js';
import { type Credentials, credentialsProblem, signatureProblem } from './checks.js';
import { forward } from './forward.js';
import { type Reply, refusal, replyTo } from './replies.js';

/** How a receiver behaves. */
export interface ReceiverOptions {
  /** For HTTPS. */
  readonly certificate?: Certificate | undefined;
  /** Demanded of each request. */
  readonly credentials?: Credentials | undefined;
  /** One of them must have signed each request; none: signatures are not looked at. */
  readonly secrets: readonly string[];
  /** None: each protocol's own success. */
  readonly answers?: Answers | undefined;
  readonly forwardTo?: URL | undefined;
  /** Called for each request; what it throws is a failure of the receiver. */
  readonly received: (reception: Reception) => void;
}

/** One request and what became of it. */
export interface Reception {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly retryAfter?: string | undefined;
  /** What was wrong with it. */
  readonly problem?: string;
  /** Its events, as far as they could be read. */
  readonly content?: Content;
}

/** The most bytes of a body, before and after unpacking: targets send at most that much. */
const MAX_BODY_BYTES = 64 * 2 ** 20;

const unzip = promisify(gunzip);

/** A request that cannot be taken. */
class Refused extends Error {
  constructor(
    readonly status: number,
    reason: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(reason);
  }
}

/** A server that is not listening yet. */
export function createReceiver(options: ReceiverOptions): Server {
  const listener: RequestListener = (request, response) => void receive(request, response, options);
  return options.certificate ? createSecureServer(options.certificate, listener) : createServer(listener);
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  options: ReceiverOptions,
): Promise<void> {
  const { method = '', url = '/' } = request;
  const [path = '/'] = url.split('?', 1);
  const seen = { method, path };
  try {
    const raw = await readAll(request);
    checkRequest(request, options);
    const body = await unpack(request, raw);
    checkSignature(request, body, options);
    if (options.forwardTo) {
      const answer = await forward(request, raw, options.forwardTo).catch((error: unknown) => {
        throw new Refused(
          502,
          `${options.forwardTo?.origin} does not answer (${codeOf(error) ?? 'broken off'})`,
        );
      });
      response.writeHead(answer.status, [...answer.rawHeaders]).end(answer.body);
      options.received({ ...seen, status: answer.status, ...understood(request, body, path) });
      return;
    }
    if (method !== 'POST' && method !== 'PUT') {
      throw new Refused(405, `${method} is not for events: POST is`, { allow: 'POST, PUT' });
    }
    const content = readContent(request, body, path);
    const reply = replyTo(content, options.answers?.next());
    // Before the answer: what cannot be kept is not taken.
    options.received({ ...seen, status: reply.status, retryAfter: reply.headers['retry-after'], content });
    send(response, reply);
  } catch (error) {
    if (!request.complete) return; // the sender went away
    const { status, message, headers } = error instanceof Refused ? error : new Refused(500, String(error));
    if (!response.headersSent) send(response, refusal(status, message, headers));
    options.received({ ...seen, status, problem: message });
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (bytes > MAX_BODY_BYTES) throw new Refused(413, `the body is longer than ${MAX_BODY_BYTES} bytes`);
  return Buffer.concat(chunks);
}

function checkRequest({ headers }: IncomingMessage, { credentials }: ReceiverOptions): void {
  const problem = credentials && credentialsProblem(headers, credentials);
  if (problem !== undefined) throw new Refused(401, problem, { 'www-authenticate': 'Basic realm="listen"' });
}

async function unpack({ headers }: IncomingMessage, raw: Buffer): Promise<Buffer> {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return raw;
  if (encoding !== 'gzip')
    throw new Refused(
      415,
      `\`content-encoding\` is \`${encoding.slice(0, 40)}\`, and only \`gzip\` is read here`,
    );
  try {
    return await unzip(raw, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') {
      throw new Refused(413, `the unpacked body is longer than ${MAX_BODY_BYTES} bytes`);
    }
    throw new Refused(400, 'the body is no gzip, although `content-encoding` says so');
  }
}

function checkSignature({ headers }: IncomingMessage, body: Buffer, { secrets }: ReceiverOptions): void {
  const problem = secrets.length > 0 ? signatureProblem(headers, body, secrets) : undefined;
  if (problem !== undefined) throw new Refused(401, problem);
}

function readContent({ headers }: IncomingMessage, body: Buffer, path: string): Content {
  try {
    return readBody(body.toString(), { path, contentType: headers['content-type'] ?? '' });
  } catch (error) {
    throw new Refused(400, (error as SyntaxError).message);
  }
}

/** What is passed on need not be understood. */
function understood(
  request: IncomingMessage,
  body: Buffer,
  path: string,
): Pick<Reception, 'content' | 'problem'> {
  if (body.length === 0) return {};
  try {
    return { content: readContent(request, body, path) };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}
