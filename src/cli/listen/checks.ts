/** Whether a request may deliver: basic authentication and Standard Webhooks signatures, and what is wrong with them. */

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { sign } from '../../sending/signature.js';

/** How far the clock of a sender may be off, in seconds, as the specification suggests. */
const TOLERANCE_SECONDS = 5 * 60;

/** User name and password. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** What is wrong with the authorization of a request; `undefined`: nothing. Holds no password. */
export function credentialsProblem(
  { authorization }: IncomingHttpHeaders,
  expected: Credentials,
): string | undefined {
  if (authorization === undefined)
    return 'there is no `authorization`: give the target `username` and `password`';
  const [, scheme = '', encoded = ''] = /^(\S+)\s*(.*)$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() !== 'basic') {
    return `\`authorization\` is of the scheme \`${scheme.slice(0, 20)}\`, and \`Basic\` was expected: \`username\` and \`password\` instead of \`bearer_token\``;
  }
  const [, username = '', password] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  if (password === undefined) return '`authorization` holds no user name and password in base64';
  if (!isSame(username, expected.username)) return 'the user name is another one';
  return isSame(password, expected.password) ? undefined : 'the password is another one';
}

/**
 * What is wrong with the signature of a request; `undefined`: nothing.
 * @param body before compression
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signatureProblem(
  headers: IncomingHttpHeaders,
  body: Buffer,
  secrets: readonly string[],
  nowMs = Date.now(),
): string | undefined {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(
    (name) => headers[name],
  );
  if (typeof signatures !== 'string') {
    return 'there is no `webhook-signature`: give the target the secret in `signing_secrets`';
  }
  if (typeof id !== 'string' || typeof timestamp !== 'string') {
    return '`webhook-id` or `webhook-timestamp` is missing beside `webhook-signature`';
  }
  if (!/^\d{1,12}$/.test(timestamp)) return '`webhook-timestamp` is no number of seconds';
  const lateSeconds = Math.round(nowMs / 1000 - Number(timestamp));
  if (Math.abs(lateSeconds) > TOLERANCE_SECONDS) {
    const direction = lateSeconds > 0 ? 'in the past' : 'in the future';
    return `\`webhook-timestamp\` is ${Math.abs(lateSeconds)} s ${direction}, and at most ${TOLERANCE_SECONDS} s are tolerated: a clock is wrong, or the request is a repetition`;
  }
  const given = signatures.split(' ').filter((each) => each.startsWith('v1,'));
  if (given.length === 0) return '`webhook-signature` has no signature of version `v1`';
  const expected = secrets.map((secret) => sign([secret], id, Number(timestamp), body));
  if (given.some((each) => expected.some((right) => isSame(each, right)))) return undefined;
  return 'no signature fits: the target signs with another secret, or the body was changed on its way';
}

/** In the same time, whatever the difference. */
function isSame(given: string, expected: string): boolean {
  const [one, other] = [given, expected].map((text) => createHash('sha256').update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}
