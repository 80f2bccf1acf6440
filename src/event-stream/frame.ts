/** Events as they go over the wire: each is written once, however many listeners get it. */

import { encodeLxd } from '../formats/lxd.js';
import type { Event } from '../model/event.js';

const FINAL_TEXT = 0x81;
const NEWLINE = 0x0a;

/**
 * Writes LXD's JSON of an event in one way of framing. What a server sends is the same for all clients: it is made
 * once and remembered while each listener in turn asks for it.
 */
export class Framing {
  readonly #encode: (text: string) => Buffer;
  #latest: { readonly event: Event; readonly frame: Buffer } | undefined;

  constructor(encode: (text: string) => Buffer) {
    this.#encode = encode;
  }

  frameOf(event: Event): Buffer {
    if (this.#latest?.event === event) return this.#latest.frame;
    const frame = this.#encode(encodeLxd(event));
    this.#latest = { event, frame };
    return frame;
  }

  /** Forgets the latest frame, which may be large. */
  forget(): void {
    this.#latest = undefined;
  }
}

/**
 * Of a WebSocket: the text, a newline. Frames of a server are not masked.
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-5.2
 */
export const webSocketFraming = new Framing((text) => {
  const bytes = Buffer.byteLength(text) + 1;
  const headerBytes = bytes < 126 ? 2 : bytes < 2 ** 16 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerBytes + bytes);
  frame[0] = FINAL_TEXT;
  if (headerBytes === 2) {
    frame[1] = bytes;
  } else if (headerBytes === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(bytes, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(bytes), 2);
  }
  frame.write(text, headerBytes);
  frame[frame.length - 1] = NEWLINE;
  return frame;
});

/**
 * Of server-sent events: JSON has no line breaks, so one `data` line holds all of it.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export const serverSentFraming = new Framing((text) => Buffer.from(`data: ${text}\n\n`));
