/** A client of the event stream that speaks WebSocket. */

import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { ListenerDropReason } from '../report.js';
import type { Listening } from './audience.js';
import { Heartbeat } from './heartbeat.js';
import { Outbox, type Piece } from './outbox.js';

/** @see https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
const GOING_AWAY = 1001;
const UNSUPPORTED_DATA = 1003;
const POLICY_VIOLATION = 1008;
/** Longest that a client may take to say goodbye in turn. */
const CLOSE_TIMEOUT_MS = 2000;

/**
 * Gets events until it goes, is dropped, or the stream ends. Frames go straight to the socket, past `ws`, whose own
 * frames (pings, the closing handshake) come between them: neither ever writes half a frame.
 */
export class WebSocketListener implements Listening {
  readonly #webSocket: WebSocket;
  readonly #outbox: Outbox;
  readonly #heartbeat: Heartbeat;
  readonly #gone: (reason: ListenerDropReason | undefined) => void;
  #isGone = false;

  /** @param gone called once, with the reason when it was dropped */
  constructor(webSocket: WebSocket, socket: Duplex, gone: (reason: ListenerDropReason | undefined) => void) {
    this.#webSocket = webSocket;
    this.#gone = gone;
    this.#outbox = new Outbox(socket, () => this.#drop('behind'));
    this.#heartbeat = new Heartbeat(webSocket, () => this.#drop('no-pong'));
    webSocket.on('message', () => this.#drop('sent-data'));
    webSocket.on('error', () => this.#drop('sent-data')); // too much of it, or no frame at all
    webSocket.on('close', () => this.#leave());
  }

  send(piece: Piece): void {
    // A client that says goodbye gets nothing behind the answer to that.
    if (this.#webSocket.readyState === this.#webSocket.OPEN) this.#outbox.add(piece);
  }

  /** Sends what is left, then says goodbye. */
  end(): void {
    this.#outbox.finish(() => this.#sayGoodbye(GOING_AWAY));
  }

  sendAway(): void {
    this.#drop('sent-away');
  }

  /** A client that reads nothing would not read a goodbye either. */
  #drop(reason: ListenerDropReason): void {
    if (this.#isGone) return;
    this.#leave(reason);
    if (reason === 'sent-data') this.#sayGoodbye(UNSUPPORTED_DATA);
    else if (reason === 'sent-away') this.#sayGoodbye(POLICY_VIOLATION);
    else this.#webSocket.terminate();
  }

  #sayGoodbye(code: number): void {
    this.#webSocket.close(code);
    setTimeout(() => this.#webSocket.terminate(), CLOSE_TIMEOUT_MS).unref();
  }

  #leave(reason?: ListenerDropReason): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#outbox.close();
    this.#heartbeat.stop();
    this.#gone(reason);
  }
}
