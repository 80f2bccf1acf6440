/** Why a service does not do what it was asked for, and what to check. */

import { Failure } from '../failure.js';

const connectionHints: readonly (readonly [RegExp, string])[] = [
  [/^ECONNREFUSED$/, 'Nothing listens there: is the service up, and is --url right?'],
  [/^ENOENT$/, 'There is no such socket: is the service up, and is --url right?'],
  [/^EACCES$/, 'This user may not connect to the socket.'],
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'The host name is not known: check --url.'],
  [/^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/, 'Check --url, and firewalls on the way.'],
  [
    /SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_UNTRUSTED/,
    'Its certificate is not trusted: give its CA, or itself, with --ca.',
  ],
  [/ALTNAME_INVALID/, 'Its certificate is for another host: check --url.'],
  [/CERT_HAS_EXPIRED/, 'Its certificate has expired.'],
  [
    /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNKNOWN_CA/,
    'It wants another client certificate: check --cert and --key.',
  ],
  [/KEY_VALUES_MISMATCH/, 'The key is not that of the certificate: check --cert and --key.'],
  [
    /^(EPROTO|ERR_SSL_|HPE_)/,
    'It speaks something else there: is it `http:` instead of `https:`, or the other way round?',
  ],
  [
    /^(ECONNRESET|EPIPE)$/,
    'The connection was broken off: is it `https:` instead of `http:`, or does it want --cert and --key?',
  ],
];

/** There was no answer. */
export function connectionProblem(place: string, code: string, message: string): Failure {
  const hint = connectionHints.find(([pattern]) => pattern.test(code))?.[1];
  return new Failure(`${place} does not answer (${code})`, { hint: hint ?? message });
}

/** There was an answer, and not the one that was wanted. `said`: the text of the console; none: it was no console. */
export function answerProblem(place: string, status: number, said: string | undefined): Failure {
  switch (status) {
    case 401:
      return new Failure(`${place} does not know who asks (401${said ? `: ${said}` : ''})`, {
        hint: 'Give --token or LOG_TARGETS_TOKEN, --user or LOG_TARGETS_USER, or --cert and --key.',
      });
    case 403:
      return new Failure(`${place} does not allow this (403${said ? `: ${said}` : ''})`, {
        hint: 'What one may do there is decided by `authorize` of the console, by what it returns as `allow`.',
      });
    case 412:
      return new Failure('Somebody else has changed the settings meanwhile', {
        hint: 'Nothing was changed now: try again.',
      });
    default:
  }
  if (said === undefined) {
    return new Failure(`There is no console at ${place} (status ${status}, and not its answer)`, {
      hint: 'Check --url: it has to be the place where the service mounts its console, without `/1.0`.',
    });
  }
  if (status === 404) {
    return new Failure(said, { hint: '`log-targets status` lists the targets that there are.' });
  }
  if (status === 405)
    return new Failure(said, {
      hint: 'The service has no settings that can be changed, or is an older one.',
    });
  return new Failure(`The service refused (${status}): ${said.replaceAll('; ', '\n  ')}`);
}
