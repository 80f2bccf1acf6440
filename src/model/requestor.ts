/** Who asked for an action, as an object and as Migration Manager's text. */

/** Who caused a lifecycle event. */
export interface Requestor {
  /** How the requestor was authenticated, for instance `tls`, `oidc` or `unix`. */
  readonly protocol: string;
  /** User name or certificate fingerprint. */
  readonly username: string;
  /** Network address the request came from, without the port. */
  readonly address: string;
}

/**
 * Reads `protocol/username (address)`.
 * @throws TypeError when `text` has another shape or an empty part.
 */
export function parseRequestor(text: string): Requestor {
  const [, protocol, username, address] = /^([^/\s]+)\/(\S+) \((.+)\)$/.exec(text) ?? [];
  if (protocol === undefined || username === undefined || address === undefined) {
    throw new TypeError(
      `Expected a requestor to be \`protocol/username (address)\`, got ${JSON.stringify(text)}`,
    );
  }
  return { protocol, username, address };
}

/**
 * Writes `protocol/username (address)`, always in a shape that `parseRequestor` and Migration Manager read:
 * an empty part becomes `-`, white space in protocol or user name is percent-encoded.
 */
export function formatRequestor({ protocol, username, address }: Requestor): string {
  return `${word(protocol)}/${word(username)} (${address || '-'})`;
}

function word(text: string): string {
  return text.replace(/\s/g, (space) => encodeURIComponent(space)) || '-';
}
