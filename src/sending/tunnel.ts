/**
 * TLS to a receiver through a proxy, which connects the two and sees nothing of what they say.
 * @see https://www.rfc-editor.org/rfc/rfc9110#CONNECT
 */

import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { limitTime } from './agent.js';
import { AttemptError, timedOut } from './attempt-error.js';
import { outcomeOfProxy, type ProxyServer, proxyError } from './proxy.js';

export interface TunnelOptions {
  readonly proxy: ProxyServer;
  /** Of connections to the proxy itself. */
  readonly proxyAgent: http.Agent;
  /** Of each of the steps: until the proxy has connected, and of TLS through it. */
  readonly connectTimeoutMs: number;
  readonly keepsProcessAlive: boolean;
}

/** Keeps connections to one receiver, each through a tunnel of its own. */
export class TunnelAgent extends https.Agent {
  readonly #tunnel: TunnelOptions;
  readonly #pending = new Set<ClientRequest>();

  /** @param options of TLS with the receiver */
  constructor(options: https.AgentOptions, tunnel: TunnelOptions) {
    super(options);
    this.#tunnel = tunnel;
  }

  override createConnection(
    options: https.RequestOptions,
    created?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const { connectTimeoutMs } = this.#tunnel;
    this.#open(String(options.host), Number(options.port)).then(
      (socket) => {
        const secured = super.createConnection({ ...options, socket } as https.RequestOptions) as Socket;
        limitTime(secured, 'secureConnect', connectTimeoutMs, () =>
          timedOut('ETIMEDOUT', 'no TLS connection', connectTimeoutMs),
        );
        created?.(null, secured);
      },
      (error: Error) => created?.(error, undefined as never),
    );
  }

  override destroy(): void {
    for (const request of this.#pending) request.destroy(new Error('the target was closed'));
    this.#tunnel.proxyAgent.destroy();
    super.destroy();
  }

  /** A connection through the proxy to `host`. */
  #open(host: string, port: number): Promise<Socket> {
    const { proxy, proxyAgent, connectTimeoutMs, keepsProcessAlive } = this.#tunnel;
    const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const { request: create } = proxy.url.protocol === 'https:' ? https : http;
    return new Promise((resolve, reject) => {
      const request = create(proxy.url, {
        method: 'CONNECT',
        path: authority,
        agent: proxyAgent,
        headers: {
          host: authority,
          'user-agent': 'winston-log-targets',
          ...(proxy.authorization !== undefined && { 'proxy-authorization': proxy.authorization }),
        },
      });
      this.#pending.add(request);
      request.once('close', () => this.#pending.delete(request));
      request.once('socket', (socket) => {
        if (!keepsProcessAlive) socket.unref();
        // It has to reach the receiver meanwhile.
        const ms = 2 * connectTimeoutMs;
        limitTime(request, 'connect', ms, () => timedOut('PROXY_ETIMEDOUT', 'no answer of the proxy', ms));
      });
      const answered = ({ statusCode = 0, headers }: IncomingMessage, socket: Socket, head?: Buffer) => {
        if (statusCode >= 200 && statusCode < 300) {
          if (head?.length) socket.unshift(head);
          resolve(socket);
          return;
        }
        socket.destroy();
        reject(refusal(statusCode, headers['retry-after']));
      };
      request.once('connect', answered);
      request.once('response', (answer) => answered(answer, answer.socket));
      request.on('error', (error) => reject(proxyError(error, proxy)));
      request.end();
    });
  }
}

/** The proxy answered, but did not connect. */
function refusal(status: number, retryAfter: string | undefined): AttemptError {
  const { kind, error } = outcomeOfProxy(status, retryAfter);
  return new AttemptError(error.code, error.message, kind === 'retryable' ? 'retryable' : 'misconfigured');
}
