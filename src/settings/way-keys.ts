/** The keys that say which way leads to a receiver, and where its secrets are. */

import { text } from '../model/keys.js';

/** Characters of a token of HTTP. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;

/** `""`: as the transport says; `direct`: none. */
export const proxy = text(
  '`direct`, or the `http:` or `https:` URL of a proxy without user name, password and path',
  (value) => value === '' || value === 'direct' || isProxyUrl(value),
);

export const authScheme = text('one word that stands before a token', (value) => TOKEN.test(value));

/** Names of headers that say something of a connection, of the body or of who sends, which is not for settings to say. */
const reservedHeaders =
  /^(authorization|connection|content-.*|expect|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|webhook-.*)$/i;

export const RESERVED_HEADERS =
  'authorization, connection, content-*, expect, host, keep-alive, proxy-*, te, trailer, transfer-encoding, upgrade, webhook-*';

export function isReservedHeader(name: string): boolean {
  return reservedHeaders.test(name);
}

/** Where a secret is, which is looked for in the transport's `secretsDirectory`. */
export const secretFile = text('a path relative to `secretsDirectory`, without `..`', (value) => {
  const isRelative = !/^([/\\]|[A-Za-z]:)/.test(value) && !value.split(/[/\\]/).includes('..');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be in it
  return value.length <= 1024 && isRelative && !/[\u0000-\u001f\u007f]/.test(value);
});

/** Whether it is `whsec_` and the base64 of 24 to 64 bytes. */
export function isSigningSecret(value: string): boolean {
  const [, encoded] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(value) ?? [];
  const bytes = encoded === undefined ? 0 : Buffer.from(encoded, 'base64').length;
  return bytes >= 24 && bytes <= 64;
}

/** The keys whose value may be in a file instead, each with the key that names it. */
export const fileKeys = {
  password: 'password_file',
  bearer_token: 'bearer_token_file',
  client_key: 'client_key_file',
  signing_secrets: 'signing_secrets_file',
} as const;

/** As strict as the address of a target: no white space, no port 0. */
function isProxyUrl(value: string): boolean {
  if (!/^https?:\/\/[^\s/?#@\\]+\/?$/i.test(value)) return false;
  try {
    const { port, hostname } = new URL(value);
    return port !== '0' && hostname !== '';
  } catch {
    return false;
  }
}
