/** A real HTTP(S) server that records what it gets and answers as it is told. */

import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { Conditions } from './conditions.js';
import { listenOnStablePort } from './ports.js';

/** A request as it was received, body complete. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  /** As it came. */
  readonly raw: Buffer;
  /** Uncompressed. */
  readonly body: string;
  readonly atMs: number;
  /** The TCP connection it came on, counted from 1. */
  readonly connection: number;
}

/** Answers a request; whoever calls neither `end` nor `destroy` leaves the client hanging. */
export type Answer = (request: Received, response: http.ServerResponse, index: number) => void;

export interface Receiver {
  readonly address: string;
  readonly port: number;
  readonly requests: Received[];
  /** How requests are answered from now on: a status, or a function. */
  answer: number | Answer;
  /** TCP connections that there have been. */
  readonly connections: number;
  /** TCP connections that are open. */
  readonly openConnections: number;
  /** All events of all requests that were answered 2xx, in order. */
  events(): ReceivedEvent[];
  /** Messages of the logging events among them, and actions of the others. */
  names(): string[];
  /** Resolves once `count` requests were received in full. */
  untilRequests(count: number): Promise<void>;
  /** Resolves once `predicate` holds; looked at after every request, and when a connection has ended. */
  until(predicate: () => boolean): Promise<void>;
  close(): Promise<void>;
}

export interface ReceivedEvent {
  readonly time: string;
  readonly type: string;
  readonly metadata: {
    readonly message?: string;
    readonly level?: string;
    readonly context?: Readonly<Record<string, string>>;
    readonly action?: string;
    readonly entities?: readonly string[];
    readonly requestor?: string;
    readonly metadata?: unknown;
    readonly [key: string]: unknown;
  };
}

/** Starts a receiver, on a port that stays its own when it is closed and opened again; closed when the test is finished. */
export async function startReceiver(
  answer: number | Answer = 200,
  tls?: https.ServerOptions,
  port?: number,
): Promise<Receiver> {
  const requests: Received[] = [];
  const accepted: Received[] = [];
  const sockets = new Map<Socket, number>();
  const conditions = new Conditions();
  let connections = 0;

  const receiver = {
    answer,
    requests,
    get connections() {
      return connections;
    },
    get openConnections() {
      return open.size;
    },
    events: () => accepted.flatMap(parseEvents),
    names: () =>
      accepted.flatMap(parseEvents).map((event) => String(event.metadata.message ?? event.metadata.action)),
    untilRequests: (count: number) => receiver.until(() => requests.length >= count),
    until: (predicate: () => boolean) => conditions.until(predicate),
  };

  const handle = (request: http.IncomingMessage, response: http.ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => {});
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const received: Received = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        raw,
        body: (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString(),
        atMs: performance.now(),
        connection: sockets.get(request.socket) ?? 0,
      };
      requests.push(received);
      if (typeof receiver.answer === 'number') response.writeHead(receiver.answer).end();
      else receiver.answer(received, response, requests.length - 1);
      let isAccepted = false;
      const settle = () => {
        if (!isAccepted && response.headersSent && response.statusCode < 300) {
          isAccepted = true;
          accepted.push(received);
        }
        conditions.look();
      };
      // Emitted by `end()`: before the client can have read the answer.
      response.on('prefinish', settle);
      settle();
    });
  };
  const server = tls ? https.createServer(tls, handle) : http.createServer(handle);
  server.keepAliveTimeout = 60_000;
  const countSocket = (socket: Socket) => sockets.set(socket, ++connections);
  server.on(tls ? 'secureConnection' : 'connection', countSocket);
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => {});
    open.add(socket);
    socket.on('close', () => {
      open.delete(socket);
      conditions.look();
    });
  });
  const open = new Set<Socket>();
  if (port === undefined) await listenOnStablePort(server);
  else await once(server.listen(port, '127.0.0.1'), 'listening');

  const close = async () => {
    if (!server.listening) return;
    server.close();
    for (const socket of open) socket.destroy();
    await once(server, 'close');
  };
  onTestFinished(close);
  const bound = (server.address() as AddressInfo).port;
  const address = `${tls ? 'https' : 'http'}://127.0.0.1:${bound}/1.0/log`;
  return Object.assign(receiver, { close, port: bound, address });
}

/** The events in a body of any `body_format`. */
export function parseEvents({ body, headers }: Pick<Received, 'body' | 'headers'>): ReceivedEvent[] {
  if (headers['content-type'] === 'application/x-ndjson') {
    return body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  }
  const parsed = JSON.parse(body);
  return Array.isArray(parsed) ? parsed : [parsed];
}

/** A port on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = http.createServer();
  const port = await listenOnStablePort(server);
  server.close();
  await once(server, 'close');
  return port;
}
