/** The keys of the settings, their defaults and limits, beside each other. */

import { validateHeaderName, validateHeaderValue } from 'node:http';
import { z } from 'zod';
import { bodyFormats } from '../formats/envelope.js';
import type { FormatSettings } from '../formats/formats.js';
import { formatDuration, parseDuration } from '../model/duration.js';
import { eventTypes } from '../model/event.js';
import { isGlob, MAX_GLOB_LENGTH } from '../model/glob.js';
import { orDefault, text } from '../model/keys.js';
import { levels, parseLevel } from '../model/level.js';
import { parseHttpUrl, splitQuery } from '../model/url.js';
import type { LogTarget, SystemSettingsInput } from './log-target.js';
import { isPrivateKey, parseCertificates } from './pem.js';
import {
  authScheme,
  isReservedHeader,
  isSigningSecret,
  proxy,
  RESERVED_HEADERS,
  secretFile,
} from './way-keys.js';

/** The smallest `batch_bytes`: an event that is cut down to its bare frame fits in it, in the default format. */
export const MIN_BATCH_BYTES = 256;
/** The largest `batch_bytes`: a body is made in one piece, in memory. */
const MAX_BATCH_BYTES = 64 * 2 ** 20;
/** The most `concurrency`: each request in flight holds a connection and a body. */
const MAX_CONCURRENCY = 256;

/** What a secret reads as. */
export const MASK = '********';

/** A mask that got here was not read from us: it would be sent as the secret itself. */
function secret(accepts: (value: string) => boolean = () => true) {
  return text('a secret that can be sent, not a mask', (value) => value !== MASK && accepts(value));
}

function integer(min: number, max = Number.MAX_SAFE_INTEGER) {
  const expectation =
    max === Number.MAX_SAFE_INTEGER ? `an integer >= ${min}` : `an integer from ${min} to ${max}`;
  return z.int(expectation).min(min, expectation).max(max, expectation);
}

function oneOf<const Values extends readonly string[]>(values: Values) {
  return z.enum(values, `one of ${values.map((value) => `\`${value}\``).join(', ')}`);
}

interface DurationLimits {
  /** A wait of nothing makes no sense and means the default. Default: true. */
  readonly zeroIsDefault?: boolean;
  /** In nanoseconds, exclusive. */
  readonly moreThan?: bigint;
}

/** A Go duration, kept as Go writes it. */
function duration(value: string, { zeroIsDefault = true, moreThan = -1n }: DurationLimits = {}) {
  const expectation =
    moreThan < 0n ? 'a Go duration such as `1m30s`' : `a Go duration > ${formatDuration(moreThan)}`;
  const canonical = z
    .string(expectation)
    .meta({ description: expectation })
    .transform((given, context) => {
      try {
        const nanoseconds = parseDuration(given);
        if (nanoseconds === 0n && zeroIsDefault) return value;
        if (nanoseconds > moreThan) return formatDuration(nanoseconds);
        context.addIssue({ code: 'custom', message: expectation });
      } catch (error) {
        const why = error instanceof RangeError ? ` (${error.cause})` : '';
        context.addIssue({ code: 'custom', message: `${expectation}${why}` });
      }
      return z.NEVER;
    });
  return orDefault(canonical, value);
}

/** Whether a text can be the name of a log target. */
export function isTargetName(value: string): boolean {
  return Buffer.byteLength(value) <= 64 && /^[A-Za-z\d]([^\s\p{Cc}$?&+"'`*/]*[A-Za-z\d])?$/u.test(value);
}

const name = text(
  'at most 64 bytes, an ASCII letter or digit at both ends, without white space or any of $ ? & + " \' ` * /',
  isTargetName,
);

const address = text(
  'an `http:` or `https:` URL with a host other than `unix`, without user name, password, white space, malformed escapes and masks',
  (value) => isReachable(parseHttpUrl(value)) && !hasMask(value),
);

/** Requests to the host `unix` would be those to a socket in the file system: nothing leads there. */
function isReachable(url: URL | undefined): boolean {
  return url !== undefined && url.hostname !== 'unix';
}

/** A mask that got here was not read from us. */
function hasMask(value: string): boolean {
  return splitQuery(value).query?.split(/[&=]/).includes(MASK) === true;
}

const withoutColon = text('text without a colon', (value) => !value.includes(':'));

