/**
 * Signatures of requests.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */

import { createHmac } from 'node:crypto';

/**
 * The value of `webhook-signature`: one `v1` signature for each secret, so that a receiver that knows any of them
 * can verify it.
 * @param secrets `whsec_` and the base64 of the key
 * @param timestamp of this attempt, in whole seconds since the epoch
 * @param body before compression
 */
export function sign(secrets: readonly string[], id: string, timestamp: number, body: Buffer): string {
  return secrets
    .map((secret) => {
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
      const hmac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body);
      return `v1,${hmac.digest('base64')}`;
    })
    .join(' ');
}
