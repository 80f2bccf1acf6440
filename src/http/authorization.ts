/** Asks who makes a request, in the way that all our handlers do. */

import { MAX_TIMER_MS } from '../model/duration.js';
import { parseRequestor, type Requestor } from '../model/requestor.js';
import { HttpError } from './envelope.js';

/** At once, or later. */
export type MaybePromise<Value> = Value | Promise<Value>;

/** Nobody who may. */
export type Nobody = null | undefined | false;

/** Longest that `authorize` may take, in milliseconds, unless somebody says otherwise. */
const AUTHORIZE_TIMEOUT_MS = 10_000;

/**
 * Who makes a request, as `authorize` says.
 * @param refusal the text for somebody who may not
 * @throws HttpError 401 when `authorize` throws, 403 when it returns nothing, 503 when it takes too long
 */
export async function whoIs<Who extends object | string>(
  authorize: () => MaybePromise<Who | Nobody>,
  refusal: string,
  timeoutMs = AUTHORIZE_TIMEOUT_MS,
): Promise<Who> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    const error = new HttpError(503, 'It took too long to find out who this is');
    timer = setTimeout(() => reject(error), Math.min(timeoutMs, MAX_TIMER_MS));
  });
  const asked = Promise.resolve()
    .then(authorize)
    .catch(() => {
      throw new HttpError(401, 'Authentication is required');
    });
  const who = await Promise.race([asked, tooLate]).finally(() => clearTimeout(timer));
  if (!who) throw new HttpError(403, refusal);
  return who;
}

/**
 * The requestor that `authorize` returned, as an object or as `protocol/username (address)`.
 * @throws HttpError 500 when it is none
 */
export function requestorOf(who: Requestor | string): Requestor {
  const requestor = typeof who === 'string' ? tryParse(who) : who;
  if (requestor) {
    const { protocol, username, address } = requestor;
    const isWhole = [protocol, username, address].every((part) => typeof part === 'string');
    if (isWhole) return { protocol, username, address };
  }
  throw new HttpError(500, '`authorize` returned something that is no requestor');
}

function tryParse(text: string): Requestor | undefined {
  try {
    return parseRequestor(text);
  } catch {
    return undefined;
  }
}
