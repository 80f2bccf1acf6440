/** Why an attempt came to nothing, where neither Node nor OpenSSL have a word for it. */

export class AttemptError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
