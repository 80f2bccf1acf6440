/** Pools of kept-alive connections, none of which goes where it may not. */

import http, { type AgentOptions, type ClientRequest, type ClientRequestArgs } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import { type AttemptError, timedOut } from './attempt-error.js';
import type { Egress } from './egress.js';
import { resolver } from './resolver.js';

type Created = (error: Error | null, socket: Duplex) => void;

export interface GuardOptions {
  readonly egress: Egress;
  /** Of connections to a proxy, look-up and TLS included: the client limits those to a receiver. Default: none. */
  readonly proxyTimeoutMs?: number;
}

/** For `http:`. */
export class GuardedAgent extends http.Agent {
  readonly #guard: GuardOptions;

  constructor(options: AgentOptions, guard: GuardOptions) {
    super({ ...options, lookup: guardedLookup(guard.egress) });
    this.#guard = guard;
  }

  override createConnection(options: ClientRequestArgs, created?: Created): Duplex | null | undefined {
    if (refuseLiteral(this.#guard.egress, options, created)) return undefined;
    return limitToProxy(super.createConnection(options, created), 'connect', this.#guard);
  }
}

/** For `https:`. */
export class GuardedTlsAgent extends https.Agent {
  readonly #guard: GuardOptions;

  constructor(options: https.AgentOptions, guard: GuardOptions) {
    super({ ...options, lookup: guardedLookup(guard.egress) });
    this.#guard = guard;
  }

  override createConnection(options: https.RequestOptions, created?: Created): Duplex | null | undefined {
    if (refuseLiteral(this.#guard.egress, options, created)) return undefined;
    return limitToProxy(super.createConnection(options, created), 'secureConnect', this.#guard);
  }
}

/** Something that ends early, unless `event` comes in time. */
export function limitTime(
  limited: Duplex | ClientRequest,
  event: string,
  ms: number,
  error: () => AttemptError,
): void {
  const timer = setTimeout(() => limited.destroy(error()), ms).unref();
  for (const each of [event, 'close']) limited.once(each, () => clearTimeout(timer));
}

function limitToProxy(
  socket: Duplex | null | undefined,
  event: string,
  { proxyTimeoutMs: ms }: GuardOptions,
) {
  if (socket && ms !== undefined) {
    limitTime(socket, event, ms, () => timedOut('PROXY_ETIMEDOUT', 'no connection to the proxy', ms));
  }
  return socket;
}

/** A host's name comes to the addresses that the guard lets through. */
function guardedLookup(egress: Egress): LookupFunction {
  return resolver.lookup((host, addresses) => egress.filter(host, addresses));
}

/** An IP address is never looked up. */
function refuseLiteral(egress: Egress, { host }: ClientRequestArgs, created?: Created): boolean {
  try {
    egress.checkLiteral(host ?? '');
    return false;
  } catch (error) {
    created?.(error as Error, undefined as never);
    return true;
  }
}
