/** Finds the name that somebody meant who wrote another one. */

import leven from 'leven';

/** The one of `names` that is so close to `name` that it was meant; `undefined` when none is. */
export function closestName(name: string, names: readonly string[]): string | undefined {
  const wanted = spelling(name);
  const [closest] = names
    .map((candidate) => ({ candidate, distance: leven(wanted, spelling(candidate)) }))
    .filter(({ candidate, distance }) => distance <= Math.ceil(spelling(candidate).length / 5))
    .sort((one, other) => one.distance - other.distance);
  return closest?.candidate;
}

/** `retry_count`, `retryCount` and `retry-count` are the same word. */
function spelling(name: string): string {
  return name.slice(0, 100).replaceAll(/[-_]/g, '').toLowerCase();
}
