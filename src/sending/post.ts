/** One POST: settled with the status line, over when its connection is free again or gone. */

import type { Agent, ClientRequest, IncomingHttpHeaders } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  type Delays,
  type Got,
  got,
  type Request,
  RequestError,
  type RequestFunction,
  TimeoutError,
} from 'got';
import { AttemptError, timedOut } from './attempt-error.js';
import type { Timings } from './outcome.js';

/** How much of an answer's body is read, only to keep the connection: what is longer or slower costs it. */
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_ANSWER_WAIT_MS = 250;

/** How much of it is read where it tells of single events. */
const MAX_WANTED_BYTES = 2 ** 20;

/** Who is there answers a handshake in this time: a dead host is known before the whole attempt is over. */
export const CONNECT_TIMEOUT_MS = 5000;

/** What can be told of an answer once its status line and headers are there. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** From the start of the attempt. */
  readonly ms: number;
  readonly timings: Timings;
}

/** What all requests of a sender have in common. */
export interface ClientOptions {
  readonly agent: Agent;
  /** Of a whole attempt, from the look-up of the host's name to the last byte of the answer. */
  readonly timeoutMs: number;
  /** Of each of the steps to a connection: look-up, TCP, TLS. Default: 5,000. */
  readonly connectTimeoutMs?: number;
  /** Whether connections lead to a proxy, and have limits of their own. Default: false. */
  readonly isProxied?: boolean;
  /** Makes the request. Default: as Node does. */
  readonly request?: RequestFunction;
}

/**
 * A client that does nothing of its own accord: whatever goes wrong is told, and retries, redirects and statuses are
 * for others to act upon. Made once for many requests, since checking options takes time.
 */
export function createClient({
  agent,
  timeoutMs,
  connectTimeoutMs = CONNECT_TIMEOUT_MS,
  isProxied = false,
  request,
}: ClientOptions): Got {
  const phaseMs = Math.min(connectTimeoutMs, timeoutMs);
  const phases = isProxied ? {} : { lookup: phaseMs, connect: phaseMs, secureConnect: phaseMs };
  return got.extend({
    method: 'POST',
    agent: { http: agent, https: agent as HttpsAgent },
    timeout: { ...phases, request: timeoutMs },
    ...(request && { request }),
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
    https: { rejectUnauthorized: true },
  });
}

/** What is sent, and where. */
export interface PostOptions {
  readonly url: URL;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the process waits for it. */
  readonly keepsProcessAlive: boolean;
  /** How much of the answer's body is kept, see `beginning`. */
  readonly keptBytes: number;
  /** Whether an answer with this status is read as a whole, see `body`. Default: none is. */
  readonly wantsBody?: ((status: number) => boolean) | undefined;
}

/** A request on its way. */
export class Post {
  /** Rejects when there is none. */
  readonly answer: Promise<Answer>;
  /** The beginning of the answer's body, as far as it comes within the limits. Never rejects. */
  readonly beginning: Promise<string>;
  /** The whole body of an answer that is wanted so; rejects when it does not come, or is too long. */
  readonly body: Promise<string>;
  /** Resolves when nothing is left of it: what became of the answer's body changes nothing any more. */
  readonly over: Promise<void>;
  readonly #stream: Request;
  readonly #startedAt = performance.now();
  #request: ClientRequest | undefined;
  #isBodyWanted = false;