const level = text(
  `one of ${levels.map((each) => `\`${each}\``).join(', ')}`,
  (value) => parseLevel(value) !== undefined,
).transform((value) => parseLevel(value) ?? 'WARN');

const certificates = text(
  'PEM with at least one certificate, all of them readable',
  (value) => value === '' || parseCertificates(value) !== undefined,
);

const privateKey = text(
  'PEM with a private key that needs no passphrase',
  (value) => value === '' || isPrivateKey(value),
);

const headerName = text(
  `a header name other than ${RESERVED_HEADERS}`,
  (value) => !isReservedHeader(value) && accepts(() => validateHeaderName(value)),
);

const headerValue = text(
  'text that a header can hold, not a mask',
  (value) => value !== MASK && isHeaderValue(value),
);

const signingSecret = text('`whsec_` and the base64 of 24 to 64 bytes', isSigningSecret);

function isHeaderValue(value: string): boolean {
  return accepts(() => validateHeaderValue('x', value));
}

function accepts(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

/** Which keys there are depends on `event_format`: that is looked at together. */
const formatOptionsOfAny = z.record(z.string(), z.unknown(), 'an object') as unknown as z.ZodType<
  FormatSettings['format_options']
>;

/** Which formats there are is looked at with their options. */
export const eventFormat = z.unknown() as unknown as z.ZodType<string>;

/** A log target. The first ten keys are Migration Manager's. */
export const logTargetSchema = z.strictObject(
  {
    name,
    type: orDefault(oneOf(['webhook']), 'webhook'),
    level: orDefault(level, 'WARN'),
    address,
    username: orDefault(withoutColon, ''),
    password: orDefault(secret(), ''),
    ca_cert: orDefault(certificates, ''),
    retry_count: orDefault(integer(1), 3),
    retry_timeout: duration('10s'),
    scopes: orDefault(z.array(oneOf(eventTypes), 'a list'), ['lifecycle', 'logging']),
    enabled: orDefault(z.boolean('true or false'), true),
    concurrency: orDefault(integer(1, MAX_CONCURRENCY), 1),
    lifecycle_actions: orDefault(
      z.array(
        text(
          `an action or a glob of \`*\` and \`?\`, at most ${MAX_GLOB_LENGTH} characters, without any of ! ( ) { } [ ]`,
          isGlob,
        ),
        'a list',
      ),
      [],
    ),
    lifecycle_projects: orDefault(
      z.array(
        text('the name of a project', (value) => value !== ''),
        'a list',
      ),
      [],
    ),
    event_format: orDefault(eventFormat, 'migration-manager'),
    format_options: orDefault(formatOptionsOfAny, {}),
    body_format: orDefault(oneOf(bodyFormats), 'array'),
    batch_size: orDefault(integer(1), 5000),
    batch_bytes: orDefault(integer(MIN_BATCH_BYTES, MAX_BATCH_BYTES), 2 ** 20),
    batch_wait: duration('200ms', { zeroIsDefault: false }),
    timeout: duration('15s'),
    compression: orDefault(oneOf(['none', 'gzip']), 'none'),
    headers: orDefault(z.record(headerName, headerValue, 'an object of strings'), {}),
    bearer_token: orDefault(secret(isHeaderValue), ''),
    auth_scheme: orDefault(authScheme, 'Bearer'),
    signing_secrets: orDefault(z.array(signingSecret, 'a list'), []),
    client_cert: orDefault(certificates, ''),
    client_key: orDefault(privateKey, ''),
    tls_min_version: orDefault(oneOf(['TLSv1.2', 'TLSv1.3']), 'TLSv1.2'),
    proxy: orDefault(proxy, ''),
    proxy_username: orDefault(withoutColon, ''),
    proxy_password: orDefault(secret(), ''),
    password_file: orDefault(secretFile, ''),
    bearer_token_file: orDefault(secretFile, ''),
    client_key_file: orDefault(secretFile, ''),
    signing_secrets_file: orDefault(secretFile, ''),
  },
  'an object',
);

/** All that operators can set. */
export const systemSettingsSchema = z.strictObject(
  {
    sync_interval: duration('10m0s', { moreThan: 1_000_000_000n }),
    disable_auto_sync: orDefault(z.boolean('true or false'), false),
    log_level: orDefault(level, 'WARN'),
    log_targets: orDefault(z.array(logTargetSchema, 'a list'), []),
  },
  'an object',
);

/** Keys whose values never appear in a message. A key put where a certificate belongs must not be shown either. */
export const unquotedKeys: ReadonlySet<string> = new Set([
  'username', // with the password behind a colon, when it is wrong
  'password',
  'proxy',
  'proxy_username',
  'proxy_password',
  'bearer_token',
  'client_key',
  'signing_secrets',
  'headers',
  'ca_cert',
  'client_cert',
]);

/**
 * All that operators can set, validated and complete: every key of {@link SystemSettingsInput} has its value, deeply
 * frozen. Durations are written as Go writes them.
 */
export type SystemSettings = Complete<
  Omit<SystemSettingsInput, 'log_targets'>,
  typeof systemSettingsSchema
> & {
  /** Where events are sent. */
  readonly log_targets: LogTargetSettings[];
};

/** A log target, validated and complete: every key of {@link LogTarget} has its value. Durations are written as Go writes them. */
export type LogTargetSettings = Complete<LogTarget, typeof logTargetSchema>;

/** What is said of a key where users write it is shown here as well. */
type Complete<Input, Schema extends z.ZodType> = {
  readonly [Key in keyof Input]-?: Key extends keyof z.output<Schema> ? z.output<Schema>[Key] : never;
};

/** All settings at their defaults. */
export const defaultSettings: SystemSettings = systemSettingsSchema.parse({});

/** A log target's keys at their defaults, but for those that have none. */
export const defaultTarget: Omit<LogTargetSettings, 'name' | 'address'> = logTargetSchema
  .omit({ name: true, address: true })
  .parse({});
