/** Tells who makes a request of the console, and what they may do. */

import type { IncomingMessage } from 'node:http';
import { type ClientFacts, identify, type ListenerIdentity } from '../event-stream/admission.js';
import type { MaybePromise, Nobody } from '../http/authorization.js';
import { HttpError } from '../http/envelope.js';
import type { EventType } from '../model/event.js';
import type { Requestor } from '../model/requestor.js';

/** Everything that can be allowed: to look, to try targets out, to handle dead letters, to change settings. */
const allowances = ['read', 'ping', 'replay', 'settings'] as const;

/** Something that an operator may be allowed to do. */
export type Allowance = (typeof allowances)[number];

/** Looking does no harm; all else has to be granted by name. */
const DEFAULT_ALLOW: readonly Allowance[] = ['read'];

/** Somebody who may use the console. */
export interface OperatorIdentity extends ListenerIdentity {
  /** What they may do. Default: `read`. */
  readonly allow?: readonly Allowance[];
}

/** Tells who makes a request and what they may do, or that nobody is there who may anything. */
export type AuthorizeOperator = (
  request: IncomingMessage,
  client: ClientFacts,
) => MaybePromise<OperatorIdentity | string | Nobody>;

/** A client of the console. */
export interface Operator {
  readonly requestor: Requestor;
  readonly types: readonly EventType[];
  readonly allow: readonly Allowance[];
}

/**
 * Asks who makes a request.
 * @throws HttpError 401 when `authorize` throws, 403 when it returns nothing, 500 when something else is wrong with it, 503 when it
 * takes too long
 */
export async function identifyOperator(
  request: IncomingMessage,
  authorize: AuthorizeOperator,
  authorizeTimeoutMs: number | undefined,
): Promise<Operator> {
  let allow: unknown = DEFAULT_ALLOW;
  const ask: AuthorizeOperator = async (each, facts) => {
    const who = await authorize(each, facts);
    if (who && typeof who === 'object' && who.allow !== undefined) allow = who.allow;
    return who;
  };
  const { requestor, types } = await identify(request, ask, authorizeTimeoutMs);
  if (!isAllow(allow))
    throw new HttpError(500, '`authorize` returned an `allow` that is no list of allowances');
  return { requestor, types, allow };
}

function isAllow(given: unknown): given is readonly Allowance[] {
  return Array.isArray(given) && given.every((each) => allowances.includes(each));
}

/** @throws HttpError 403 for somebody who may not */
export function checkAllowance({ allow }: Operator, needed: Allowance): void {
  if (!allow.includes(needed)) throw new HttpError(403, `Not allowed: this needs \`${needed}\``);
}
