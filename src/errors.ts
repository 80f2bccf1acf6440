/** The errors that this package throws, rejects with or warns of. */

/** Every value that `LogTargetsError.code` can have. */
export type ErrorCode =
  | 'SETTINGS_INVALID'
  | 'SETTINGS_NOT_SAVED'
  | 'TARGET_DOWN'
  | 'TARGET_DISABLED'
  | 'EVENTS_DROPPED'
  | 'EVENTS_REFUSED'
  | 'EVENTS_TRUNCATED'
  | 'BELOW_LEVEL'
  | 'RECEIVER_WARNED'
  | 'FORMAT_FAILED'
  | 'CONTEXT_FAILED'
  | 'LISTENER_FAILED'
  | 'SPOOL_UNAVAILABLE'
  | 'SPOOL_DAMAGED';

/** Base of all errors of this package. `code` is stable and narrows the type; `message` is for people. */
export class LogTargetsError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** One thing that is wrong with settings. */
export interface Problem {
  /** Where: `log_targets[1].retry_count`. */
  readonly path: string;
  /** What was expected there, and what was given. Never holds a secret. */
  readonly message: string;
}

/** The most problems that a message tells of; `problems` has all. */
const MAX_PROBLEMS = 100;

/** Settings were refused, as a whole; nothing was changed. */
export class SettingsError extends LogTargetsError<'SETTINGS_INVALID'> {
  /** All that is wrong, not only the first. */
  readonly problems: readonly Problem[];

  /** The file that holds the settings, where they come from one. */
  readonly file: string | undefined;

  constructor(problems: readonly Problem[], file?: string) {
    const texts = problems.slice(0, MAX_PROBLEMS).map(({ path, message }) => `${path}: ${message}`);
    if (problems.length > MAX_PROBLEMS) texts.push(`and ${problems.length - MAX_PROBLEMS} more`);
    const text = texts.join('; ');
    super('SETTINGS_INVALID', file === undefined ? text : `${file}: ${text}`);
    this.problems = problems;
    this.file = file;
  }
}

/** The spool cannot be used. */
export class SpoolError extends LogTargetsError<'SPOOL_UNAVAILABLE'> {
  readonly directory: string;

  constructor(directory: string, problem: string, options?: ErrorOptions) {
    super('SPOOL_UNAVAILABLE', `The spool in ${directory} cannot be used: ${problem}`, options);
    this.directory = directory;
  }
}
