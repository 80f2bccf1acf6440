/** Reads URLs of receivers. */

/**
 * The URL that a text is; `undefined` when it is none. `URL.canParse` is no help: once compiled, V8's says no to hosts
 * with Latin-1 letters.
 */
export function parseUrl(text: unknown): URL | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/**
 * The URL of a receiver; `undefined` for what Go's `net/url` refuses, whatever browsers make of it: a host that is
 * missing or escaped, escapes that are none, white space, control characters, ports that cannot be.
 * @see https://pkg.go.dev/net/url#Parse
 */
export function parseHttpUrl(text: string): URL | undefined {
  const [, authority] = /^https?:\/\/([^/?#]+)/i.exec(text) ?? [];
  if (authority === undefined || /[@%]/.test(authority)) return undefined;
  if (/[\s\\\p{Cc}]|%(?![\dA-Fa-f]{2})/u.test(text)) return undefined;
  const url = parseUrl(text);
  return url && url.hostname !== '' && url.port !== '0' ? url : undefined;
}

/**
 * The parts of a URL before, in and behind its query, which begins at the first `?`.
 */
export function splitQuery(text: string): { readonly before: string; readonly query: string | undefined } {
  const [whole = ''] = text.split('#', 1);
  const mark = whole.indexOf('?');
  return mark < 0
    ? { before: whole, query: undefined }
    : { before: whole.slice(0, mark), query: whole.slice(mark + 1) };
}
