/** The event stream: `/1.0/events`, as LXD's and Incus's clients listen to it. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { discardBody } from '../http/discard-body.js';
import { asHttpError, HttpError, sendError, sendSuccess } from '../http/envelope.js';
import { pathOf, type RoutedRequest } from '../http/request-path.js';
import { checkSite } from '../http/same-origin.js';
import { describe } from '../model/describe.js';
import { tapOf } from '../targets/tap.js';
import { type AuthorizeListener, identify } from './admission.js';
import { describeServer } from './api-root.js';
import type { PresentListener } from './audiences.js';
import { Entrance } from './entrance.js';
import { refuseUpgrade } from './upgrade.js';

const ROOT = '/';
const API = '/1.0';
const EVENTS = '/1.0/events';
const METHODS = 'GET, HEAD';

/** Where the events come from: an `EventTransport`. */
export interface EventStreamTransport {
  /** What was accepted, and what became of it. */
  status(): object;
  /** Waits for what was accepted. */
  flush(): Promise<object>;
}

/** What `createEventStream` takes. */
export interface EventStreamOptions {
  /** Its events are sent, whatever its targets. */
  readonly transport: EventStreamTransport;
  /**
   * Returns who it is and which types of events they may see; nothing: 403; throws: 401. Asked for each request; a
   * text `protocol/username (address)` is somebody who may see the default types.
   */
  readonly authorize: AuthorizeListener;
  /** Names of projects that are known beside `default`, looked at for each handshake. Default: any is. */
  readonly projects?: Iterable<string>;
  /** Longest that `authorize` may take, in milliseconds; then it is a 503. Default: 10,000. */
  readonly authorizeTimeoutMs?: number;
  /** The most clients that listen at the same time; others get a 503. Default: 1000. */
  readonly maxListeners?: number;
  /**
   * The names under which this server is known, with or without a port: requests for other hosts are refused, so that
   * no page can have its own name lead here. Default: any.
   */
  readonly hosts?: readonly string[];
}

/** Serves an event stream; its methods can be used detached. */
export interface EventStream {
  /** For the event `upgrade` of a `node:http` or `node:https` server. Other paths than ours are answered with 404. */
  readonly handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Handles a request; calls `next` for those of other paths. */
  readonly handle: (request: RoutedRequest, response: ServerResponse, next?: () => void) => void;
  /**
   * Sends those away, at once, for whom `isUnwanted`: their rights were withdrawn. Returns how many. Whether they may
   * come back is for `authorize` to say.
   */
  readonly disconnect: (isUnwanted: (listener: PresentListener) => boolean) => number;
  /** Sends what is left to all listeners, says goodbye to them, and takes no new ones. */
  readonly close: () => void;
}

/**
 * Lets clients listen to a transport's events over WebSockets: `lxc monitor`, `incus monitor` and the like. It ends by
 * itself when the transport has finished.
 * @throws TypeError when an option is wrong
 */
export function createEventStream({ transport, authorize, ...options }: EventStreamOptions): EventStream {
  const tap = tapOf(transport);
  if (tap === undefined) {
    throw new TypeError(`Expected \`transport\` to be an EventTransport, got ${describe(transport)}`);
  }
  if (typeof authorize !== 'function') {
    throw new TypeError(`Expected \`authorize\` to be a function, got ${describe(authorize)}`);
  }
  const entrance = new Entrance({ tap, authorize, projects: undefined, ...options });

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (pathOf(request, [EVENTS]) === undefined) throw new HttpError(404, 'Not found');
    await entrance.upgrade(request, socket, head);
  }

  async function answer(request: RoutedRequest, path: string): Promise<object> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new HttpError(405, `The method is not one of ${METHODS}`, { allow: METHODS });
    }
    if (path === ROOT) return [API];
    if (path === API) {
      checkSite(request, options.hosts);
      const client = await identify(request, authorize, options.authorizeTimeoutMs).catch(untrusted);
      return describeServer(client?.requestor);
    }
    await entrance.check(request);
    throw new HttpError(400, 'The client is not using the WebSocket protocol');
  }

  return {
    handleUpgrade(request, socket, head) {
      socket.on('error', () => {}); // it may break while `authorize` is at work
      upgrade(request, socket, head).catch((error) => refuseUpgrade(request, socket, asHttpError(error)));
    },
    handle(request, response, next) {
      // The root belongs to whoever comes next, if anybody does.
      const path = pathOf(request, next ? [API, EVENTS] : [ROOT, API, EVENTS]);
      if (path === undefined && next) {
        next();
        return;
      }
      const answered = path === undefined ? notFound() : answer(request, path);
      answered
        .then((metadata) => sendSuccess(response, metadata, {}))
        .catch((error: unknown) => sendError(response, asHttpError(error)))
        .finally(() => discardBody(request));
    },
    disconnect: (isUnwanted) => entrance.disconnect(isUnwanted),
    close: () => entrance.close(),
  };
}

/** Somebody who may not listen may still ask what this is: the clients do so before they show who they are. */
function untrusted(error: unknown): undefined {
  const { status } = asHttpError(error);
  if (status !== 401 && status !== 403) throw error;
}

async function notFound(): Promise<object> {
  throw new HttpError(404, 'Not found');
}
