/** Why an attempt came to nothing, where neither Node nor OpenSSL have a word for it. */

export class AttemptError extends Error {
  /**
   * @param kind whether it may pass by itself, or somebody has to change something. Default: it may pass
   */
  constructor(
    readonly code: string,
    message: string,
    readonly kind: 'retryable' | 'misconfigured' = 'retryable',
  ) {
    super(message);
  }
}

/** @param what did not come in time */
export function timedOut(code: string, what: string, ms: number): AttemptError {
  return new AttemptError(code, `${what} within ${ms} ms`);
}
