/** Gets rid of a body that nobody reads. */

import type { IncomingMessage } from 'node:http';

/** Time for the client to read the answer before its connection is closed, whatever it still sends. */
const LINGER_MS = 500;

/** To be called after the answer: a body that nobody reads, slow or endless, must not hold the connection. */
export function discardBody(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  const close = () => {
    if (!request.complete) request.socket.destroy();
  };
  // After a stall of the process, what came meanwhile is read first.
  setTimeout(() => setImmediate(close), LINGER_MS).unref();
}
