/** What receivers say, as far as it may be kept: text, and without the secrets that were sent to them. */

import { type LogTargetSettings, MASK } from '../settings/schema.js';

/** Shorter ones would be found everywhere, and tell of themselves by what is missing. */
const MIN_SECRET_LENGTH = 4;

/** How much is kept of what a receiver says of a batch. */
const MAX_KEPT_BYTES = 1024;

/** Takes the secrets of one target out of what its receiver says, which may repeat what it was sent. */
export class SecretFilter {
  static readonly #filters = new WeakMap<LogTargetSettings, SecretFilter>();

  readonly #forms: readonly string[];

  /** The filter for a target's settings, secrets in files included. */
  static of(settings: LogTargetSettings): SecretFilter {
    const filter = SecretFilter.#filters.get(settings) ?? new SecretFilter(settings);
    SecretFilter.#filters.set(settings, filter);
    return filter;
  }

  private constructor(settings: LogTargetSettings) {
    const forms = new Set(secretsOf(settings).filter(isLongEnough).flatMap(formsOf).filter(isLongEnough));
    // One that holds another one goes first.
    this.#forms = [...forms].sort((a, b) => b.length - a.length);
  }

  /** How much has to be read of an answer, so that no secret is cut in two where it ends. */
  get wantedBytes(): number {
    return MAX_KEPT_BYTES + Buffer.byteLength(this.#forms[0] ?? '');
  }

  /** What is kept of an answer that begins so: nothing that is no text. */
  excerpt(contentType: string | undefined, beginning: string): string {
    if (!isText(contentType, beginning)) return '';
    const bytes = Buffer.from(this.hide(beginning)).subarray(0, MAX_KEPT_BYTES);
    // Cut off in the middle of a character, that one is left out.
    return new TextDecoder().decode(bytes, { stream: true });
  }

  hide(text: string): string {
    return this.#forms.reduce((hidden, form) => hidden.replaceAll(form, MASK), text);
  }
}

/**
 * Whether an answer is text by its content type; by its looks where it has none.
 * @param beginning of the answer's body
 */
function isText(contentType: string | undefined, beginning: string): boolean {
  const [type = ''] = (contentType ?? '').toLowerCase().split(';');
  if (type.trim() !== '')
    return /^(text\/.+|application\/(.+\+)?(json|x-ndjson|problem\+json))$/.test(type.trim());
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  return !/[\u0000-\u0008\u000e-\u001f\ufffd]/.test(beginning);
}

function isLongEnough({ length }: string): boolean {
  return length >= MIN_SECRET_LENGTH;
}

function secretsOf(settings: LogTargetSettings): string[] {
  const { username, password, proxy_username, proxy_password } = settings;
  const pairs = [
    [username, password],
    [proxy_username, proxy_password],
  ].map(([user, secret]) => (user || secret ? `${user}:${secret}` : ''));
  return [
    password,
    proxy_password,
    ...pairs,
    settings.bearer_token,
    settings.client_key,
    ...settings.signing_secrets.flatMap((secret) => [secret, secret.slice('whsec_'.length)]),
    ...Object.values(settings.headers),
    ...queryValues(new URL(settings.address)),
  ];
}

/** As they are sent, and as they are meant. What has no name is a value, here as where it is masked. */
function queryValues({ search }: URL): string[] {
  return search
    .slice(1)
    .split('&')
    .flatMap((part) => {
      const equals = part.indexOf('=');
      const [[name, value] = ['', '']] = new URLSearchParams(part);
      return equals < 0 ? [part, name] : [part.slice(equals + 1), value];
    });
}

/** A secret as it is, and as JSON, a form, a URL and basic authentication write it. */
function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64');
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    new URLSearchParams([['', secret]]).toString().slice(1),
    base64.replace(/=+$/, ''),
    Buffer.from(secret).toString('base64url'),
  ];
}
