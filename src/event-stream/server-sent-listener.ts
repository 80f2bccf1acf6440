/** A client of the event stream that reads server-sent events. */

import type { ServerResponse } from 'node:http';
import type { ListenerDropReason } from '../report.js';
import type { Listening } from './audience.js';
import { Outbox, type Piece } from './outbox.js';

/** A line that says nothing: proxies and clients see that the connection lives. */
const HEARTBEAT = Buffer.from(':\n\n');
const HEARTBEAT_INTERVAL_MS = 10_000;
/** Where the connection breaks, a browser comes back after so long. */
const GREETING = 'retry: 2000\n\n';

/** Gets events until it goes, is dropped, or the stream ends. */
export class ServerSentListener implements Listening {
  readonly #response: ServerResponse;
  readonly #outbox: Outbox;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #gone: (reason: ListenerDropReason | undefined) => void;
  #isGone = false;

  /** @param gone called once, with the reason when it was dropped */
  constructor(response: ServerResponse, gone: (reason: ListenerDropReason | undefined) => void) {
    this.#response = response;
    this.#gone = gone;
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-accel-buffering': 'no', // nginx would gather events until it has a bufferful
    });
    response.write(GREETING);
    this.#outbox = new Outbox(response, () => this.#drop('behind'));
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_INTERVAL_MS).unref();
    response.on('close', () => this.#leave());
    response.on('error', () => this.#leave());
  }

  send(piece: Piece): void {
    this.#outbox.add(piece);
  }

  end(): void {
    this.#outbox.finish(() => this.#response.end());
  }

  sendAway(): void {
    this.#drop('sent-away');
  }

  #beat(): void {
    this.#outbox.add({ bytes: HEARTBEAT, events: 0, gatheredAtMs: performance.now() });
  }

  /** A client that reads nothing would not read a goodbye either. */
  #drop(reason: ListenerDropReason): void {
    this.#leave(reason);
    this.#response.destroy();
  }

  #leave(reason?: ListenerDropReason): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#outbox.close();
    clearInterval(this.#heartbeat);
    this.#gone(reason);
  }
}
