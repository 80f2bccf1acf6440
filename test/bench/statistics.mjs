/** Medians with minimum and maximum, of values and of ratios. */

/** @typedef {{ median: number, min: number, max: number }} Spread */

/** @param {(number | undefined)[]} values @returns {Spread | undefined} of those that are there */
export function spreadOf(values) {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1) };
}

/**
 * The ratios of two contenders, round by round: what disturbs a round disturbs both.
 * @param {Record<string, number>[]} above figures of each round @param {Record<string, number>[]} below
 */
export function ratioOf(above = [], below = [], key) {
  return spreadOf(above.map((figures, round) => figures?.[key] / below[round]?.[key]));
}
