/** Talks to the console's API, which is beside the page whatever path both are mounted at. */

const TIMEOUT_MS = 15_000;
const TOKEN_KEY = 'log-targets-token';

const root = new URL('../1.0', document.baseURI.replace(/[?#].*/s, ''));

/** The server answered, and said no. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The server did not answer, or something in between did. */
export class AwayError extends Error {}

export interface Answer<Metadata> {
  readonly metadata: Metadata;
  readonly etag: string | undefined;
}

interface Sending {
  readonly body?: unknown;
  readonly ifMatch?: string | undefined;
}

/** Kept for this tab only: closing it forgets the token. */
let token = sessionStorage.getItem(TOKEN_KEY) ?? '';

export function hasToken(): boolean {
  return token !== '';
}

export function useToken(next: string): void {
  token = next;
  if (next === '') sessionStorage.removeItem(TOKEN_KEY);
  else sessionStorage.setItem(TOKEN_KEY, next);
}

export function targetPath(name: string, rest = ''): string {
  return `/log-targets/${encodeURIComponent(name)}${rest}`;
}

/**
 * Makes a request. @throws ApiError, AwayError
 */
export async function call<Metadata>(
  method: string,
  path: string,
  { body, ifMatch }: Sending = {},
): Promise<Answer<Metadata>> {
  const response = await send(path, {
    method,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: {
      ...authorization(),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(ifMatch !== undefined && { 'if-match': ifMatch }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const envelope = (await response.json().catch(() => undefined)) as
    | { metadata: Metadata; error?: string }
    | undefined;
  if (!response.ok)
    throw new ApiError(response.status, envelope?.error || `The server answered ${response.status}`);
  if (envelope === undefined) throw new AwayError('What answered is not the console');
  return { metadata: envelope.metadata, etag: response.headers.get('etag') ?? undefined };
}

/** Opens the event stream. @throws ApiError, AwayError */
export async function openEvents(
  types: readonly string[],
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const query = new URLSearchParams({
    'all-projects': 'true',
    ...(types.length > 0 && { type: types.join() }),
  });
  const response = await send(`/events?${query}`, {
    signal,
    headers: { ...authorization(), accept: 'text/event-stream' },
  });
  if (!response.ok || response.body === null) {
    const envelope = (await response.json().catch(() => undefined)) as { error?: string } | undefined;
    throw new ApiError(response.status, envelope?.error ?? `The server answered ${response.status}`);
  }
  return response.body;
}

/** A file of the page's own. @throws AwayError */
export async function loadFile(path: string): Promise<unknown> {
  const response = await fetch(new URL(path, document.baseURI)).catch(() => undefined);
  if (!response?.ok) throw new AwayError('The server does not answer');
  return response.json();
}

function authorization(): Record<string, string> {
  return token === '' ? {} : { authorization: `Bearer ${token}` };
}

async function send(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(`${root}${path}`, { cache: 'no-store', ...init }).catch((error: unknown) => {
    if (init.signal?.aborted && !(error instanceof DOMException && error.name === 'TimeoutError'))
      throw error;
    throw new AwayError('The server does not answer');
  });
  // What stands before a server that is away answers in its place.
  if ([502, 503, 504].includes(response.status))
    throw new AwayError(`The server is away (${response.status})`);
  return response;
}
