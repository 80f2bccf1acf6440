/** Decides what a client of the event stream may listen to. */

import type { IncomingMessage } from 'node:http';
import { type MaybePromise, type Nobody, requestorOf, whoIs } from '../http/authorization.js';
import { HttpError } from '../http/envelope.js';
import { type EventType, eventTypes } from '../model/event.js';
import type { Requestor } from '../model/requestor.js';
import { fingerprintOf } from './client-certificate.js';
import { parseSelection, type Selection } from './selection.js';

/** Logging is for the privileged: who may see it has to be told by name. */
const DEFAULT_TYPES: readonly EventType[] = ['lifecycle', 'operation'];

/** Somebody who may listen. */
export interface ListenerIdentity extends Requestor {
  /** The types of events that they may see. Default: `lifecycle` and `operation`. */
  readonly types?: readonly EventType[];
  /** The projects whose events they may see, beside events of none. Default: all. */
  readonly projects?: readonly string[];
}

/** What is known of a client beside its request. */
export interface ClientFacts {
  /** SHA-256 of its TLS certificate in lower-case hex; nobody need have vouched for it. */
  readonly fingerprint?: string;
}

/** Tells who a client is and what they may see, or that nobody is there who may listen. */
export type AuthorizeListener = (
  request: IncomingMessage,
  client: ClientFacts,
) => MaybePromise<ListenerIdentity | string | Nobody>;

/** A client that may listen. */
export interface Client {
  readonly requestor: Requestor;
  readonly types: readonly EventType[];
  /** `undefined`: all. */
  readonly projects: readonly string[] | undefined;
}

/**
 * Asks who a client is.
 * @throws HttpError 401 when `authorize` throws, 403 when it returns nothing, 503 when it takes too long, 500 when
 * something else is wrong with it
 */
export async function identify(
  request: IncomingMessage,
  authorize: AuthorizeListener,
  timeoutMs?: number,
): Promise<Client> {
  const fingerprint = fingerprintOf(request);
  const facts = fingerprint === undefined ? {} : { fingerprint };
  const who = await whoIs(() => authorize(request, facts), 'not authorized', timeoutMs);
  const types = typeof who === 'object' && who.types !== undefined ? who.types : DEFAULT_TYPES;
  if (!Array.isArray(types) || !types.every((type) => eventTypes.includes(type))) {
    throw new HttpError(500, '`authorize` returned something that is no list of event types');
  }
  const projects: unknown = typeof who === 'object' ? who.projects : undefined;
  if (projects !== undefined && !isListOfTexts(projects)) {
    throw new HttpError(500, '`authorize` returned something that is no list of projects');
  }
  return { requestor: requestorOf(who), types, projects };
}

/**
 * Asks who a client is, and what it wants to hear.
 * @throws HttpError for whoever may not have it
 */
export async function admit(
  request: IncomingMessage,
  authorize: AuthorizeListener,
  projects: Iterable<string> | undefined,
  timeoutMs?: number,
): Promise<{ readonly requestor: Requestor; readonly selection: Selection }> {
  const { requestor, types, projects: allowed } = await identify(request, authorize, timeoutMs);
  return { requestor, selection: parseSelection(request.url, { types, projects, allowed }) };
}

function isListOfTexts(given: unknown): given is readonly string[] {
  return Array.isArray(given) && given.every((each) => typeof each === 'string');
}
