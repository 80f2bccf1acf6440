/** What was probably meant by a word that is not known. */

/** The known word that is only a slip away; `undefined` when none is. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const given = plain(word);
  const ranked = known
    .map((each) => ({ each, slips: distance(given, plain(each)) }))
    .sort((one, other) => one.slips - other.slips);
  const [best] = ranked;
  return best !== undefined && best.slips <= Math.max(1, Math.floor(given.length / 4))
    ? best.each
    : undefined;
}

/** `bearerToken` and `bearer-token` mean `bearer_token`. */
function plain(word: string): string {
  return word.slice(0, 64).toLowerCase().replace(/[-_]/g, '');
}

/** Letters to add, to leave out or to replace (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [at, letter] of [...one].entries()) {
    const next = [at + 1];
    for (let column = 1; column <= other.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (other[column - 1] === letter ? 0 : 1);
      next.push(Math.min((next[column - 1] ?? 0) + 1, (row[column] ?? 0) + 1, replaced));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
