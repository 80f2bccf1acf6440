/** What `event_format` asks of the other keys of a target. */

import type { Problem } from '../errors.js';
import { eventTypes } from '../model/event.js';
import { carriedTypes, type EventFormat, eventFormats } from '../model/event-format.js';
import { isObject } from '../model/json.js';
import { formatOptions } from './format-options.js';
import { isEmpty } from './keys.js';
import { fromIssue, own, problem } from './problems.js';
import { defaultTarget, type LogTargetSettings, MIN_BATCH_BYTES } from './schema.js';

/** What fits is an event that was cut down to its bare frame, but for what `format_options` put in. */
const frameBytes: Readonly<Record<EventFormat, number>> = {
  'migration-manager': 256,
  lxd: 512,
  'ibm-resource-lifecycle': 1024,
  cloudevents: 1024,
};
/** An operation has more fields than other events. */
const OPERATION_FRAME_BYTES = 512;
/** The most bytes of JSON that options may have: each event carries them. */
const MAX_OPTIONS_BYTES = 16 * 1024;

/** All in a target, as it was given, that does not fit its format. */
export function formatProblems(path: string, target: unknown): Problem[] {
  const format = formatOf(target);
  if (format === undefined) return [];
  return [
    ...optionProblems(path, target, format),
    ...scopeProblems(path, target, format),
    ...bodyProblems(path, target, format),
    ...roomProblems(path, target, format),
  ];
}

/** Fills in the defaults that depend on the format. */
export function completeForFormat(target: LogTargetSettings): LogTargetSettings {
  const { event_format, format_options, scopes } = target;
  return {
    ...target,
    scopes: scopes.filter((scope) => carriedTypes[event_format].includes(scope)),
    format_options: inOrder(formatOptions[event_format].parse(format_options)),
  };
}

/** `undefined` when it is none: then that is the problem. */
function formatOf(target: unknown): EventFormat | undefined {
  const given = own(target, 'event_format');
  return isEmpty(given) ? defaultTarget.event_format : eventFormats.find((format) => format === given);
}

function optionProblems(path: string, target: unknown, format: EventFormat): Problem[] {
  const given = own(target, 'format_options');
  const options = isEmpty(given) ? {} : given;
  if (!isObject(options)) return []; // told of where the keys are looked at
  const root = `${path}.format_options`;
  const { error } = formatOptions[format].safeParse(options);
  const problems = error?.issues.flatMap((issue) => fromIssue(issue, options, root)) ?? [];
  // Validation would skip it without a word, as something that is not there.
  if (Object.hasOwn(Object(options.extensions), '__proto__')) {
    const message = '`__proto__` is not a name for an extension attribute';
    problems.push({ path: `${root}.extensions.__proto__`, message });
  }
  const bytes = sizeOf(options);
  if (bytes > MAX_OPTIONS_BYTES) {
    const expectation = `at most ${MAX_OPTIONS_BYTES} bytes of JSON`;
    problems.push(problem(root, 'format_options', expectation, `${bytes} bytes`));
  }
  return problems;
}

function scopeProblems(path: string, target: unknown, format: EventFormat): Problem[] {
  const given = own(target, 'scopes');
  const carried = carriedTypes[format];
  const expectation = `one of ${carried.map((type) => `\`${type}\``).join(', ')} with \`event_format\` \`${format}\``;
  const scopes: readonly unknown[] = Array.isArray(given) ? given : [];
  return scopes.flatMap((scope, index) => {
    const type = eventTypes.find((each) => each === scope);
    if (type === undefined || carried.includes(type)) return [];
    return [problem(`${path}.scopes[${index}]`, 'scopes', expectation, scope)];
  });
}

function bodyProblems(path: string, target: unknown, format: EventFormat): Problem[] {
  const bodyFormat = own(target, 'body_format');
  if (format !== 'cloudevents' || bodyFormat !== 'ndjson') return [];
  const expectation = '`array` or `single` with `event_format` `cloudevents`';
  return [problem(`${path}.body_format`, 'body_format', expectation, bodyFormat)];
}

/** Options stand in an event up to four times: IBM's `service` does. */
function roomProblems(path: string, target: unknown, format: EventFormat): Problem[] {
  const bytes = own(target, 'batch_bytes');
  if (typeof bytes !== 'number' || bytes === 0) return [];
  const options = own(target, 'format_options');
  const scopes = own(target, 'scopes');
  const operationBytes = Array.isArray(scopes) && scopes.includes('operation') ? OPERATION_FRAME_BYTES : 0;
  const minimum = Math.max(frameBytes[format], operationBytes) + 4 * sizeOf(options);
  if (bytes >= minimum || bytes < MIN_BATCH_BYTES) return [];
  const expectation = `an integer >= ${minimum} with these scopes and this format`;
  return [problem(`${path}.batch_bytes`, 'batch_bytes', expectation, bytes)];
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

/** Extension attributes in one order, so that the same ones are written down once. */
function inOrder<Options extends object>(options: Options): Options {
  if (!('extensions' in options)) return options;
  const sorted = Object.entries(options.extensions as object).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...options, extensions: Object.fromEntries(sorted) };
}
