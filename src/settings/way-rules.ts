/** What the keys that say which way leads to a receiver may not hold together. */

import type { Problem } from '../errors.js';
import { own, problem, secret } from './problems.js';
import { fileKeys } from './way-keys.js';

/** What is wrong with these keys of a target together. */
export function wayProblems(path: string, target: unknown): Problem[] {
  const problems: Problem[] = [];
  for (const [key, file] of Object.entries(fileKeys)) {
    if (!isSet(own(target, key)) || !isSet(own(target, file))) continue;
    problems.push(problem(`${path}.${file}`, file, `empty beside \`${key}\``, own(target, file)));
  }
  const tokens = ['bearer_token', 'bearer_token_file'].filter((key) => isSet(own(target, key)));
  const hasBasic = ['username', 'password', 'password_file'].some((key) => isSet(own(target, key)));
  for (const key of hasBasic ? tokens : []) {
    const given = own(target, key);
    problems.push(problem(`${path}.${key}`, key, 'empty beside `username` or `password`', secret(given)));
  }
  if (own(target, 'proxy') === 'direct') {
    for (const key of ['proxy_username', 'proxy_password'].filter((each) => isSet(own(target, each)))) {
      problems.push(
        problem(`${path}.${key}`, key, 'empty where `proxy` is `direct`', secret(own(target, key))),
      );
    }
  }
  return problems;
}

function isSet(value: unknown): boolean {
  return typeof value === 'string' || Array.isArray(value) ? value.length > 0 : false;
}
