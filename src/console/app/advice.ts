/** What is wrong with a target, in words, and what to do about it. */

import type { TargetState } from './types.js';

export interface Advice {
  /** What happened. */
  readonly what: string;
  /** What to do, or that there is nothing to do. */
  readonly todo: string;
}

const kept = 'The events are kept.';

const byCode: Readonly<Record<string, Advice>> = {
  HTTP_400: {
    what: 'The receiver refuses the events',
    todo: 'Compare the event and body format with what the receiver takes. The events are kept.',
  },
  HTTP_401: {
    what: 'The receiver wants other credentials',
    todo: `Check user name and password, or the token. ${kept}`,
  },
  HTTP_403: {
    what: 'These credentials may not write there',
    todo: `Grant them access at the receiver, or use others. ${kept}`,
  },
  HTTP_404: { what: 'There is nothing at this address', todo: `Check the path of the address. ${kept}` },
  HTTP_405: { what: 'The address takes no POST', todo: `Check the path of the address. ${kept}` },
  HTTP_407: { what: 'A proxy wants credentials', todo: `Check the proxy's user name and password. ${kept}` },
  HTTP_408: {
    what: 'The receiver gave up waiting for the request',
    todo: `It is tried again by itself. ${kept}`,
  },
  HTTP_410: {
    what: 'The receiver is gone for good (410)',
    todo: 'Give the target another address, or remove it. Its queue is kept and goes on filling.',
  },
  HTTP_413: {
    what: 'The request was too large for the receiver',
    todo: 'Batches are made smaller by themselves; a lower batch_bytes saves the detour.',
  },
  HTTP_415: {
    what: 'The receiver does not take this kind of body',
    todo: `Check event_format and body_format. ${kept}`,
  },
  HTTP_422: {
    what: 'The receiver cannot make sense of the events',
    todo: `Check event_format and its options. ${kept}`,
  },
  HTTP_429: {
    what: 'The receiver asks for fewer requests',
    todo: 'It is tried again when the receiver said. Larger batches or a higher level help.',
  },
  HTTP_500: {
    what: 'The receiver failed',
    todo: `Look at the receiver. It is tried again by itself. ${kept}`,
  },
  HTTP_502: {
    what: 'What stands before the receiver cannot reach it',
    todo: `Look at the gateway and the receiver. ${kept}`,
  },
  HTTP_503: { what: 'The receiver is not available', todo: `It is tried again by itself. ${kept}` },
  HTTP_504: {
    what: 'What stands before the receiver got no answer from it',
    todo: `Look at the gateway and the receiver. ${kept}`,
  },
  ECONNREFUSED: {
    what: 'Nothing listens at this address',
    todo: `Is the receiver running, and is the port right? ${kept}`,
  },
  ECONNRESET: {
    what: 'The connection was broken off',
    todo: `Look at the receiver, and at what stands before it. ${kept}`,
  },
  EPIPE: {
    what: 'The connection was broken off',
    todo: `Look at the receiver, and at what stands before it. ${kept}`,
  },
  ENOTFOUND: {
    what: 'The host name is not known',
    todo: `Check the host name of the address, and the DNS. ${kept}`,
  },
  EAI_AGAIN: { what: 'The DNS does not answer', todo: `Check the DNS of this machine. ${kept}` },
  ETIMEDOUT: {
    what: 'The receiver did not answer in time',
    todo: `Is it overloaded, or behind a firewall? A longer timeout may help. ${kept}`,
  },
  ENETUNREACH: { what: 'There is no way to the network', todo: `Check routes and firewalls. ${kept}` },
  EHOSTUNREACH: { what: 'There is no way to the host', todo: `Check routes and firewalls. ${kept}` },
  CERT_HAS_EXPIRED: {
    what: "The receiver's certificate has expired",
    todo: `It must be renewed there. ${kept}`,
  },
  CERT_NOT_YET_VALID: {
    what: "The receiver's certificate is not valid yet",
    todo: `Check the clocks of both machines. ${kept}`,
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: {
    what: 'The certificate is self-signed',
    todo: `Put that certificate into ca_cert. ${kept}`,
  },
  SELF_SIGNED_CERT_IN_CHAIN: {
    what: 'Its certificate authority is not known',
    todo: `Put the certificate of that authority into ca_cert. ${kept}`,
  },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: {
    what: 'The certificate cannot be verified',
    todo: `Put the certificate of its authority into ca_cert. ${kept}`,
  },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: {
    what: 'Its certificate authority is not known',
    todo: `Put the certificate of that authority into ca_cert. ${kept}`,
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    what: 'The certificate is for another host',
    todo: `Use a host name that it holds, or pin it in ca_cert. ${kept}`,
  },
  EPROTO: {
    what: 'The receiver does not speak TLS as expected',
    todo: `Is it http: instead of https:? Check port and tls_min_version. ${kept}`,
  },
  EGRESS_DENIED: {
    what: 'This service may not connect to that address',
    todo: `Its egress rules forbid it; only whoever runs the service can change them. ${kept}`,
  },
  SECRET_UNREADABLE: {
    what: 'The file with the secret cannot be read',
    todo: `Check that it is in the secrets directory and readable. ${kept}`,
  },
};

const byClass: readonly (readonly [RegExp, Advice])[] = [
  [
    /^HTTP_3/,
    {
      what: 'The receiver redirects elsewhere',
      todo: `Redirects are not followed: use the final address. ${kept}`,
    },
  ],
  [
    /^HTTP_4/,
    { what: 'The receiver refuses the events', todo: 'Look at its answer among the dead letters.' },
  ],
  [
    /^HTTP_5/,
    { what: 'The receiver failed', todo: `Look at the receiver. It is tried again by itself. ${kept}` },
  ],
  [
    /^PROXY_/,
    {
      what: 'The proxy does not let it through',
      todo: `Check the proxy's address, credentials and rules. ${kept}`,
    },
  ],
  [
    /CERT|TLS|SSL/,
    { what: 'The TLS connection failed', todo: `Check the certificate of the receiver and ca_cert. ${kept}` },
  ],
];

/** What an error code means. */
export function adviceFor(code: string, message: string): Advice {
  const known = byCode[code] ?? byClass.find(([pattern]) => pattern.test(code))?.[1];
  return known ?? { what: message || code, todo: `It is tried again by itself. ${kept}` };
}

/** `HTTP_503` as people say it. */
export function codeText(code: string): string {
  return code.startsWith('HTTP_') ? code.slice(5) : code;
}

const reasons: Readonly<Record<string, Advice>> = {
  'queue-full': { what: 'the queue was full', todo: 'A spool on disk holds more than memory does.' },
  'too-old': { what: 'older than the spool may hold', todo: 'maxAge of the spool decides that.' },
  shutdown: { what: 'left over when the service ended', todo: 'A spool keeps them for the next start.' },
  'target-removed': {
    what: 'left over when the target was removed',
    todo: 'A removed target drains for a while only.',
  },
  rejected: { what: 'refused by the receiver', todo: 'With a spool they go to the dead letters instead.' },
  unserializable: {
    what: 'could not be written down',
    todo: 'Look for records that are far too large, or a format that throws.',
  },
  damaged: {
    what: 'could not be read back from disk',
    todo: 'A copy of what was damaged is set aside: see the warnings.',
  },
  discarded: { what: 'discarded by an operator', todo: 'The audit events say by whom.' },
};

/** Why events were dropped. */
export function reasonAdvice(reason: string): Advice {
  return reasons[reason] ?? { what: reason, todo: '' };
}

/** Whether somebody should look. */
export type Urgency = 'fine' | 'watch' | 'act' | 'off';

export interface StateWords {
  readonly word: string;
  readonly urgency: Urgency;
  readonly meaning: string;
}

/** `idle` and `sending` alternate all the time: both are up. */
export function stateWords(state: TargetState, code?: string): StateWords {
  switch (state) {
    case 'idle':
      return { word: 'Up', urgency: 'fine', meaning: 'Delivers as events come' };
    case 'sending':
      return { word: 'Up', urgency: 'fine', meaning: 'A request is under way' };
    case 'retrying':
      return {
        word: 'Retrying',
        urgency: 'watch',
        meaning: 'An attempt failed; the next one follows shortly',
      };
    case 'down':
      return { word: 'Down', urgency: 'act', meaning: 'Nothing gets through; it is tried again and again' };
    case 'draining':
      return { word: 'Draining', urgency: 'watch', meaning: 'Removed: delivers what it still holds' };
    case 'disabled':
      return code === 'HTTP_410'
        ? {
            word: 'Gone',
            urgency: 'act',
            meaning: 'The receiver answered 410: nothing is sent until the settings change',
          }
        : {
            word: 'Off',
            urgency: 'off',
            meaning: 'Switched off by its settings, or waiting for a target of its name',
          };
  }
}
