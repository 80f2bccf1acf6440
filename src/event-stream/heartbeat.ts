/** Asks a client now and then whether it is still there. */

import type { WebSocket } from 'ws';

/** LXD's and Incus's; their newer clients give up after 30 s without. */
const INTERVAL_MS = 10_000;
const MAX_UNANSWERED = 3;

/** Pings at once, then regularly. */
export class Heartbeat {
  readonly #webSocket: WebSocket;
  readonly #silent: () => void;
  readonly #timer: NodeJS.Timeout;
  #unanswered = 0;

  /** @param silent called when the client has answered none of the last three */
  constructor(webSocket: WebSocket, silent: () => void) {
    this.#webSocket = webSocket;
    this.#silent = silent;
    webSocket.on('pong', () => {
      this.#unanswered = 0;
    });
    this.#timer = setInterval(() => this.#beat(), INTERVAL_MS).unref();
    this.#beat();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    if (this.#unanswered >= MAX_UNANSWERED) {
      this.#silent();
    } else {
      this.#unanswered++;
      this.#webSocket.ping();
    }
  }
}
