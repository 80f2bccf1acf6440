/** What the page knows: who the user is, all targets, and whether the server is there. */

import { ApiError, AwayError, call, hasToken, useToken } from './api.js';
import { Samples } from './samples.js';
import type { Allowance, ServerInfo, TargetStatus } from './types.js';

const POLL_MS = 2000;
/** Nobody looks at a page in the background. */
const HIDDEN_POLL_MS = 15_000;
const MAX_AWAY_POLL_MS = 10_000;

/** `denied`: known, but may not even read. */
type Phase = 'starting' | 'token' | 'denied' | 'ready';

interface Away {
  readonly sinceMs: number;
  readonly why: string;
  readonly nextMs: number;
}

/** Asks again and again, and tells its listeners when something may look different. */
class Model {
  phase: Phase = 'starting';
  /** A token was tried and refused. */
  isTokenWrong = false;
  userName: string | undefined;
  /** The member that answered last: all numbers are its own. */
  location: string | undefined;
  allow: readonly Allowance[] = [];
  targets: readonly TargetStatus[] = [];
  away: Away | undefined;
  /** When the server last answered. */
  updatedMs = 0;
  readonly samples = new Map<string, Samples>();
  readonly #listeners = new Set<() => void>();
  #timer: number | undefined;
  #isAsking = false;
  #needsHistory = true;
  #attempts = 0;

  start(): void {
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.refresh();
    });
    window.addEventListener('online', () => this.refresh());
    this.refresh();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  may(what: Allowance): boolean {
    return this.allow.includes(what);
  }

  target(name: string): TargetStatus | undefined {
    return this.targets.find((target) => target.name === name);
  }

  samplesOf(name: string): Samples {
    return this.samples.get(name) ?? new Samples();
  }

  /** Asks now. */
  refresh(): void {
    clearTimeout(this.#timer);
    if (!this.#isAsking) void this.#ask();
  }

  signIn(token: string): void {
    useToken(token);
    this.phase = 'starting';
    this.refresh();
  }

  signOut(): void {
    useToken('');
    this.phase = 'starting';
    this.#needsHistory = true;
    this.targets = [];
    this.samples.clear();
    this.refresh();
  }

  /** An answer to somebody else showed that the token is no longer good. */
  failed(error: unknown): void {
    if (error instanceof ApiError && error.status === 401) this.#needToken();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #needToken(): void {
    this.isTokenWrong = hasToken();
    useToken('');
    this.phase = 'token';
    this.#changed();
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    try {
      if (this.phase !== 'ready') await this.#meet();
      if (this.phase === 'ready') await this.#look();
      this.away = undefined;
      this.#attempts = 0;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.#needToken();
      else if (error instanceof ApiError && error.status === 403) this.phase = 'denied';
      else this.#isAway(error);
    }
    this.#isAsking = false;
    this.#changed();
    this.#plan();
  }

  async #meet(): Promise<void> {
    const { metadata } = await call<ServerInfo>('GET', '');
    this.userName = metadata.auth_user_name;
    this.allow = metadata.allow ?? [];
    this.location = metadata.location;
    // Somebody who is not known yet learns from the next request whether a token would help.
    this.phase = 'ready';
    this.isTokenWrong = false;
  }

  async #look(): Promise<void> {
    const query = this.#needsHistory ? '?history=true' : '';
    const { metadata } = await call<TargetStatus[]>('GET', `/log-targets${query}`);
    const now = Date.now();
    this.#isAnsweredBy(metadata[0]?.location ?? this.location);
    const names = new Set(metadata.map(({ name }) => name));
    for (const name of this.samples.keys()) if (!names.has(name)) this.samples.delete(name);
    for (const status of metadata) {
      const samples = this.samples.get(status.name) ?? new Samples();
      this.samples.set(status.name, samples);
      if (status.history) samples.seed(status.history);
      samples.add(status, now);
    }
    this.targets = metadata;
    this.updatedMs = now;
    if (metadata.every(({ history }) => history !== undefined)) this.#needsHistory = false;
  }

  /** Behind one address there may be many members: the counts of two of them make no line. */
  #isAnsweredBy(location: string | undefined): void {
    if (location === this.location) return;
    this.location = location;
    this.samples.clear();
    this.#needsHistory = true;
  }

  #isAway(error: unknown): void {
    const isNetwork = error instanceof AwayError;
    this.#needsHistory = true;
    this.#attempts++;
    this.away = {
      sinceMs: this.away?.sinceMs ?? Date.now(),
      why: isNetwork || error instanceof ApiError ? (error as Error).message : 'Something went wrong',
      nextMs: Date.now() + this.#pauseMs(),
    };
  }

  #pauseMs(): number {
    return Math.min(1000 * 2 ** Math.min(this.#attempts - 1, 4), MAX_AWAY_POLL_MS);
  }

  #plan(): void {
    clearTimeout(this.#timer);
    if (this.phase === 'token' || this.phase === 'denied') return;
    const isHidden = document.visibilityState === 'hidden';
    const pauseMs = this.away ? this.#pauseMs() : isHidden ? HIDDEN_POLL_MS : POLL_MS;
    this.#timer = window.setTimeout(() => this.refresh(), pauseMs);
  }
}

export const model = new Model();
