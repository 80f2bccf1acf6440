/** Checks of what callers hand in: each names the key that is wrong. */

import { ownKeys } from '../model/json.js';

/** Text, or nothing. */
export function textOf(key: string, text: unknown): string | undefined {
  if (text === undefined || typeof text === 'string') return text;
  throw wrongType(key, 'text', text);
}

/** One text or a list of them, as a list. */
export function textsOf(key: string, texts: unknown): readonly string[] {
  if (typeof texts === 'string') return [texts];
  if (Array.isArray(texts) && texts.every((text) => typeof text === 'string')) return [...texts];
  throw wrongType(key, 'text or a list of texts', texts);
}

/** One of `choices`, or nothing. */
export function choiceOf<Choice extends string>(
  key: string,
  choices: readonly Choice[],
  given: unknown,
): Choice | undefined {
  if (given === undefined) return undefined;
  const choice = choices.find((each) => each === given);
  if (choice === undefined) throw wrongType(key, choices.map((each) => `\`${each}\``).join(' or '), given);
  return choice;
}

/** An object, of whatever kind. */
export function objectOf(key: string, given: unknown): object {
  if (typeof given === 'object' && given !== null) return given;
  throw wrongType(key, 'an object', given);
}

/** What is left when all that is known was taken out of an object must be nothing. */
export function refuseUnknown(rest: object, owner: string): void {
  const [unknown] = ownKeys(rest);
  if (unknown !== undefined) throw new TypeError(`\`${unknown}\` is not ${owner}`);
}

/** The error that `key` is something else than expected. */
export function wrongType(key: string, expected: string, given: unknown): TypeError {
  const shown =
    typeof given === 'object' && given !== null
      ? `an ${Array.isArray(given) ? 'array' : 'object'}`
      : String(given);
  return new TypeError(`Expected \`${key}\` to be ${expected}, got \`${shown.slice(0, 80)}\``);
}
