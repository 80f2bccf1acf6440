/** How to reach a target: its address, the way there, TLS and authentication as options of a request. */

import http, { type IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import type { Got, RequestFunction } from 'got';
import { timerMs } from '../model/duration.js';
import type { LogTargetSettings } from '../settings/schema.js';
import { GuardedAgent, GuardedTlsAgent } from './agent.js';
import type { Outbound } from './outbound.js';
import { type Failure, outcomeOfError } from './outcome.js';
import { CONNECT_TIMEOUT_MS, createClient } from './post.js';
import { isProxysOwn, outcomeOfProxy, type ProxyServer, proxyError, proxyOf } from './proxy.js';
import { tlsOptions } from './trust.js';
import { TunnelAgent } from './tunnel.js';

/** A target's own pool of kept-alive connections, the client that uses it, and the headers that every request has. */
export interface Connection {
  /** What it was made of. */
  readonly settings: LogTargetSettings;
  readonly url: URL;
  readonly agent: http.Agent;
  readonly client: Got;
  readonly headers: Readonly<Record<string, string>>;
  /** What an answer means where it is the proxy's own. */
  readonly refusal?: (status: number, headers: IncomingHttpHeaders) => Failure | undefined;
  /** What an error means where it is the way's own. */
  readonly failure?: (error: unknown) => Failure;
}

/**
 * Opens no connection yet.
 * @throws AttemptError when there is no way
 */
export async function createConnection(
  settings: LogTargetSettings,
  { egress, proxy: option }: Outbound,
  keepsProcessAlive: boolean,
): Promise<Connection> {
  const url = new URL(settings.address);
  const isTls = url.protocol === 'https:';
  const pool = { keepAlive: true, maxFreeSockets: settings.concurrency };
  const headers = { ...settings.headers, ...authorization(settings) };
  const timeoutMs = timerMs(settings.timeout);
  const proxy = proxyOf(settings, option);
  if (proxy === undefined) {
    const agent = isTls
      ? new GuardedTlsAgent({ ...pool, ...(await tlsOptions(settings)) }, { egress })
      : new GuardedAgent(pool, { egress });
    return { settings, url, agent, client: createClient({ agent, timeoutMs }), headers };
  }
  // A name is looked up by the proxy, which has to guard it.
  egress.checkLiteral(url.hostname);
  const connectTimeoutMs = Math.min(CONNECT_TIMEOUT_MS, timeoutMs);
  const guard = { egress, proxyTimeoutMs: connectTimeoutMs };
  const toProxy = async (options: http.AgentOptions) =>
    proxy.url.protocol === 'https:'
      ? new GuardedTlsAgent({ ...options, ...(await tlsOptions(withoutClient(settings))) }, guard)
      : new GuardedAgent(options, guard);
  if (isTls) {
    const proxyAgent = await toProxy({});
    const tunnel = { proxy, proxyAgent, connectTimeoutMs, keepsProcessAlive };
    const agent = new TunnelAgent({ ...pool, ...(await tlsOptions(settings)) }, tunnel);
    return { settings, url, agent, client: createClient({ agent, timeoutMs, isProxied: true }), headers };
  }
  const agent = await toProxy(pool);
  return {
    settings,
    url,
    agent,
    client: createClient({ agent, timeoutMs, isProxied: true, request: throughProxy(proxy) }),
    headers: {
      ...headers,
      ...(proxy.authorization !== undefined && { 'proxy-authorization': proxy.authorization }),
    },
    refusal: (status, received) =>
      isProxysOwn(status, received) ? outcomeOfProxy(status, received['retry-after']) : undefined,
    failure: (error) => outcomeOfError(proxyError(error, proxy)),
  };
}

/**
 * The proxy gets the request itself, under the whole address of the receiver.
 * @see https://www.rfc-editor.org/rfc/rfc9112#name-absolute-form
 */
function throughProxy(proxy: ProxyServer): RequestFunction {
  const { request } = proxy.url.protocol === 'https:' ? https : http;
  return (url, options) =>
    request(proxy.url, {
      ...options,
      path: `${url.origin}${url.pathname}${url.search}`,
      headers: { ...options.headers, host: url.host },
    } as https.RequestOptions);
}

/** Who a target says it is is for its receiver only. */
function withoutClient(settings: LogTargetSettings): LogTargetSettings {
  return { ...settings, client_cert: '', client_key: '' };
}

function authorization({
  username,
  password,
  auth_scheme,
  bearer_token,
}: LogTargetSettings): Record<string, string> {
  if (bearer_token !== '') return { authorization: `${auth_scheme} ${bearer_token}` };
  if (username === '' && password === '') return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}
