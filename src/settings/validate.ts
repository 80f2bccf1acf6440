/** Checks settings against the schema and says all that is wrong with them, in one go. */

import { type Problem, SettingsError } from '../errors.js';
import { builtIn, type Formats } from '../formats/formats.js';
import { isObject } from '../model/json.js';
import { boundProblems } from './bounds.js';
import { completeForFormat, formatProblems } from './format-rules.js';
import { parseTarget } from './parse-target.js';
import { isKeyOf, isPrivateKey } from './pem.js';
import { fromIssue, own, problem, secret } from './problems.js';
import { isTargetName, type LogTargetSettings, type SystemSettings, systemSettingsSchema } from './schema.js';
import { isSealed } from './sealing.js';
import { wayProblems } from './way-rules.js';

/** Many of the same mistake are told of as well by a part of them, and the rest takes its time to be looked at. */
const MAX_PROBLEMS = 1000;

/**
 * Validates settings and fills in the defaults. `formats`: those that targets may have. Default: the built-in ones
 * @throws SettingsError with every problem, up to a thousand
 */
export function validateSettings(given: unknown, formats = builtIn): SystemSettings {
  if (isSealed(given, formats)) return given;
  const tooLarge = boundProblems(given);
  if (tooLarge.length > 0) throw new SettingsError(tooLarge);
  const targets = own(given, 'log_targets');
  const list: readonly unknown[] = Array.isArray(targets) ? targets : [];
  // Targets one by one: the schema of a list would take long to gather what is wrong with a thousand of them.
  const rest = isObject(given) && Array.isArray(targets) ? { ...given, log_targets: [] } : given;
  const result = systemSettingsSchema.safeParse(rest);
  const problems = result.success ? [] : result.error.issues.flatMap((issue) => fromIssue(issue, given));
  const names = new Set<unknown>();
  const valid: LogTargetSettings[] = [];
  for (const [index, target] of list.entries()) {
    const path = `log_targets[${index}]`;
    const problemsBefore = problems.length;
    const { success, data, error } = parseTarget(target);
    if (success) valid.push(data);
    else for (const issue of error.issues) problems.push(...fromIssue(issue, target, path));
    problems.push(...problemsTogether(path, target, names, formats));
    for (let place = problemsBefore; place < problems.length; place++) {
      problems[place] = named(problems[place] as Problem, own(target, 'name'));
    }
    if (problems.length >= MAX_PROBLEMS) break;
  }
  if (problems.length > 0 || !result.success) throw new SettingsError(problems);
  return { ...result.data, log_targets: valid.map((target) => completeForFormat(target, formats)) };
}

/** All that is wrong with settings. */
export function problemsOf(given: unknown, formats = builtIn): readonly Problem[] {
  try {
    validateSettings(given, formats);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

/**
 * Validates a list of log targets and fills in the defaults.
 * @throws SettingsError with every problem of every target
 */
export function validateTargets(given: unknown, formats = builtIn): LogTargetSettings[] {
  const list = 'targets';
  if (!Array.isArray(given)) {
    throw new SettingsError([problem('log_targets', list, 'a list', given)], { list });
  }
  try {
    return validateSettings({ log_targets: given }, formats).log_targets;
  } catch (error) {
    throw error instanceof SettingsError ? new SettingsError(error.problems, { list }) : error;
  }
}

/** What no single key can tell. Looks at the raw target, so that it is reported beside the problems of its keys. */
function problemsTogether(path: string, target: unknown, names: Set<unknown>, formats: Formats): Problem[] {
  return [
    ...checkTogether(path, target),
    ...formatProblems(path, target, formats),
    ...wayProblems(path, target),
    ...checkUnique(path, own(target, 'name'), names),
  ];
}

/** With the name of the target, where it has one that can be shown. */
function named(found: Problem, name: unknown): Problem {
  return typeof name === 'string' && isTargetName(name) ? { ...found, target: name } : found;
}

function checkTogether(path: string, target: unknown): Problem[] {
  const problems: Problem[] = [];
  // Validation would skip it without a word, as something that is not there.
  if (Object.hasOwn(Object(own(target, 'headers')), '__proto__')) {
    problems.push({ path: `${path}.headers.__proto__`, message: '`__proto__` is not a name for a header' });
  }
  const [certificate, key, keyFile] = ['client_cert', 'client_key', 'client_key_file'].map((each) =>
    own(target, each),
  );
  const hasKey = isText(key) || isText(keyFile);
  if (isText(certificate) !== hasKey) {
    const missing = hasKey ? 'client_cert' : 'client_key';
    const other = hasKey ? 'client_key' : 'client_cert';
    problems.push(problem(`${path}.${missing}`, missing, `given together with \`${other}\``, undefined));
  } else if (isText(certificate) && isText(key) && isPrivateKey(key) && !isKeyOf(certificate, key)) {
    problems.push(problem(`${path}.client_key`, 'client_key', 'the key of `client_cert`', secret(key)));
  }
  return problems;
}

function checkUnique(path: string, name: unknown, names: Set<unknown>): Problem[] {
  if (!isText(name)) return [];
  if (names.has(name)) return [problem(`${path}.name`, 'name', 'unique', name)];
  names.add(name);
  return [];
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
