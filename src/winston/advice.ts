/** What an operator should look at when a target cannot be reached, by the code of what happened. */

const advice: readonly (readonly [codes: RegExp, look: string])[] = [
  [/^HTTP_40[13]$/, 'Check its `username` and `password`, or its `bearer_token`'],
  [/^HTTP_(404|3\d\d)$/, 'Check the path of its `address`'],
  [/^(HTTP_407$|PROXY_)/, 'Check the proxy on the way to it'],
  [/^HTTP_(408|425|429|5\d\d)$/, 'It has trouble of its own, and is tried again'],
  [/^HTTP_4/, 'It refuses every event: check its `event_format` and `body_format`'],
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'Check the host name in its `address`'],
  [/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH)$/, 'Check the port in its `address`, and whether it runs'],
  [/^ETIMEDOUT$/, 'Check its `address`, firewalls between here and there, and whether it runs'],
  [
    /^(ECONNRESET|EPIPE)$/,
    'Check `http:` or `https:` in its `address`, and what stands between here and there',
  ],
  [
    /^(EPROTO|ERR_SSL_\w+)$/,
    'Check `http:` or `https:` in its `address`, and whether it wants a `client_cert`',
  ],
  [/^ANSWER_UNKNOWN$/, 'Check its `address`: who answers there is no receiver of its `event_format`'],
  [/^(ERR_TLS_CERT_ALTNAME_INVALID|CERT_HAS_EXPIRED)$/, 'Check its certificate'],
  [
    /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_UNTRUSTED/,
    'Give its certificate, or that of its authority, as `ca_cert`',
  ],
  [/^EGRESS_DENIED$/, "The transport's option `egress` forbids its address"],
  [/^SECRET_UNREADABLE$/, 'Check the file that its secret is in'],
];

/** A sentence; empty where there is nothing to be said. */
export function adviceFor(code: string): string {
  return advice.find(([codes]) => codes.test(code))?.[1] ?? '';
}
