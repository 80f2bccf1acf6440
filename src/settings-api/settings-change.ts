/** What a request makes of the settings: its precondition, its merge, its masks. */

import type { IncomingMessage } from 'node:http';
import { SettingsError } from '../errors.js';
import type { Formats } from '../formats/formats.js';
import { HttpError } from '../http/envelope.js';
import { unmaskSettings } from '../settings/masking.js';
import type { SystemSettings } from '../settings/schema.js';
import { problemsOf, validateSettings } from '../settings/validate.js';

/**
 * Refuses a change to settings that have been changed since they were read.
 * @throws HttpError 412
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.if-match
 */
export function checkPrecondition(request: IncomingMessage, etag: string): void {
  const header = request.headers['if-match'];
  if (header === undefined || header.trim() === '*') return;
  const tags = header.split(',').map((tag) => tag.trim());
  if (!tags.includes(etag)) throw new HttpError(412, 'The settings have been changed since they were read');
}

/**
 * RFC 7386, of which one level is enough: no setting is an object.
 * @see https://www.rfc-editor.org/rfc/rfc7386
 */
export function mergePatch(target: object, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const entries = Object.entries({ ...target, ...patch }).filter(([, value]) => value !== null);
  return Object.fromEntries(entries);
}

/**
 * The settings that a body asks for, with the stored secrets where it has masks. Tells of masks that stand for nothing together with all else that is wrong.
 * @throws SettingsError
 */
export function unmask(body: unknown, current: SystemSettings, formats: Formats): SystemSettings {
  const { settings, problems } = unmaskSettings(body, current);
  if (problems.length === 0) return validateSettings(settings, formats);
  const paths = problems.map(({ path }) => path);
  throw new SettingsError([
    ...problems,
    ...problemsOf(settings, formats).filter(({ path }) => !paths.includes(path)),
  ]);
}
