/** Checks settings against the schema and says all that is wrong with them, in one go. */

import { type Problem, SettingsError } from '../errors.js';
import { builtIn, type Formats } from '../formats/formats.js';
import { completeForFormat, formatProblems } from './format-rules.js';
import { isKeyOf, isPrivateKey } from './pem.js';
import { fromIssue, own, problem, secret } from './problems.js';
import { type LogTargetSettings, type SystemSettings, systemSettingsSchema } from './schema.js';
import { wayProblems } from './way-rules.js';

/** So many targets are a mistake, or an attack. */
const MAX_TARGETS = 1000;

/**
 * Validates settings and fills in the defaults. `formats`: those that targets may have. Default: the built-in ones
 * @throws SettingsError with every problem
 */
export function validateSettings(given: unknown, formats = builtIn): SystemSettings {
  const targets = own(given, 'log_targets');
  if (Array.isArray(targets) && targets.length > MAX_TARGETS) {
    throw new SettingsError([
      { path: 'log_targets', message: `Expected at most ${MAX_TARGETS} log targets, got ${targets.length}` },
    ]);
  }
  const result = systemSettingsSchema.safeParse(given);
  const issues = result.success ? [] : result.error.issues;
  const problems = issues
    .flatMap((issue) => fromIssue(issue, given))
    .concat(problemsTogether(targets, formats));
  if (problems.length > 0 || !result.success) throw new SettingsError(problems);
  return {
    ...result.data,
    log_targets: result.data.log_targets.map((target) => completeForFormat(target, formats)),
  };
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
  if (!Array.isArray(given)) {
    throw new SettingsError([problem('log_targets', 'log_targets', 'a list', given)]);
  }
  return validateSettings({ log_targets: given }, formats).log_targets;
}

/** What no single key can tell. Looks at raw targets, so that it is reported beside the problems of their keys. */
function problemsTogether(targets: unknown, formats: Formats): Problem[] {
  if (!Array.isArray(targets)) return [];
  const names = new Set<unknown>();
  return targets.flatMap((target: unknown, index) => {
    const path = `log_targets[${index}]`;
    return [
      ...checkTogether(path, target),
      ...formatProblems(path, target, formats),
      ...wayProblems(path, target),
      ...checkUnique(path, own(target, 'name'), names),
    ];
  });
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
