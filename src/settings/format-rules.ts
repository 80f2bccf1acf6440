/** What `event_format` asks of the other keys of a target. */

import type { z } from 'zod';
import type { Problem } from '../errors.js';
import { bodyFormats } from '../formats/envelope.js';
import type { Format } from '../formats/format.js';
import type { Formats, OptionsIssue } from '../formats/formats.js';
import { noOptions } from '../formats/no-options.js';
import { builtInFormats } from '../formats/table.js';
import { eventTypes } from '../model/event.js';
import { isObject } from '../model/json.js';
import { isEmpty } from '../model/keys.js';
import { fromIssue, joinPath, own, problem } from './problems.js';
import { defaultTarget, type LogTargetSettings, MIN_BATCH_BYTES } from './schema.js';

/** An operation has more fields than other events. */
const OPERATION_FRAME_BYTES = 512;

/** All in a target, as it was given, that does not fit its format. */
export function formatProblems(path: string, target: unknown, formats: Formats): Problem[] {
  const given = own(target, 'event_format');
  const name = isEmpty(given) ? defaultTarget.event_format : given;
  const format = typeof name === 'string' ? formats.get(name) : undefined;
  if (format === undefined) {
    const expectation = `one of ${quoted(formats.names)}`;
    return [problem(`${path}.event_format`, 'event_format', expectation, given)];
  }
  const suffix = `with \`event_format\` \`${name}\``;
  return [
    ...optionProblems(path, target, format, formats),
    ...scopeProblems(path, target, format, suffix),
    ...bodyProblems(path, target, format, suffix),
    ...roomProblems(path, target, format),
  ];
}

/**
 * Fills in the defaults that depend on the format. Options of a user's format stay as they were written down; those of
 * others are a copy, which nobody else can change or finds frozen.
 */
export function completeForFormat(target: LogTargetSettings, formats: Formats): LogTargetSettings {
  const { event_format, format_options, scopes } = target;
  const format = formats.get(event_format);
  const options = builtInFormats.get(event_format)?.options.parse(format_options);
  return {
    ...target,
    scopes: scopes.filter((scope) => format?.types.includes(scope)),
    format_options: options === undefined ? format_options : JSON.parse(JSON.stringify(options)),
  };
}

function optionProblems(path: string, target: unknown, format: Format, formats: Formats): Problem[] {
  const given = own(target, 'format_options');
  const options = isEmpty(given) ? {} : given;
  if (!isObject(options)) return []; // told of where the keys are looked at
  const root = `${path}.format_options`;
  const problems = formats.issuesOf(format, options).flatMap((issue) => {
    // The schemas that are built in say what they expected: others say it in their own way.
    if (isOwnSchema(format)) return fromIssue(issue as z.core.$ZodIssue, options, root);
    return [foreignProblem(root, issue)];
  });
  for (const [key, value] of Object.entries(options)) {
    // Validation would skip it without a word, as something that is not there.
    if (key === '__proto__' || !Object.hasOwn(Object(value), '__proto__')) continue;
    problems.push({
      path: `${root}.${key}.__proto__`,
      message: '`__proto__` is not a name that can be given',
    });
  }
  return problems;
}

function isOwnSchema({ options }: Format): boolean {
  return options === noOptions || [...builtInFormats.values()].some((each) => each.options === options);
}

function foreignProblem(root: string, { message, path = [] }: OptionsIssue): Problem {
  const keys = path.map((part) => (isObject(part) ? part.key : part));
  return {
    path: keys.reduce<string>(
      (parent, key) => joinPath(parent, typeof key === 'number' ? key : String(key)),
      root,
    ),
    message: `\`${String(keys.at(-1) ?? 'format_options')}\`: ${message}`,
  };
}

function scopeProblems(path: string, target: unknown, { types }: Format, suffix: string): Problem[] {
  const given = own(target, 'scopes');
  const scopes: readonly unknown[] = Array.isArray(given) ? given : [];
  return scopes.flatMap((scope, index) => {
    const type = eventTypes.find((each) => each === scope);
    if (type === undefined || types.includes(type)) return [];
    return [problem(`${path}.scopes[${index}]`, 'scopes', `one of ${quoted(types)} ${suffix}`, scope)];
  });
}

function bodyProblems(path: string, target: unknown, format: Format, suffix: string): Problem[] {
  const given = own(target, 'body_format');
  const known = bodyFormats.find((each) => each === given);
  if (known === undefined || format.bodyFormats.includes(known)) return [];
  const expectation = `${quoted(format.bodyFormats, ' or ')} ${suffix}`;
  return [problem(`${path}.body_format`, 'body_format', expectation, given)];
}

/** Options stand in an event up to four times: IBM's `service` does. */
function roomProblems(path: string, target: unknown, { bareBytes }: Format): Problem[] {
  const bytes = own(target, 'batch_bytes');
  if (typeof bytes !== 'number' || bytes === 0) return [];
  const options = own(target, 'format_options');
  const scopes = own(target, 'scopes');
  const operationBytes = Array.isArray(scopes) && scopes.includes('operation') ? OPERATION_FRAME_BYTES : 0;
  const minimum = Math.max(bareBytes, operationBytes) + 4 * sizeOf(options);
  if (bytes >= minimum || bytes < MIN_BATCH_BYTES) return [];
  const expectation = `an integer >= ${minimum} with these scopes and this format`;
  return [problem(`${path}.batch_bytes`, 'batch_bytes', expectation, bytes)];
}

function quoted(names: readonly string[], separator = ', '): string {
  return names.map((name) => `\`${name}\``).join(separator);
}

/** Bytes of JSON; settings can be anything, also what has none. */
function sizeOf(options: unknown): number {
  if (!isObject(options) || Object.keys(options).length === 0) return 0;
  try {
    return Buffer.byteLength(JSON.stringify(options));
  } catch {
    return 0;
  }
}
