/** A running service, as its console lets operators see and steer it. */

import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import got, { type Method, RequestError, type Response } from 'got';
import { parseUrl } from '../../model/url.js';
import { membersOf } from '../events/shown-event.js';
import { codeOf, Failure } from '../failure.js';
import type { Credentials } from '../listen/checks.js';
import { inOneLine } from '../terminal.js';
import { answerProblem, connectionProblem } from './troubles.js';

/** Where the service is, and who asks. */
export interface ServiceOptions {
  readonly url: string;
  readonly token?: string;
  readonly user?: Credentials;
  /** Files. */
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
  readonly json?: boolean;
}

/** What is sent with a request. */
export interface RequestDetails {
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string>>;
  /** The tag that the settings must still have. */
  readonly ifMatch?: string | undefined;
}

/** What came back, out of its envelope. */
export interface Answer {
  readonly metadata: unknown;
  readonly etag: string | undefined;
}

/** Longest wait for an answer: a ping of a target takes as long as its own timeout. */
const TIMEOUT_MS = 30_000;

/** What TLS needs of us, read from files. */
export interface Certificates {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string[];
}

/** Makes requests of one console. */
export class Service {
  /** For messages: without anything secret. */
  readonly place: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly certificates: Certificates;
  readonly #base: string;

  /** @throws Failure when the URL is none, or a file cannot be read */
  constructor(options: ServiceOptions) {
    this.#base = baseOf(options.url);
    this.place = this.#base.replace(/:$/, '');
    this.headers = { 'user-agent': 'log-targets', ...authorizationOf(options) };
    this.certificates = readCertificates(options);
  }

  /** The URL of a path of the console, as `got` and `ws` take it. */
  urlOf(path: string): string {
    return `${this.#base}${path}`;
  }

  /** @throws Failure that says what to check */
  async request(
    method: Method,
    path: string,
    { body, query, ifMatch }: RequestDetails = {},
  ): Promise<Answer> {
    const search = query === undefined ? '' : `?${new URLSearchParams(query)}`;
    const { cert, key, ca } = this.certificates;
    try {
      const response = await got(`${this.urlOf(path)}${search}`, {
        method,
        ...(body !== undefined && { json: body }),
        headers: { ...this.headers, ...(ifMatch !== undefined && { 'if-match': ifMatch }) },
        https: {
          ...(cert !== undefined && { certificate: cert }),
          ...(key !== undefined && { key }),
          ...(ca !== undefined && { certificateAuthority: ca }),
        },
        enableUnixSockets: true,
        followRedirect: false,
        throwHttpErrors: false,
        retry: { limit: 0 },
        timeout: { request: TIMEOUT_MS },
      });
      return this.#read(response);
    } catch (error) {
      if (error instanceof RequestError) throw connectionProblem(this.place, error.code, error.message);
      throw error;
    }
  }

  #read({ statusCode, body, headers }: Response<string>): Answer {
    const envelope = envelopeIn(body);
    if (statusCode === 200 && envelope?.type === 'sync') {
      return { metadata: envelope.metadata, etag: headers.etag };
    }
    const said = typeof envelope?.error === 'string' ? inOneLine(envelope.error) : undefined;
    throw answerProblem(this.place, statusCode, said);
  }
}

/** The path of a target's resource. */
export function targetPath(name: string, rest = ''): string {
  return `/1.0/log-targets/${encodeURIComponent(name)}${rest}`;
}

/** LXD's envelope, where a body is one. */
function envelopeIn(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const envelope = membersOf(JSON.parse(body));
    return 'metadata' in envelope ? envelope : undefined;
  } catch {
    return undefined;
  }
}

/** `unix:/path` becomes got's `unix:/path:`, where the path of the request follows the second colon. */
function baseOf(text: string): string {
  const [, socket, path = ''] = /^unix:(?:\/\/)?(\/[^:]*)(?::(\/.*)?)?$/.exec(text) ?? [];
  if (socket !== undefined) return `unix:${socket}:${path.replace(/\/+$/, '')}`;
  const url = parseUrl(text);
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new Failure('Expected `--url` to be an `https:` or `http:` URL, or `unix:/path/of/socket`', {
      exitCode: 2,
    });
  }
  if (url.username || url.password) {
    throw new Failure('Expected `--url` without user name and password', {
      hint: 'They belong into --user, or LOG_TARGETS_USER.',
      exitCode: 2,
    });
  }
  return `${url.origin}${url.pathname.replace(/(\/ui)?\/+$/, '')}`;
}

function authorizationOf({ token, user }: ServiceOptions): Record<string, string> {
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  if (user === undefined) return {};
  const encoded = Buffer.from(`${user.username}:${user.password}`).toString('base64');
  return { authorization: `Basic ${encoded}` };
}

function readCertificates({ cert, key, ca }: ServiceOptions): Certificates {
  return {
    ...(cert !== undefined && { cert: readPem('--cert', cert) }),
    ...(key !== undefined && { key: readPem('--key', key) }),
    ...(ca !== undefined && { ca: [...rootCertificates, readPem('--ca', ca)] }),
  };
}

function readPem(option: string, file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure(`The file of ${option}, ${file}, cannot be read (${codeOf(error)})`);
  }
  if (text.includes('-----BEGIN ')) return text;
  throw new Failure(`The file of ${option}, ${file}, is no PEM`);
}
