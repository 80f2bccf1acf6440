/** Events as frames of a WebSocket. */

import { encodeLxd } from '../formats/lxd.js';
import type { Event } from '../model/event.js';

const FINAL_TEXT = 0x81;
const NEWLINE = 0x0a;

let latest: { readonly event: Event; readonly frame: Buffer } | undefined;

/**
 * The frame of an event: LXD's JSON, a newline. What a server sends is not masked, so it is the same for all clients:
 * it is made once and remembered while each listener in turn asks for it.
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-5.2
 */
export function frameOf(event: Event): Buffer {
  if (latest?.event === event) return latest.frame;
  const frame = encodeFrame(encodeLxd(event));
  latest = { event, frame };
  return frame;
}

/** Forgets the latest frame, which may be large. */
export function forgetFrame(): void {
  latest = undefined;
}

function encodeFrame(text: string): Buffer {
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
}
