/** A real server with an event stream, and clients that note what they get. */

import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import WebSocket, { type ClientOptions } from 'ws';
import {
  createEventStream,
  type EventStream,
  type EventStreamOptions,
  type EventTransportOptions,
  type LogTarget,
} from '../../src/index.js';
import { Conditions } from './conditions.js';
import { temporaryDirectory } from './files.js';
import { createTestTransport, type TestTransport } from './transport.js';

/** Somebody who may see everything. */
export const privileged = {
  protocol: 'tls',
  username: 'a57be4e2',
  address: '10.0.0.101',
  types: ['lifecycle', 'logging', 'operation'],
} as const;

export interface StreamServer extends TestTransport {
  readonly stream: EventStream;
  readonly server: http.Server;
  /** Path of its Unix socket. */
  readonly socket: string | undefined;
  /** `http://127.0.0.1:1234`, or `https:`. */
  readonly origin: string;
  /** Connects a client; resolves once it is listening. */
  listen(path?: string, options?: ClientOptions): Promise<ListeningClient>;
  /** Tries to; resolves with the answer that keeps it from it. */
  refusal(path?: string, options?: ClientOptions): Promise<Refusal>;
}

interface Refusal {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: whatever is answered
  readonly body: any;
}

export interface ListeningClient {
  readonly webSocket: WebSocket;
  /** Frames as they came. */
  readonly texts: string[];
  // biome-ignore lint/suspicious/noExplicitAny: whatever arrives
  events(): any[];
  /** Messages, actions and statuses, in order. */
  names(): string[];
  /** Resolves once so many events were received. */
  until(count: number): Promise<void>;
  /** The code with which the connection was closed. */
  readonly closed: Promise<number>;
}

interface Setup extends Partial<EventStreamOptions> {
  readonly targets?: readonly LogTarget[];
  readonly transportOptions?: Omit<EventTransportOptions, 'targets'>;
  readonly tls?: https.ServerOptions;
  readonly isUnix?: boolean;
}

/** Starts a server on a free port, or on a Unix socket; all is closed when the test is finished. */
export async function startStream(setup: Setup = {}): Promise<StreamServer> {
  const { targets, transportOptions, tls, isUnix = false, ...options } = setup;
  const test = createTestTransport(targets, transportOptions);
  const stream = createEventStream({ transport: test.transport, authorize: () => privileged, ...options });
  const handle: http.RequestListener = (request, response) => stream.handle(request, response);
  const server = tls ? https.createServer(tls, handle) : http.createServer(handle);
  server.on('upgrade', stream.handleUpgrade);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  const socket = isUnix ? join(temporaryDirectory(), 'socket') : undefined;
  server.listen(socket === undefined ? { port: 0, host: '127.0.0.1' } : { path: socket });
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const each of sockets) each.destroy();
    server.close();
    await once(server, 'close');
  });
  const port = socket === undefined ? (server.address() as AddressInfo).port : 0;
  const scheme = tls ? 's' : '';
  const base = socket === undefined ? `ws${scheme}://127.0.0.1:${port}` : `ws+unix:${socket}:`;
  const open = (path = '/1.0/events', clientOptions?: ClientOptions) =>
    new WebSocket(`${base}${path}`, clientOptions);
  return {
    ...test,
    stream,
    server,
    socket,
    origin: `http${scheme}://127.0.0.1:${port}`,
    listen: async (path, clientOptions) => {
      const client = follow(open(path, clientOptions));
      await once(client.webSocket, 'open');
      return client;
    },
    refusal: async (path, clientOptions) => {
      const webSocket = open(path, clientOptions);
      const [, response] = (await once(webSocket, 'unexpected-response')) as [unknown, http.IncomingMessage];
      let text = '';
      for await (const chunk of response) text += chunk;
      return { status: response.statusCode, headers: response.headers, body: JSON.parse(text) };
    },
  };
}

function follow(webSocket: WebSocket): ListeningClient {
  const texts: string[] = [];
  const conditions = new Conditions();
  webSocket.on('message', (data, isBinary) => {
    texts.push(isBinary ? '(binary)' : String(data));
    conditions.look();
  });
  onTestFinished(() => webSocket.terminate());
  const events = () => texts.map((text) => JSON.parse(text));
  return {
    webSocket,
    texts,
    events,
    names: () => events().map(({ metadata }) => metadata.message ?? metadata.action ?? metadata.status),
    until: (count) => conditions.until(() => texts.length >= count),
    closed: new Promise((resolve) => webSocket.on('close', resolve)),
  };
}

/** What a client has to say. */
export const handshake =
  'GET /1.0/events HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n';

/** A client that says what a client has to say, and then reads nothing any more. */
export async function stall(socket: string): Promise<Socket> {
  const client = net.connect(socket);
  onTestFinished(() => void client.destroy());
  client.on('error', () => {});
  client.write(handshake);
  await once(client, 'data');
  client.pause();
  return client;
}
