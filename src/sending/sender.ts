/** Sends one batch in one POST and says what came of it. */

import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { timerMs } from '../model/duration.js';
import type { Batch } from '../queue/batch.js';
import type { LogTargetSettings } from '../settings/schema.js';
import { type Connection, createConnection } from './connection.js';
import { contentTypeOf } from './content-type.js';
import { type Outcome, outcomeOf, outcomeOfError } from './outcome.js';
import { sign } from './signature.js';

/** Something that can send batches. */
export interface Sender {
  /** Never rejects. */
  send(batch: Batch): Promise<Outcome>;
}

/** How much of an answer's body is read, only to keep the connection: what is longer or slower costs it. */
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_ANSWER_WAIT_MS = 250;
/** How much of a refusal is kept with the events that it refuses. */
const MAX_RESPONSE_BYTES = 1024;

const compress = promisify(gzip);

/** Sends over HTTP(S), on connections of its own. */
export class HttpSender implements Sender {
  readonly #settings: LogTargetSettings;
  /** Made for the first batch: reading certificates takes time that a reload does not have. */
  #connection: Connection | undefined;
  readonly #timeoutMs: number;
  readonly #keepsProcessAlive: boolean;
  readonly #requests = new Set<ClientRequest>();
  /** Answers whose status line is read, and whose bodies keep their connections busy. */
  readonly #answers = new Set<Promise<void>>();
  #inFlight = 0;
  #isAborted = false;
  #ended = false;

  /**
   * @param keepsProcessAlive whether a process waits for requests in flight. Default: false; whoever ends it waits
   * as long as it should, and no longer
   */
  constructor(settings: LogTargetSettings, keepsProcessAlive = false) {
    this.#settings = settings;
    this.#keepsProcessAlive = keepsProcessAlive;
    this.#timeoutMs = timerMs(settings.timeout);
  }

  async send(batch: Batch): Promise<Outcome> {
    this.#inFlight++;
    try {
      while (this.#answers.size >= this.#settings.concurrency) await Promise.race(this.#answers);
      this.#connection ??= await createConnection(this.#settings);
      const isGzip = this.#settings.compression === 'gzip';
      const body = isGzip ? await compress(batch.body) : batch.body;
      const headers = {
        'user-agent': 'winston-log-targets',
        ...this.#connection.headers,
        'content-type': contentTypeOf(batch),
        ...(isGzip && { 'content-encoding': 'gzip' }),
        ...this.#webhookHeaders(batch),
      };
      return await this.#post(this.#connection, body, headers);
    } catch (error) {
      return outcomeOfError(error);
    } finally {
      this.#inFlight--;
      if (this.#ended) this.#closeWhenIdle();
    }
  }

  /** Whether requests are in flight. */
  get isBusy(): boolean {
    return this.#inFlight > 0;
  }

  /** Closes the connections, each when its request is done. */
  end(): void {
    this.#ended = true;
    this.#closeWhenIdle();
  }

  /** Breaks off the requests in flight and closes all connections. */
  abort(): void {
    this.#isAborted = true;
    this.end();
    for (const request of this.#requests) request.destroy(new Error('the target was closed'));
  }

  #webhookHeaders({ id, body }: Batch): Record<string, string> {
    const timestamp = Math.floor(Date.now() / 1000);
    const secrets = this.#settings.signing_secrets;
    return {
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      ...(secrets.length > 0 && { 'webhook-signature': sign(secrets, id, timestamp, body) }),
    };
  }

  /**
   * A kept-alive connection that the server has closed meanwhile is ordinary, and no failure of the target: the
   * request is made again, on the next connection and finally on a new one.
   */
  async #post(connection: Connection, body: Buffer, headers: Record<string, string>): Promise<Outcome> {
    for (;;) {
      const outcome = await this.#attempt(connection, body, headers);
      if (outcome !== 'stale') return outcome;
    }
  }

  /** Settles with the status line: what becomes of the rest of the answer changes nothing any more. */
  #attempt(
    { agent, request: createRequest }: Connection,
    body: Buffer,
    headers: OutgoingHttpHeaders,
  ): Promise<Outcome | 'stale'> {
    // It may have been aborted while it waited.
    if (this.#isAborted) return Promise.resolve(outcomeOfError(new Error('the target was closed')));
    const startedAt = performance.now();
    const request = createRequest(this.#settings.address, { method: 'POST', agent, headers });
    const timer = setTimeout(
      () => request.destroy(new TimeoutError(this.#timeoutMs)),
      this.#timeoutMs,
    ).unref();
    this.#requests.add(request);
    const answered = new Promise<Outcome | 'stale'>((resolve) => {
      if (!this.#keepsProcessAlive) request.once('socket', (socket) => socket.unref());
      request.once('response', (response) => {
        const ms = performance.now() - startedAt;
        const outcome = outcomeOf(response.statusCode ?? 0, ms, response.headers['retry-after']);
        const isRefusal = outcome.kind === 'rejected' || outcome.kind === 'tooLarge';
        if (isRefusal) void readBeginning(response).then((text) => resolve({ ...outcome, response: text }));
        else resolve(outcome);
        const discarded = discardRest(response).finally(() => {
          this.#answers.delete(discarded);
          this.#requests.delete(request);
        });
        this.#answers.add(discarded);
      });
      // Otherwise nobody would ever hear of an answer that switches protocols.
      request.once('upgrade', (_response, socket: Duplex) => {
        resolve(outcomeOf(101, performance.now() - startedAt, undefined));
        this.#requests.delete(request);
        socket.destroy();
      });
      request.on('error', (error) => {
        this.#requests.delete(request);
        resolve(request.reusedSocket && isReset(error) ? 'stale' : outcomeOfError(error));
      });
    });
    request.end(body);
    return answered.finally(() => clearTimeout(timer));
  }

  #closeWhenIdle(): void {
    if (this.#inFlight > 0) return;
    this.#connection?.agent.destroy();
  }
}

/** The beginning of an answer's body, as far as it comes within the limits. */
function readBeginning(answer: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const done = () => {
      const bytes = Buffer.concat(chunks).subarray(0, MAX_RESPONSE_BYTES);
      // Cut off in the middle of a character, that one is left out.
      resolve(new TextDecoder().decode(bytes, { stream: true }));
    };
    let bytes = 0;
    answer.on('data', (chunk: Buffer) => {
      if (bytes < MAX_RESPONSE_BYTES) chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MAX_RESPONSE_BYTES) done();
    });
    answer.once('close', done);
  });
}

/** Reads an answer's body to its end, so that its connection can be used again, or breaks it off at the limits. */
function discardRest(answer: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    const timer = setTimeout(() => answer.destroy(), MAX_ANSWER_WAIT_MS).unref();
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) answer.destroy();
    });
    for (const event of ['end', 'close']) {
      answer.once(event, () => {
        clearTimeout(timer);
        resolve();
      });
    }
  });
}

/** The receiver accepted the connection, but did not answer in time. */
class TimeoutError extends Error {
  readonly code = 'ETIMEDOUT';

  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
  }
}

function isReset(error: Error): boolean {
  return 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}
