/** Globs of `*` and `?`, and nothing else: matching takes a bounded time, whatever the glob and the text. */

/** Most characters of a glob. */
export const MAX_GLOB_LENGTH = 256;

/** What other matchers give a meaning of its own. Here it would be taken literally, which nobody who writes it wants. */
const FOREIGN = /[!()[\]{}]/;

/** Whether `text` is a glob that is understood here. */
export function isGlob(text: string): boolean {
  return text !== '' && text.length <= MAX_GLOB_LENGTH && !FOREIGN.test(text);
}

/**
 * Whether the whole of `text` matches: `*` stands for any number of characters, `?` for one, the rest for itself.
 * A character of `text` is looked at once for each character of the glob at most: the last `*` is the only one that
 * ever has to give way.
 */
export function matchesGlob(glob: string, text: string): boolean {
  let [at, from] = [0, 0];
  /** Behind the last `*`, and where in the text it stops standing for more. */
  let [afterStar, starEnd] = [-1, 0];
  while (from < text.length) {
    const wanted = glob[at];
    if (wanted === '*') {
      afterStar = ++at;
      starEnd = from;
    } else if (wanted === '?' || (wanted !== undefined && wanted === text[from])) {
      at++;
      from++;
    } else if (afterStar >= 0) {
      at = afterStar;
      from = ++starEnd;
    } else {
      return false;
    }
  }
  while (glob[at] === '*') at++;
  return at === glob.length;
}
