/** The errors that this package throws, rejects with or warns of. */

/** Every value that `LogTargetsError.code` can have. */
export type ErrorCode =
  | 'SETTINGS_INVALID'
  | 'SETTINGS_CONFLICT'
  | 'SETTINGS_BROKEN'
  | 'SETTINGS_RECOVERED'
  | 'SETTINGS_NOT_SAVED'
  | 'SETTINGS_UNAVAILABLE'
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
  /** What happened: each has a heading of its own in the manual. */
  readonly code: Code;

  /** `code`: what happened; `message`: for people; `options`: `cause`, as every error takes it. */
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
  /** Name of the log target that it is about, where that has one. */
  readonly target?: string;
  /** Where in the file, counted from 1, when the settings come from one. */
  readonly line?: number;
  /** Where in that line, counted from 1. */
  readonly column?: number;
}

/** The most problems that a message tells of; `problems` has all. */
const MAX_PROBLEMS = 100;

/** Why settings were refused: what they are, what they were made from, or where they would be written. */
type SettingsErrorCode = 'SETTINGS_INVALID' | 'SETTINGS_CONFLICT' | 'SETTINGS_BROKEN';

interface SettingsErrorDetails {
  /** Default: `SETTINGS_INVALID`. */
  readonly code?: SettingsErrorCode;
  /** The file that holds the settings. */
  readonly file?: string | undefined;
  /** What the list of log targets is called where the user wrote it. Default: `log_targets`. */
  readonly list?: string;
}

/**
 * Settings were refused, as a whole; nothing was changed. `code`: `SETTINGS_INVALID`, they are wrong;
 * `SETTINGS_CONFLICT`, somebody else was faster; `SETTINGS_BROKEN`, the file where they belong cannot be used as it is.
 */
export class SettingsError extends LogTargetsError<SettingsErrorCode> {
  /** All that is wrong, not only the first. */
  readonly problems: readonly Problem[];

  /** The file that holds the settings, where they come from one. */
  readonly file: string | undefined;

  /**
   * For a source of settings of one's own: `code` is `SETTINGS_INVALID` unless something else is said. `file`: the
   * file that holds the settings; `list`: what the list of log targets is called where the user wrote it.
   */
  constructor(
    problems: readonly Problem[],
    { code = 'SETTINGS_INVALID', file, list = 'log_targets' }: SettingsErrorDetails = {},
  ) {
    const texts = problems.slice(0, MAX_PROBLEMS).map((problem) => describe(problem, list));
    if (problems.length > MAX_PROBLEMS) texts.push(`and ${problems.length - MAX_PROBLEMS} more`);
    const text = texts.join('; ');
    super(code, file === undefined ? text : `${file}: ${text}`);
    this.problems = problems;
    this.file = file;
  }
}

/** ``log_targets[1].retry_count (`siem`), line 12: Expected...`` */
function describe({ path, target, line, message }: Problem, list: string): string {
  const place = path.replace(/^log_targets/, list);
  const name = target === undefined ? '' : ` (\`${target}\`)`;
  return `${place}${name}${line === undefined ? '' : `, line ${line}`}: ${message}`;
}

/** The spool cannot be used: it is in use, cannot be made, read or written, or the disk is full. `code`: `SPOOL_UNAVAILABLE`. */
export class SpoolError extends LogTargetsError<'SPOOL_UNAVAILABLE'> {
  /** The directory of the spool. */
  readonly directory: string;

  /** `problem`: why it cannot be used; `options`: `cause`, as every error takes it. */
  constructor(directory: string, problem: string, options?: ErrorOptions) {
    super('SPOOL_UNAVAILABLE', `The spool in ${directory} cannot be used: ${problem}`, options);
    this.directory = directory;
  }
}