  constructor(client: Got, options: PostOptions) {
    const { url, body, headers, keepsProcessAlive, keptBytes, wantsBody } = options;
    const stream = client.stream(url, { body, headers });
    this.#stream = stream;
    if (!keepsProcessAlive) stream.once('socket', (socket: Socket) => socket.unref());
    stream.once('request', (request: ClientRequest) => {
      this.#request = request;
      // The client listens for the first error only; of another one the process would die.
      request.on('error', () => {});
    });
    this.answer = new Promise((resolve, reject) => {
      stream.once('response', ({ statusCode, headers: received }) => {
        this.#isBodyWanted = wantsBody?.(statusCode) ?? false;
        resolve(this.#answer(statusCode, received));
        this.#finish();
      });
      // Otherwise nobody would ever hear of an answer that switches protocols.
      stream.once('upgrade', (_response: unknown, socket: Duplex) => {
        resolve(this.#answer(101, {}));
        socket.destroy();
        stream.destroy();
      });
      stream.on('error', (error) => reject(causeOf(error)));
    });
    this.beginning = this.#readBody(keptBytes);
    this.body = this.#readWholeBody();
    // Mostly nobody waits for it.
    this.body.catch(() => {});
    this.over = new Promise((resolve) => stream.once('close', resolve));
  }

  /** Whether the connection had served another request before. */
  get reusedConnection(): boolean {
    return this.#stream.reusedSocket === true;
  }

  /** Bytes of the body that were written to the connection. */
  get sentBytes(): number {
    return this.#stream.uploadProgress.transferred;
  }

  /** Breaks it off. */
  abort(error: Error): void {
    this.#stream.destroy(error);
  }

  #answer(status: number, headers: IncomingHttpHeaders): Answer {
    return { status, headers, ms: performance.now() - this.#startedAt, timings: timingsOf(this.#stream) };
  }

  /** What is longer than it may be ends here, and costs the connection. */
  #readBody(keptBytes: number): Promise<string> {
    const stream = this.#stream;
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const done = () => {
        const kept = Buffer.concat(chunks).subarray(0, keptBytes);
        // Cut off in the middle of a character, that one is left out.
        resolve(new TextDecoder().decode(kept, { stream: true }));
      };
      stream.on('data', (chunk: Buffer) => {
        if (bytes < keptBytes) chunks.push(chunk);
        bytes += chunk.length;
        if (bytes >= keptBytes) done();
        if (bytes > MAX_ANSWER_BYTES && !this.#isBodyWanted) stream.destroy();
      });
      stream.once('close', done);
    });
  }

  #readWholeBody(): Promise<string> {
    const stream = this.#stream;
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      stream.on('data', (chunk: Buffer) => {
        if (!this.#isBodyWanted) return;
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > MAX_WANTED_BYTES) stream.destroy(new AnswerTooLongError());
      });
      stream.once('end', () => resolve(Buffer.concat(chunks).toString()));
      stream.once('error', (error) => reject(causeOf(error)));
      stream.once('close', () => reject(new AttemptError('ECONNRESET', 'the answer broke off')));
    });
  }

  /**
   * The status line is there. The rest is waited for, so that the connection can be used again, but not for long; and
   * then the stream is let go, which would be kept as long as the connection otherwise, with its body.
   */
  #finish(): void {
    const stream = this.#stream;
    if (!this.#isBodyWanted) {
      const timer = setTimeout(() => stream.destroy(), MAX_ANSWER_WAIT_MS).unref();
      stream.once('close', () => clearTimeout(timer));
    }
    this.#request?.once('close', () => {
      if (stream.readableEnded) stream.destroy();
      else stream.once('end', () => stream.destroy());
    });
  }
}

/** There is more of an answer than anybody reads. */
export class AnswerTooLongError extends AttemptError {
  constructor() {
    super('ANSWER_TOO_LONG', `the answer has more than ${MAX_WANTED_BYTES} bytes`);
  }
}

/** A kept connection still tells how long it took to make; a tunnel is made before there is a socket. */
function timingsOf({ timings, reusedSocket }: Request): Timings {
  const { wait = 0, dns = 0, tcp = 0, tls = 0, firstByte = 0 } = timings?.phases ?? {};
  const connecting = reusedSocket
    ? { dnsMs: 0, tcpMs: 0, tlsMs: 0 }
    : { dnsMs: dns, tcpMs: wait + tcp, tlsMs: tls };
  return { ...connecting, firstByteMs: firstByte || 0 };
}

/** What happened, without what the client wraps it in: that holds the whole request, its body included. */
function causeOf(error: unknown): unknown {
  if (error instanceof TimeoutError) {
    const limits = error.request.options.timeout;
    const missing = missingIn[error.event] ?? 'answer';
    return timedOut('ETIMEDOUT', `no ${missing}`, limits[error.event as keyof Delays] ?? 0);
  }
  if (!(error instanceof RequestError)) return error;
  // Of an answer that breaks off it says so by something that is no error.
  return error.cause instanceof Error ? error.cause : new AttemptError(error.code, error.message);
}

/** What does not come in a phase whose time is over. */
const missingIn: Readonly<Record<string, string>> = {
  lookup: 'IP address of the host',
  connect: 'connection',
  secureConnect: 'TLS connection',
};
