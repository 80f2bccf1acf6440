/** A real proxy: CONNECT and requests with a whole address, over HTTP or HTTPS, with a password where it wants one. */

import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface TestProxy {
  readonly port: number;
  readonly address: string;
  /** The first line of each request that it got: `CONNECT 127.0.0.1:443`, `POST http://127.0.0.1:80/`. */
  readonly requests: string[];
  /** The headers of each. */
  readonly headers: http.IncomingHttpHeaders[];
  /** Status with which it refuses everything. Default: none. */
  refuses: number | undefined;
  /** Takes requests and never answers. Default: false. */
  isSilent: boolean;
}

/** It is closed when the test is finished. `credentials`: `user:password`, asked for. */
export async function startProxy(
  options: { tls?: https.ServerOptions; credentials?: string } = {},
): Promise<TestProxy> {
  const { tls, credentials } = options;
  const proxy: Pick<TestProxy, 'requests' | 'headers' | 'refuses' | 'isSilent'> = {
    requests: [],
    headers: [],
    refuses: undefined,
    isSilent: false,
  };
  const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
  const statusOf = (request: http.IncomingMessage) => {
    proxy.requests.push(`${request.method} ${request.url}`);
    proxy.headers.push(request.headers);
    if (wanted !== undefined && request.headers['proxy-authorization'] !== wanted) return 407;
    return proxy.refuses;
  };
  const server = tls ? https.createServer(tls) : http.createServer();
  server.on('request', (request: http.IncomingMessage, response: http.ServerResponse) => {
    const status = statusOf(request);
    if (proxy.isSilent) return;
    if (status !== undefined) {
      response.writeHead(status, { 'proxy-status': 'test; error=http_request_denied' }).end('of the proxy');
      return;
    }
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const onward = http.request(request.url ?? '', { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.writeHead(502, { 'proxy-status': 'test; error=x' }).end());
    request.pipe(onward);
  });
  server.on('connect', (request: http.IncomingMessage, socket: Socket, head: Buffer) => {
    const status = statusOf(request);
    socket.on('error', () => {});
    if (proxy.isSilent) return;
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 12\r\n\r\nof the proxy`);
      return;
    }
    const { hostname, port } = new URL(`http://${request.url}`);
    const onward = net.connect(Number(port || 80), hostname.replace(/^\[(.*)\]$/, '$1'));
    onward.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    onward.once('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    socket.once('close', () => onward.destroy());
  });
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    for (const socket of open) socket.destroy();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return Object.assign(proxy, { port, address: `${tls ? 'https' : 'http'}://127.0.0.1:${port}` });
}
