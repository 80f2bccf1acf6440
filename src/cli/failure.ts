/** How a command ends that could not do what it was asked for: a text for people, and an exit code. */

/** What the exit code says: wrong usage is told from a problem that was found. */
export type FailureCode = 1 | 2;

/** Shown without a stack trace. `hint`: what to check, or to do about it. */
export class Failure extends Error {
  readonly hint: string | undefined;
  readonly exitCode: FailureCode;

  constructor(message: string, options: { hint?: string | undefined; exitCode?: FailureCode } = {}) {
    super(message);
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 1;
  }
}

/** The code of an error of the system, `ENOENT`; `undefined` when it has none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
