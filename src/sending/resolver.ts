/** Looks names of hosts up so that one whose DNS is slow takes nothing from the others. */

import dns, { type LookupAddress, type LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { promisify } from 'node:util';

/** Asks the system for all addresses of a host. */
type Ask = (host: string, options: LookupOptions) => Promise<LookupAddress[]>;

/** Takes longer: slow. */
const SLOW_MS = 1000;
/** Where an earlier answer could do, it does after so long. */
const PATIENCE_MS = 500;
/** How old an earlier answer may be that is used in place of one that does not come. */
const MAX_AGE_MS = 5 * 60_000;
/** The most names that are remembered. */
const MAX_NAMES = 1000;

/** One name that is looked up, under one set of options. */
interface Name {
  readonly host: string;
  readonly options: LookupOptions;
  /** The latest answer, and when it came, as `performance.now()`. */
  good?: { readonly addresses: LookupAddress[]; readonly atMs: number };
  /** A look-up that waits for its turn or is under way: all who ask meanwhile share it. */
  pending?: Promise<LookupAddress[]>;
  /** Set while it is under way. */
  startedAtMs?: number;
  /** Whether the last one took long. */
  isSlow: boolean;
}

/**
 * The system's look-up blocks one of few threads, two by default, for as long as DNS takes, and all of a process share
 * them. So each name takes one at most, and names that are known to be slow never take the last one. A name that was
 * found before is reached at its old address while DNS is slow or broken, for five minutes at most; an answer that
 * there is no such host counts at once.
 */
export class Resolver {
  readonly #ask: Ask;
  readonly #threads: number;
  readonly #names = new Map<string, Name>();
  readonly #waiting: { readonly name: Name; readonly start: () => void }[] = [];
  readonly #underWay = new Set<Name>();

  /** @param threads how many look-ups the process can make at a time */
  constructor(ask: Ask, threads: number) {
    this.#ask = ask;
    this.#threads = threads;
  }

  /**
   * In place of Node's own, for `net.connect`.
   * @param filter what of the addresses may be used; what it throws is told
   */
  lookup(filter: (host: string, addresses: LookupAddress[]) => LookupAddress[]): LookupFunction {
    return (host, { all, ...options }, callback) => {
      this.addressesOf(host, options)
        .then((addresses) => filter(host, addresses))
        .then(
          (addresses) => {
            const [first] = addresses;
            if (all === true) callback(null, addresses);
            else callback(null, first?.address ?? '', first?.family);
          },
          (error: NodeJS.ErrnoException) => callback(error, []),
        );
    };
  }

  /** All addresses of a host, in the order in which they should be tried. */
  addressesOf(host: string, options: LookupOptions = {}): Promise<LookupAddress[]> {
    const name = this.#name(host, options);
    name.pending ??= this.#lookUp(name).finally(() => delete name.pending);
    const { good } = name;
    if (good === undefined || performance.now() - good.atMs >= MAX_AGE_MS) return name.pending;
    return inTime(name.pending, good.addresses);
  }

  #name(host: string, options: LookupOptions): Name {
    const key = JSON.stringify([host, options.family, options.hints, options.order, options.verbatim]);
    const known = this.#names.get(key) ?? { host, options, isSlow: false };
    // The latest is the last, the first to be forgotten the first.
    this.#names.delete(key);
    this.#names.set(key, known);
    for (const [oldest, { pending }] of this.#names) {
      if (this.#names.size <= MAX_NAMES || pending) break;
      this.#names.delete(oldest);
    }
    return known;
  }

  async #lookUp(name: Name): Promise<LookupAddress[]> {
    await new Promise<void>((start) => {
      this.#waiting.push({ name, start });
      this.#startNext();
    });
    const startedAtMs = performance.now();
    name.startedAtMs = startedAtMs;
    try {
      const addresses = await this.#ask(name.host, { ...name.options, all: true });
      name.good = { addresses, atMs: performance.now() };
      return addresses;
    } finally {
      name.isSlow = performance.now() - startedAtMs > SLOW_MS;
      delete name.startedAtMs;
      this.#underWay.delete(name);
      this.#startNext();
    }
  }

  /** Those that wait longest go first, but for slow ones whose threads are all taken. */
  #startNext(): void {
    while (this.#underWay.size < this.#threads) {
      const slow = [...this.#underWay].filter(isSlow).length;
      const mayBeSlow = slow < Math.max(1, this.#threads - 1);
      const index = this.#waiting.findIndex(({ name }) => mayBeSlow || !name.isSlow);
      const [next] = index === -1 ? [] : this.#waiting.splice(index, 1);
      if (next === undefined) return;
      this.#underWay.add(next.name);
      next.start();
    }
  }
}

function isSlow({ isSlow: wasSlow, startedAtMs = Number.POSITIVE_INFINITY }: Name): boolean {
  return wasSlow || performance.now() - startedAtMs > SLOW_MS;
}

/** What `pending` comes to, or what was there before when that takes long or DNS is out of order. */
async function inTime(pending: Promise<LookupAddress[]>, before: LookupAddress[]): Promise<LookupAddress[]> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<LookupAddress[]>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, before).unref();
  });
  const answer = pending.catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EAI_AGAIN') return before;
    throw error;
  });
  try {
    return await Promise.race([answer, patience]);
  } finally {
    clearTimeout(timer);
  }
}

/** How many threads libuv has for look-ups: half of all, see `uv_threadpool` and `slow_work_thread_threshold`. */
function threads(): number {
  const all = Math.min(Math.max(Number(process.env.UV_THREADPOOL_SIZE ?? 4) || 1, 1), 1024);
  return Math.floor((all + 1) / 2);
}

/** All of the process use it, since they share the threads. */
export const resolver = new Resolver(
  (host, options) => promisify(dns.lookup)(host, { ...options, all: true }),
  threads(),
);
