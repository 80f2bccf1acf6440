/** The settings API: `/1.0/system/settings`, thin over the store. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type MaybePromise, type Nobody, requestorOf, whoIs } from '../http/authorization.js';
import { checkNumber } from '../http/check-number.js';
import { discardBody } from '../http/discard-body.js';
import { asHttpError, HttpError, sendError, sendSuccess } from '../http/envelope.js';
import { type ReadableRequest, readJsonBody } from '../http/json-body.js';
import { pathOf } from '../http/request-path.js';
import { checkHosts, checkSite } from '../http/same-origin.js';
import { describe } from '../model/describe.js';
import type { Requestor } from '../model/requestor.js';
import type { SharedSettings } from '../settings/source.js';
import { patchSettings, replaceSettings } from './next-settings.js';
import { type AuditRecorder, checkStore, SettingsDesk } from './settings-desk.js';

const PATH = '/1.0/system/settings';
const METHODS = 'GET, HEAD, PATCH, PUT';
const DEFAULT_BODY_TIMEOUT_MS = 10_000;

/** Tells who makes a request, or that nobody does who may. */
export type Authorize = (request: IncomingMessage) => MaybePromise<Requestor | string | Nobody>;

/** What `createSettingsHandler` takes. */
export interface SettingsHandlerOptions {
  /** A `SettingsStore`, or anything of its shape. */
  readonly store: SharedSettings;
  /** Records each change as a lifecycle event. Default: none is recorded. */
  readonly transport?: AuditRecorder;
  /** Returns who it is, as an object or as `protocol/username (address)`; nothing: 403; throws: 401. */
  readonly authorize: Authorize;
  /** Longest that a request's body may take to arrive, in milliseconds. Default: 10,000. */
  readonly bodyTimeoutMs?: number;
  /** Longest that `authorize` may take, in milliseconds; then it is a 503. Default: 10,000. */
  readonly authorizeTimeoutMs?: number;
  /**
   * The names under which this server is known, with or without a port: requests for other hosts are refused, so that
   * no page can have its own name lead here. Default: any.
   */
  readonly hosts?: readonly string[];
}

/** A request, as `node:http`, Express and Connect hand it on. */
export interface SettingsRequest extends ReadableRequest {
  /** The URL before a framework took the path off where it mounted the handler. */
  originalUrl?: string | undefined;
}

/** Handles a request; calls `next` for those of other paths. */
export type SettingsHandler = (request: SettingsRequest, response: ServerResponse, next?: () => void) => void;

/**
 * A handler of `/1.0/system/settings`: GET, PUT and PATCH (RFC 7386), in Migration Manager's envelope.
 * @throws TypeError when an option is wrong
 */
export function createSettingsHandler(options: SettingsHandlerOptions): SettingsHandler {
  const { store, transport, authorize, hosts, authorizeTimeoutMs } = options;
  const { bodyTimeoutMs = DEFAULT_BODY_TIMEOUT_MS } = options;
  if (typeof authorize !== 'function') {
    throw new TypeError(`Expected \`authorize\` to be a function, got ${describe(authorize)}`);
  }
  checkStore(store);
  if (transport && typeof transport.lifecycle !== 'function') {
    throw new TypeError(`Expected \`transport\` to be an EventTransport, got ${describe(transport)}`);
  }
  checkHosts(hosts);
  checkNumber('bodyTimeoutMs', bodyTimeoutMs);
  checkNumber('authorizeTimeoutMs', authorizeTimeoutMs);
  const desk = new SettingsDesk(store, transport);

  async function handle(request: SettingsRequest, response: ServerResponse): Promise<void> {
    let requestor: Requestor | undefined;
    try {
      checkSite(request, hosts);
      requestor = requestorOf(await whoIs(() => authorize(request), 'Not authorized', authorizeTimeoutMs));
      await answer(request, response, requestor);
    } catch (error) {
      desk.refused(request, error, requestor);
      throw error;
    }
  }

  async function answer(
    request: SettingsRequest,
    response: ServerResponse,
    requestor: Requestor,
  ): Promise<void> {
    switch (request.method) {
      case 'GET':
      case 'HEAD': {
        const { metadata, etag } = desk.show();
        sendSuccess(response, metadata, { etag });
        break;
      }
      case 'PUT':
      case 'PATCH': {
        const body = await readJsonBody(request, bodyTimeoutMs);
        const make = request.method === 'PATCH' ? patchSettings : replaceSettings;
        const etag = await desk.change(request, requestor, (current) => make(current, body, desk.formats));
        sendSuccess(response, {}, etag === undefined ? {} : { etag });
        break;
      }
      default:
        throw new HttpError(405, `The method is not one of ${METHODS}`, { allow: METHODS });
    }
  }

  return (request, response, next) => {
    if (pathOf(request, [PATH]) === undefined) {
      if (next) next();
      else refuse(request, response, new HttpError(404, 'Not found'));
      return;
    }
    handle(request, response)
      .catch((error: unknown) => sendError(response, asHttpError(error)))
      .finally(() => discardBody(request));
  };
}

function refuse(request: SettingsRequest, response: ServerResponse, error: HttpError): void {
  sendError(response, error);
  discardBody(request);
}
