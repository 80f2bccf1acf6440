/** Sends one batch in one POST and says what came of it. */

import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Batch } from '../queue/batch.js';
import type { LogTargetSettings } from '../settings/schema.js';
import { type Connection, createConnection } from './connection.js';
import { SecretFilter } from './foreign-text.js';
import { outcomeOfVerdict } from './judged.js';
import { defaultOutbound, type Outbound } from './outbound.js';
import { type Outcome, outcomeOf, outcomeOfError } from './outcome.js';
import { AnswerTooLongError, Post } from './post.js';
import { hasSecretFiles, SecretFiles } from './secret-files.js';
import { sign } from './signature.js';

/** Something that can send batches. */
export interface Sender {
  /** Never rejects. */
  send(batch: Batch): Promise<Outcome>;
}

const compress = promisify(gzip);

/** Sends over HTTP(S), on connections of its own. */
export class HttpSender implements Sender {
  readonly #settings: LogTargetSettings;
  readonly #outbound: Outbound;
  readonly #secrets: SecretFiles | undefined;
  /** Made for the first batch: reading certificates takes time that a reload does not have. */
  #connection: { readonly settings: LogTargetSettings; readonly made: Promise<Connection> } | undefined;
  readonly #keepsProcessAlive: boolean;
  readonly #posts = new Set<Post>();
  /** What is left of requests whose status line is read, and whose answers keep their connections busy. */
  readonly #answers = new Set<Promise<void>>();
  #inFlight = 0;
  #isAborted = false;
  #ended = false;

  /**
   * @param outbound what the transport prescribes for it. Default: nothing
   * @param keepsProcessAlive whether a process waits for requests in flight. Default: false; whoever ends it waits
   * as long as it should, and no longer
   */
  constructor(settings: LogTargetSettings, outbound = defaultOutbound, keepsProcessAlive = false) {
    this.#settings = settings;
    this.#outbound = outbound;
    if (hasSecretFiles(settings)) this.#secrets = new SecretFiles(settings, outbound.secretsDirectory);
    this.#keepsProcessAlive = keepsProcessAlive;
  }

  async send(batch: Batch): Promise<Outcome> {
    this.#inFlight++;
    try {
      while (this.#answers.size >= this.#settings.concurrency) await Promise.race(this.#answers);
      const isGzip = this.#settings.compression === 'gzip';
      return await this.#post(batch, isGzip ? await compress(batch.body) : batch.body);
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
    for (const post of this.#posts) post.abort(new Error('the target was closed'));
  }

  /** To what the settings say now, secrets in files included. */
  async #connect(): Promise<Connection> {
    const settings = this.#secrets ? await this.#secrets.read() : this.#settings;
    if (this.#connection?.settings !== settings) {
      this.#retire();
      const made = createConnection(settings, this.#outbound, this.#keepsProcessAlive);
      const connection = { settings, made };
      this.#connection = connection;
      made.catch(() => {
        if (this.#connection === connection) this.#connection = undefined;
      });
    }
    return this.#connection.made;
  }

  /** A secret has changed: what is in flight ends as it began. */
  #retire(): void {
    const retired = this.#connection;
    const inFlight = [...this.#posts].map(({ over }) => over);
    if (retired) void Promise.all(inFlight).then(() => destroyAgent(retired.made));
  }

  /**
   * A kept-alive connection that the server has closed meanwhile is ordinary, and no failure of the target: the
   * request is made again, on the next connection and finally on a new one.
   */
  async #post(batch: Batch, body: Buffer): Promise<Outcome> {
    const { judge } = batch.envelope;
    for (;;) {
      const connection = await this.#connect();
      // It may have been aborted while it waited.
      if (this.#isAborted) throw new Error('the target was closed');
      const post = new Post(connection.client, {
        url: connection.url,
        body,
        headers: headersOf(batch, connection),
        keepsProcessAlive: this.#keepsProcessAlive,
        keptBytes: SecretFilter.of(connection.settings).wantedBytes,
        wantsBody: judge && ((status) => judge.reads(status)),
      });
      this.#posts.add(post);
      void post.over.then(() => this.#posts.delete(post));
      try {
        return await this.#outcome(post, batch, connection);
      } catch (error) {
        if (post.reusedConnection && isReset(error)) continue;
        return { ...(connection.failure?.(error) ?? outcomeOfError(error)), sentBytes: post.sentBytes };
      }
    }
  }

  /** Known with the status line, but for refusals, which are to be told. */
  async #outcome(post: Post, batch: Batch, { settings, refusal }: Connection): Promise<Outcome> {
    const { status, headers, ms, timings } = await post.answer;
    const answered = post.over.finally(() => this.#answers.delete(answered));
    this.#answers.add(answered);
    const { sentBytes } = post;
    const secrets = SecretFilter.of(settings);
    const refused = refusal?.(status, headers);
    if (refused) return { ...refused, timings, sentBytes };
    const outcome = { ...outcomeOf(status, ms, headers['retry-after']), timings, sentBytes };
    if (batch.envelope.judge?.reads(status)) {
      const judged = await judgedOutcome(post, batch, { status, ms, secrets });
      if (judged && !(judged.kind === 'misconfigured' && this.#isOfOlderFormat(batch))) {
        return { ...judged, timings, sentBytes };
      }
    }
    const isRefusal = outcome.kind === 'rejected' || outcome.kind === 'tooLarge';
    if (!isRefusal) return outcome;
    const response = secrets.excerpt(headers['content-type'], await post.beginning);
    return { ...outcome, response };
  }

  /**
   * Its events waited while their target got another format: nobody says that its receiver knows theirs, and an answer
   * that shows otherwise is no reason to keep all that is behind them waiting.
   */
  #isOfOlderFormat({ events: [first] }: Batch): boolean {
    return first?.format !== this.#settings.event_format;
  }

  #closeWhenIdle(): void {
    if (this.#inFlight > 0) return;
    if (this.#connection) destroyAgent(this.#connection.made);
  }
}

/** `undefined` when the body says nothing that the status does not say. */
async function judgedOutcome(
  post: Post,
  { envelope, events }: Batch,
  { status, ms, secrets }: { status: number; ms: number; secrets: SecretFilter },
): Promise<Outcome | undefined> {
  const count = events.length;
  try {
    const verdict = envelope.judge?.judge(status, await post.body, count);
    const hide = (text: string) => secrets.hide(text);
    return verdict && outcomeOfVerdict({ status, ms, verdict, count, hide });
  } catch (error) {
    const { kind, ...failure } = outcomeOfError(error);
    if (!(error instanceof AnswerTooLongError)) return { kind, ...failure, status };
    // Fewer events make a shorter answer; to one alone nobody has that much to say.
    return { ...failure, kind: count > 1 ? 'tooLarge' : 'misconfigured', status };
  }
}

function headersOf({ id, body, envelope }: Batch, { settings, headers }: Connection): Record<string, string> {
  const timestamp = Math.floor(Date.now() / 1000);
  const { compression, signing_secrets } = settings;
  return {
    'user-agent': 'winston-log-targets',
    ...envelope.headers,
    ...headers,
    'content-type': envelope.contentType,
    ...(compression === 'gzip' && { 'content-encoding': 'gzip' }),
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    ...(signing_secrets.length > 0 && { 'webhook-signature': sign(signing_secrets, id, timestamp, body) }),
  };
}

function destroyAgent(made: Promise<Connection>): void {
  made.then(
    ({ agent }) => agent.destroy(),
    () => {},
  );
}

function isReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}
