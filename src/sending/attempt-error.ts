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
