/** Transports with a spool, and what tests of it have in common. */

import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import * as api from '../../src/index.js';
import type { ReceivedEvent } from './receiver.js';
import { createTestTransport, type TestTransport } from './transport.js';

export interface SpoolOptions {
  readonly directory: string;
  readonly maxBytes?: number;
  /** Milliseconds. */
  readonly maxAge?: number;
}

interface DeadLetter {
  readonly id: string;
  /** ISO time. */
  readonly at: string;
  readonly status: number;
  /** The first KiB of the answer that refused it. */
  readonly response: string;
  readonly event: ReceivedEvent;
}

export type SpoolReport =
  | { type: 'spoolUnavailable'; directory: string; error: { code: string; message: string } }
  | { type: 'spoolDamaged'; directory: string; setAside: string; events: number | 'unknown' }
  | { type: 'spoolRecovered'; directory: string };

interface SpoolError extends Error {
  readonly code: 'SPOOL_UNAVAILABLE';
  readonly directory: string;
}

/** What these tests know of the spool beyond the types of the package: looked up here, and nowhere else. */
export interface SpooledTransport extends TestTransport {
  readonly spoolReports: readonly SpoolReport[];
  /** Resolves with the first report of this type, past or to come; rejects when there is none in time. */
  spoolReport<Type extends SpoolReport['type']>(
    type: Type,
    timeoutMs?: number,
  ): Promise<Extract<SpoolReport, { type: Type }>>;
  deadLetters(name?: string): Promise<DeadLetter[]>;
  replay(filter?: { ids?: readonly string[]; since?: string }, name?: string): Promise<number>;
  /** Ends the transport and waits for `finish`. */
  close(): Promise<void>;
}

/** The class that the package exports; compared with `toBeInstanceOf`. */
export function spoolErrorClass(): new (...args: never[]) => SpoolError {
  const found = (api as unknown as Record<string, unknown>).SpoolError;
  if (typeof found !== 'function') throw new Error('The package does not export `SpoolError`');
  return found as never;
}

/** A transport on a spool; closing it does not wait long for receivers that are down. */
export function createSpooledTransport(
  targets: readonly api.LogTarget[],
  spool: SpoolOptions,
  options: Omit<api.EventTransportOptions, 'targets'> = {},
): SpooledTransport {
  const all = { shutdownTimeoutMs: 100, ...options, spool };
  const test = createTestTransport(targets, all as typeof options);
  const { transport } = test;
  const spooled = transport as unknown as {
    deadLetters(name: string): Promise<DeadLetter[]>;
    replay(name: string, filter?: object): Promise<number>;
  };
  onTestFinished(async () => {
    if (transport.closed) return;
    transport.destroy();
    if (!transport.closed) await within(once(transport, 'close'), 30_000, '`close`');
  });
  return {
    ...test,
    get spoolReports() {
      return (test.reports as unknown as SpoolReport[]).filter(({ type }) => type.startsWith('spool'));
    },
    spoolReport: (type, timeoutMs = 30_000) =>
      within(test.report(type as never), timeoutMs, `the report \`${type}\``) as never,
    deadLetters: (name = 'siem') => spooled.deadLetters(name),
    replay: (filter, name = 'siem') => spooled.replay(name, filter),
    close: async () => {
      const finished = once(transport, 'finish');
      const owner = ownerOf(spool.directory);
      const isOurs = !(test.reports as unknown as SpoolReport[]).some(
        ({ type }) => type === 'spoolUnavailable',
      );
      transport.end();
      await within(finished, 30_000, '`finish`');
      // A slow disk is not waited for by `finish`: whoever is next must find the directory free.
      if (isOurs && owner) await eventually(() => expect(ownerOf(spool.directory)).not.toBe(owner));
    },
  };
}

/** What the link says that names the owner of a directory. */
function ownerOf(directory: string): string | undefined {
  try {
    return readlinkSync(join(directory, 'owner'));
  } catch {
    return undefined;
  }
}

/** The path of a spool that does not exist yet; it and what was set aside beside it are gone after the test. */
export function spoolDirectory(): string {
  const parent = mkdtempSync(join(tmpdir(), 'winston-log-targets-spool-'));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }));
  return join(parent, 'spool');
}

/** All files below a directory, as paths from it. */
export function filesIn(directory: string): string[] {
  const all = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return all.filter((path) => statSync(join(directory, path), { throwIfNoEntry: false })?.isFile()).sort();
}

/** Bytes that a spool takes. */
export function bytesIn(directory: string): number {
  const sizeOf = (path: string) => statSync(join(directory, path), { throwIfNoEntry: false })?.size ?? 0;
  return filesIn(directory).reduce((sum, path) => sum + sizeOf(path), 0);
}

/** Turns one bit of a file, counted from its start. */
export function flipBit(path: string, bit: number): void {
  const bytes = readFileSync(path);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  writeFileSync(path, bytes);
}

/** What was set aside of a damaged spool: directories beside it. */
export function setAsideOf(directory: string): string[] {
  const parent = dirname(directory);
  if (!existsSync(parent)) return [];
  const prefix = `${basename(directory)}.damaged-`;
  return readdirSync(parent)
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(parent, name));
}

/** `first`, ..., `last`, as messages. */
export function numbers(first: number, last: number): string[] {
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, index) => String(first + index));
}

/** Rejects with a text that says what was waited for. */
export async function within<Value>(
  promise: Promise<Value>,
  timeoutMs: number,
  what: string,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until nothing throws; for what no event tells of. */
export function eventually<Value>(check: () => Value | Promise<Value>, timeout = 30_000): Promise<Value> {
  return vi.waitFor(check, { timeout, interval: 10 });
}

/** Numbers from 0 to 1 that a seed gives again: https://en.wikipedia.org/wiki/Xorshift. */
export function createRandom(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** `SPOOL_SEED`, or one of its own for each run. */
export const seed = Number(process.env.SPOOL_SEED ?? Math.floor(Math.random() * 2 ** 31));
