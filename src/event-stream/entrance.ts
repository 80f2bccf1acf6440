/** Lets clients in who want to listen, whichever of two protocols they speak. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { HttpError } from '../http/envelope.js';
import { isForAnotherSite } from '../http/same-origin.js';
import type { Tap } from '../targets/tap.js';
import { type AuthorizeListener, admit } from './admission.js';
import { Audiences } from './audiences.js';
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
}

/** Everybody who listens came through here. */
export class Entrance {
  readonly #options: EntranceOptions;
  readonly #webSockets: Audiences;
  readonly #serverSent: Audiences;
  readonly #server: WebSocketServer;
  #isClosed = false;

  /** @throws TypeError when `projects` is no list */
  constructor(options: EntranceOptions) {
    checkProjects(options.projects);
    this.#options = options;
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
    if (isForAnotherSite(request)) throw new HttpError(403, 'Pages of other sites may not listen');
    const { requestor, selection } = await this.check(request);
    this.#checkOpen();
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
  check(request: IncomingMessage) {
    return admit(request, this.#options.authorize, this.#options.projects);
  }

  /** Sends what is left to all listeners, says goodbye to them, and takes no new ones. */
  close(): void {
    this.#isClosed = true;
    this.#webSockets.end();
    this.#serverSent.end();
  }

  #checkOpen(): void {
    if (this.#isClosed || this.#options.tap.isEnded) throw new HttpError(503, 'There are no more events');
  }
}

function checkProjects(projects: unknown): void {
  if (projects === undefined) return;
  const isIterable = typeof projects === 'object' && projects !== null && Symbol.iterator in projects;
  if (!isIterable) throw new TypeError('Expected `projects` to be a list of names');
}
