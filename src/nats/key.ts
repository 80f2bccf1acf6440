/** One key of a JetStream key-value bucket: read, written, heard of. */

import { setTimeout as sleep } from 'node:timers/promises';
import { type KV, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';

/** A connection, or one that is on its way. */
export type Connection = NatsConnection | PromiseLike<NatsConnection>;

/** What a key held at one moment. */
export interface Entry {
  readonly text: string;
  /** Of this bucket, growing with each write. */
  readonly sequence: number;
  /** Unlike the sequence, also another one when the bucket was made anew. */
  readonly revision: string;
}

/** Error codes of JetStream. */
const STREAM_NOT_FOUND = 10059;
/** What somebody is told who makes a bucket in the same moment as somebody else: name in use, subjects overlap. */
const ALREADY_MADE = [10058, 10065];
const WRONG_LAST_SEQUENCE = 10071;

/** How many versions a bucket keeps: of the last changes it can be seen what they were. */
const HISTORY = 5;

/** Longest that NATS may take to answer, in milliseconds. */
const ANSWER_TIMEOUT_MS = 5000;
/** Until it is asked again when it is not ready. */
const AGAIN_AFTER_MS = 100;
/**
 * Members that start together make a bucket that is missing one after the other: of two that do so in the same moment
 * one is refused, and servers have been seen to answer neither, nor anything about that bucket afterwards (2.9).
 */
const SPREAD_MS = 500;

/** The key holds another entry than the expected one. */
export class KeyConflict extends Error {}

/** The bucket is made when it is not there. Each call fails when NATS does not answer in time. */
export class Key {
  readonly #connection: Connection;
  readonly #bucket: string;
  readonly #key: string;
  #kv: KV | undefined;

  constructor(connection: Connection, bucket: string, key: string) {
    this.#connection = connection;
    this.#bucket = bucket;
    this.#key = key;
  }

  /** `undefined` when there is none. */
  async read(): Promise<Entry | undefined> {
    return this.#ask(async (kv) => {
      const entry = await kv.get(this.#key);
      if (entry === null || entry.operation !== 'PUT') return undefined;
      const revision = `${entry.revision}-${entry.created.getTime().toString(36)}`;
      return { text: entry.string(), sequence: entry.revision, revision };
    });
  }

  /**
   * Writes, where the key still holds `expected`; `undefined`: where it holds nothing.
   * @throws KeyConflict when it does not
   */
  async write(text: string, expected: Entry | undefined): Promise<void> {
    await this.#ask(async (kv) => {
      const { max_payload = Number.POSITIVE_INFINITY } = (await this.#connection).info ?? {};
      const bytes = Buffer.byteLength(text);
      if (bytes > max_payload) throw new RangeError(`${bytes} bytes; NATS takes at most ${max_payload}`);
      try {
        await (expected ? kv.update(this.#key, text, expected.sequence) : kv.create(this.#key, text));
      } catch (error) {
        if (codeOf(error) === WRONG_LAST_SEQUENCE) throw new KeyConflict();
        throw error;
      }
    });
  }

  /**
   * Calls `onWrite` when somebody writes, or tries to. Each write is a message on a subject of its own: to hear of it
   * takes no consumer, which could be left behind or die with its server.
   * @returns ends it
   */
  async listen(onWrite: () => void): Promise<() => void> {
    const connection = await this.#connection;
    const subscription = connection.subscribe(`$KV.${this.#bucket}.${this.#key}`, {
      callback: () => onWrite(),
    });
    return () => subscription.unsubscribe();
  }

  /** Calls `onReconnect` each time the connection was lost and is there again. */
  async watchConnection(onReconnect: () => void): Promise<void> {
    for await (const { type } of (await this.#connection).status()) {
      if (type === 'reconnect') onReconnect();
    }
  }

  /** While JetStream is not ready, as in a start or when a bucket comes or goes just now, it is asked again. */
  async #ask<Answer>(question: (kv: KV) => Promise<Answer>): Promise<Answer> {
    const giveUpAtMs = performance.now() + ANSWER_TIMEOUT_MS;
    return within(ANSWER_TIMEOUT_MS, async () => {
      for (;;) {
        try {
          return await this.#askOnce(question);
        } catch (error) {
          if (!isTransient(error) || performance.now() + AGAIN_AFTER_MS > giveUpAtMs) throw error;
          await sleep(AGAIN_AFTER_MS, undefined, { ref: false });
        }
      }
    });
  }

  async #askOnce<Answer>(question: (kv: KV) => Promise<Answer>): Promise<Answer> {
    const kvm = new Kvm(await this.#connection);
    const use = async () => {
      // Who may not make buckets may still use one.
      this.#kv ??= await kvm.open(this.#bucket);
      return question(this.#kv);
    };
    try {
      return await use();
    } catch (error) {
      if (codeOf(error) !== STREAM_NOT_FOUND) throw error;
    }
    await sleep(Math.random() * SPREAD_MS, undefined, { ref: false });
    try {
      return await use();
    } catch (error) {
      if (codeOf(error) !== STREAM_NOT_FOUND) throw error;
      this.#kv = await kvm.create(this.#bucket, { history: HISTORY, allow_direct: false });
      return question(this.#kv);
    }
  }
}

/** Of JetStream's answers, those that ask for patience. */
function isTransient(error: unknown): boolean {
  const isNotReady = error instanceof Error && 'status' in error && error.status === 503;
  return isNotReady || ALREADY_MADE.some((code) => code === codeOf(error));
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

async function within<Value>(timeoutMs: number, act: () => Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`NATS did not answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([act(), late]);
  } finally {
    clearTimeout(timer);
  }
}
