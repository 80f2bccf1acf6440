/** Pools of kept-alive connections, none of which goes where it may not. */

import http, { type AgentOptions, type ClientRequestArgs } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Egress } from './egress.js';
import { resolver } from './resolver.js';

type Created = (error: Error | null, socket: Duplex) => void;

/** For `http:`. */
export class GuardedAgent extends http.Agent {
  readonly #egress: Egress;

  constructor(options: AgentOptions, egress: Egress) {
    super({ ...options, lookup: guardedLookup(egress) });
    this.#egress = egress;
  }

  override createConnection(options: ClientRequestArgs, created?: Created): Duplex | null | undefined {
    return refuseLiteral(this.#egress, options, created)
      ? undefined
      : super.createConnection(options, created);
  }
}

/** For `https:`. */
export class GuardedTlsAgent extends https.Agent {
  readonly #egress: Egress;

  constructor(options: https.AgentOptions, egress: Egress) {
    super({ ...options, lookup: guardedLookup(egress) });
    this.#egress = egress;
  }

  override createConnection(options: https.RequestOptions, created?: Created): Duplex | null | undefined {
    return refuseLiteral(this.#egress, options, created)
      ? undefined
      : super.createConnection(options, created);
  }
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
