/** Which proxy, if any, leads to a target. */

import type { IncomingHttpHeaders } from 'node:http';
import type { DeliveryError } from '../report.js';
import type { LogTargetSettings } from '../settings/schema.js';
import { AttemptError } from './attempt-error.js';
import { proxyFromEnvironment } from './no-proxy.js';
import { type Failure, outcomeOf } from './outcome.js';

/** A proxy and how to log on to it. */
export interface ProxyServer {
  /** Without user name and password. */
  readonly url: URL;
  /** The value of `proxy-authorization`. */
  readonly authorization: string | undefined;
}

/** What a transport says: as the environment does, none, or this one. */
export type ProxyOption = 'environment' | 'none' | ProxyServer;

/**
 * The transport's option `proxy`.
 * @throws TypeError when it is neither of the two words nor the URL of a proxy
 */
export function parseProxyOption(given: unknown): ProxyOption {
  if (given === 'environment' || given === 'none') return given;
  const isText = typeof given === 'string' || given instanceof URL;
  const parsed = isText ? parseProxy(String(given)) : undefined;
  if (parsed) return parsed;
  // It may hold a password: what was given is not shown.
  throw new TypeError(
    `Expected \`proxy\` to be \`environment\`, \`none\` or the \`http:\` or \`https:\` URL of a proxy, got ${
      isText ? 'something else' : typeof given
    }`,
  );
}

/**
 * The proxy on the way to a target; `undefined`: none. The target's own word counts more than the transport's.
 * @throws AttemptError when the environment names one that is none
 */
export function proxyOf(settings: LogTargetSettings, option: ProxyOption): ProxyServer | undefined {
  const chosen = choose(settings, option);
  const { proxy_username, proxy_password } = settings;
  if (chosen === undefined || (proxy_username === '' && proxy_password === '')) return chosen;
  return { ...chosen, authorization: basic(proxy_username, proxy_password) };
}

/** The address of the proxy on the way to a target, for people to see. */
export function viaOf(settings: LogTargetSettings, option: ProxyOption): string | undefined {
  try {
    return proxyOf(settings, option)?.url.origin;
  } catch {
    return undefined;
  }
}

/** What a proxy's own answer means: nothing about an event, though a body may be too large for it. */
export function outcomeOfProxy(status: number, retryAfter: string | undefined): Failure {
  const outcome = outcomeOf(status, 0, retryAfter);
  const code = `PROXY_${status}`;
  // Without its status, which is none of the receiver.
  switch (outcome.kind) {
    case 'retryable': {
      const { retryAfterMs } = outcome;
      const error = { code, message: messageOf(outcome.error) };
      return { kind: 'retryable', error, ...(retryAfterMs !== undefined && { retryAfterMs }) };
    }
    case 'tooLarge':
    case 'misconfigured':
    case 'rejected':
    case 'gone': {
      const kind = outcome.kind === 'tooLarge' ? 'tooLarge' : 'misconfigured';
      return { kind, error: { code, message: messageOf(outcome.error) } };
    }
    default:
      // It has connected nobody, whatever it says.
      return { kind: 'retryable', error: { code, message: `the proxy answered ${status}` } };
  }
}

function messageOf({ message }: DeliveryError): string {
  return message.replace('the receiver', 'the proxy');
}

/**
 * Whether an answer to a request that a proxy passes on, readable to it, is the proxy's own.
 * @see https://www.rfc-editor.org/rfc/rfc9209 for `proxy-status`; Squid and Tinyproxy have ways of their own
 */
export function isProxysOwn(status: number, headers: IncomingHttpHeaders): boolean {
  if (status < 400) return false;
  if (status === 407 || headers['x-squid-error'] !== undefined) return true;
  return /;\s*error=/.test(String(headers['proxy-status'])) || /^tinyproxy/i.test(String(headers.server));
}

/** What went wrong on the way to the proxy. */
export function proxyError(error: unknown, proxy: ProxyServer): unknown {
  if (error instanceof AttemptError || !(error instanceof Error)) return error;
  const code = 'code' in error ? String(error.code) : 'UNKNOWN';
  return new AttemptError(`PROXY_${code}`, `the proxy ${proxy.url.origin}: ${error.message || code}`);
}

function choose(settings: LogTargetSettings, option: ProxyOption): ProxyServer | undefined {
  if (settings.proxy === 'direct') return undefined;
  if (settings.proxy !== '') return parseProxy(settings.proxy);
  if (option === 'none') return undefined;
  if (option !== 'environment') return option;
  const found = proxyFromEnvironment(new URL(settings.address), process.env);
  if (found === undefined) return undefined;
  const proxy = parseProxy(/^[a-z][a-z\d+.-]*:\/\//i.test(found) ? found : `http://${found}`);
  if (proxy) return proxy;
  throw new AttemptError(
    'PROXY_INVALID',
    'the proxy that the environment names is no `http:` or `https:` URL',
    'misconfigured',
  );
}

function parseProxy(text: string): ProxyServer | undefined {
  try {
    const url = new URL(text);
    const { protocol, hostname, username, password } = url;
    if (!/^https?:$/.test(protocol) || hostname === '' || url.port === '0') return undefined;
    const hasUser = username !== '' || password !== '';
    const authorization = hasUser
      ? basic(decodeURIComponent(username), decodeURIComponent(password))
      : undefined;
    return { url: new URL(url.origin), authorization };
  } catch {
    return undefined;
  }
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
