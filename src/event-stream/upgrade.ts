/** Refuses requests for a WebSocket before there is one. */

import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type HttpError, sendError } from '../http/envelope.js';

/** Answers with an error, then closes the connection. */
export function refuseUpgrade(request: IncomingMessage, socket: Duplex, error: HttpError): void {
  if (socket.destroyed) return;
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.once('finish', () => socket.end(() => socket.destroy()));
  sendError(response, error);
}
