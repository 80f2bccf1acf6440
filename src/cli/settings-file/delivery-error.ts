/** What to do about a delivery that failed, by the code of its error. */

const hints: readonly (readonly [RegExp, string])[] = [
  [/^ECONNREFUSED$/, 'nothing listens there: is the receiver up, is the port right?'],
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'the host name is not known: check `address`'],
  [/^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/, 'no answer: check `address`, firewalls and `timeout`'],
  [
    /SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_UNTRUSTED/,
    'its certificate is not trusted: put its CA, or itself, into `ca_cert`',
  ],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID/,
    'its certificate is for another host: check `address`, or pin it in `ca_cert`',
  ],
  [/CERT_HAS_EXPIRED/, 'its certificate has expired'],
  [/^(EPROTO|ERR_SSL_)/, 'TLS failed: is it `http:` instead of `https:`, or does it want `client_cert`?'],
  [/^HTTP_401$/, 'check `username` and `password`, or `bearer_token` and `auth_scheme`'],
  [/^HTTP_403$/, 'the credentials are known, and not allowed to deliver'],
  [/^HTTP_(404|405|3\d\d)$/, 'check the path of `address`'],
  [/^HTTP_407$|^PROXY_/, 'the proxy refused: check `proxy` and its credentials'],
  [/^HTTP_(400|415|422)$/, 'the receiver does not take this: check `event_format` and `body_format`'],
  [/^HTTP_413$/, 'the body is too large for it: check `batch_bytes`'],
  [/^HTTP_(429|5\d\d)$/, 'the receiver has trouble of its own: try again later'],
  [/^EGRESS_DENIED$/, 'targets may not be at this address'],
  [/^SECRET_UNREADABLE$/, 'check the `..._file` keys and --secrets-directory'],
];

/** `undefined` when there is nothing to say beside the error itself. */
export function hintFor(code: string): string | undefined {
  return hints.find(([pattern]) => pattern.test(code))?.[1];
}
