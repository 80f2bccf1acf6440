/** Lets clients in who want to listen, whichever of two protocols they speak. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { checkNumber } from '../http/check-number.js';
import { HttpError } from '../http/envelope.js';
import { checkHosts, checkSite } from '../http/same-origin.js';
import { Turnstile } from '../http/turnstile.js';
import { describe } from '../model/describe.js';
import type { Tap } from '../targets/tap.js';
import { type AuthorizeListener, admit } from './admission.js';
import { Audiences, type PresentListener } from './audiences.js';
import { serverSentFraming, webSocketFraming } from './frame.js';
import { ServerSentListener } from './server-sent-listener.js';
import { refuseUpgrade } from './upgrade.js';
import { WebSocketListener } from './websocket-listener.js';

/** Clients have nothing to say: more than this is not even read. */
const MAX_PAYLOAD_BYTES = 4096;

/** What an entrance needs. */
export interface EntranceOptions {
  readonly tap: Tap;
  readonly authorize: AuthorizeListener;
  readonly projects: Iterable<string> | undefined;
  /** Longest that `authorize` may take, in milliseconds. Default: 10,000. */
  readonly authorizeTimeoutMs?: number | undefined;
  /** The most that listen at the same time. Default: 1000. */
  readonly maxListeners?: number | undefined;
  /** The names under which this server is known. Default: any. */
  readonly hosts?: readonly string[] | undefined;
  /** One that others pass as well. Default: one of its own. */
  readonly turnstile?: Turnstile;
}

const DEFAULT_MAX_LISTENERS = 1000;
/** So many may wait for `authorize`: each holds a connection, also when its client has gone. */
const MAX_PENDING = 1000;

/** Everybody who listens came through here. */
export class Entrance {
  readonly #options: EntranceOptions;
  readonly #webSockets: Audiences;
  readonly #serverSent: Audiences;
  readonly #server: WebSocketServer;
  readonly #turnstile: Turnstile;
  #pending = 0;
  #isClosed = false;

  /** @throws TypeError when an option is wrong */
  constructor(options: EntranceOptions) {
    checkProjects(options.projects);
    checkHosts(options.hosts);
    checkNumber('authorizeTimeoutMs', options.authorizeTimeoutMs);
    checkNumber('maxListeners', options.maxListeners);
    this.#options = options;
    this.#turnstile = options.turnstile ?? new Turnstile();
    this.#webSockets = new Audiences(options.tap, webSocketFraming);
    this.#serverSent = new Audiences(options.tap, serverSentFraming);
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: MAX_PAYLOAD_BYTES,
    });
    this.#server.on('wsClientError', (error, socket, request) => {
      refuseUpgrade(request, socket, new HttpError(400, error.message));
    });
  }

  /** @returns rejects with an HttpError for whoever may not have it */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { requestor, selection } = await this.check(request);
    this.#checkOpen();
    if (socket.destroyed) return; // went while `authorize` was at work
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      this.#webSockets.add(selection, requestor, (gone) => new WebSocketListener(webSocket, socket, gone));
    });
  }

  /** Answers with server-sent events. @returns rejects with an HttpError for whoever may not have it */
  async stream(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { requestor, selection } = await this.check(request);
    this.#checkOpen();
    if (response.destroyed) return; // went while `authorize` was at work
    this.#serverSent.add(selection, requestor, (gone) => new ServerSentListener(response, gone));
  }

  /** Who it is and what it asks for. @returns rejects with an HttpError for whoever may not have it */
  async check(request: IncomingMessage) {
    const { authorize, projects, authorizeTimeoutMs, hosts } = this.#options;
    checkSite(request, hosts, 'Pages of other sites may not listen');
    if (this.#pending >= MAX_PENDING) throw busy('Too many ask at the same time');
    this.#pending++;
    try {
      await this.#turnstile.pass();
      const admitted = await admit(request, authorize, projects, authorizeTimeoutMs);
      await this.#turnstile.passAgain();
      return admitted;
    } finally {
      this.#pending--;
    }
  }

  /** Sends those away, at once, for whom `isUnwanted`; returns how many. */
  disconnect(isUnwanted: (listener: PresentListener) => boolean): number {
    return this.#webSockets.sendAway(isUnwanted) + this.#serverSent.sendAway(isUnwanted);
  }

  /** Sends what is left to all listeners, says goodbye to them, and takes no new ones. */
  close(): void {
    this.#isClosed = true;
    this.#webSockets.end();
    this.#serverSent.end();
  }

  #checkOpen(): void {
    if (this.#isClosed || this.#options.tap.isEnded) throw new HttpError(503, 'There are no more events');
    const { maxListeners = DEFAULT_MAX_LISTENERS } = this.#options;
    if (this.#webSockets.size + this.#serverSent.size >= maxListeners) {
      throw busy('Too many listen already');
    }
  }
}

/** Whoever comes back later may be lucky. */
function busy(message: string): HttpError {
  return new HttpError(503, message, { 'retry-after': '5' });
}

function checkProjects(projects: unknown): void {
  if (projects === undefined) return;
  const isIterable = typeof projects === 'object' && projects !== null && Symbol.iterator in projects;
  if (!isIterable)
    throw new TypeError(`Expected \`projects\` to be a list of names, got ${describe(projects)}`);
}
