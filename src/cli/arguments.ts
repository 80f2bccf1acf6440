/** Reads what people write behind options; what is wrong is wrong usage. */

import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../model/duration.js';
import { eventTypes } from '../model/event.js';
import { parseLevel } from '../model/level.js';
import { parseUrl } from '../model/url.js';
import { Failure } from './failure.js';
import { type Answer, parseAnswers } from './listen/answers.js';
import type { Credentials } from './listen/checks.js';

export function port(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('Expected a number from 0 to 65535.');
}

export function count(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a number from 1 on.');
}

/** `user:password`; what is wrong is not quoted. */
export function credentials(text: string): Credentials {
  const [, username, password] = /^([^:]*):(.*)$/s.exec(text) ?? [];
  if (username === undefined || password === undefined) {
    throw new Failure('Expected `--user` to be USER:PASSWORD', { exitCode: 2 });
  }
  return { username, password };
}

/** One more secret of Standard Webhooks; what is wrong is not quoted. */
export function secret(text: string, previous: readonly string[] = []): string[] {
  const [, encoded = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const bytes = Buffer.from(encoded, 'base64').length;
  if (bytes < 24 || bytes > 64) {
    throw new Failure('Expected `--secret` to be `whsec_` and the base64 of 24 to 64 bytes', { exitCode: 2 });
  }
  return [...previous, text];
}

export function answers(text: string): Answer[] {
  try {
    return parseAnswers(text);
  } catch (error) {
    throw new InvalidArgumentError((error as RangeError).message);
  }
}

export function httpUrl(text: string): URL {
  const url = parseUrl(text);
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new InvalidArgumentError('Expected an `http:` or `https:` URL.');
  }
  return url;
}

/** A Go duration, in milliseconds. */
export function duration(text: string): number {
  try {
    return Number(parseDuration(text)) / 1e6;
  } catch {
    throw new InvalidArgumentError('Expected a duration such as `10s` or `1m30s`.');
  }
}

export function level(text: string): string {
  const known = parseLevel(text);
  if (known === undefined) throw new InvalidArgumentError('Expected DEBUG, INFO, WARN or ERROR.');
  return known;
}

/** One more type of events; several may be given with commas. */
export function eventType(text: string, previous: readonly string[] = []): string[] {
  const types = text.split(',');
  if (types.every((type) => (eventTypes as readonly string[]).includes(type))) return [...previous, ...types];
  throw new InvalidArgumentError(`Expected one of ${eventTypes.join(', ')}.`);
}

/** A time, or how long ago it was; ISO text. */
export function time(text: string): string {
  const date = new Date(text);
  if (/^\d{4}-/.test(text) && !Number.isNaN(date.getTime())) return date.toISOString();
  try {
    return new Date(Date.now() - duration(text)).toISOString();
  } catch {
    throw new InvalidArgumentError('Expected a time such as `2026-11-21T12:00:00Z`, or how long ago: `2h`.');
  }
}

/** One more of a list. */
export function another(text: string, previous: readonly string[] = []): string[] {
  return [...previous, text];
}

/** `KEY=VALUE` */
export function assignment(text: string, previous: readonly (readonly [string, string])[] = []) {
  const [, key, value] = /^(\w+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError('Expected KEY=VALUE.');
  return [...previous, [key, value] as const];
}
