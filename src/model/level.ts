/** The four levels that every log target understands. */

/** From least to most severe. */
export const levels = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;

/** Severity of a logging event. */
export type Level = (typeof levels)[number];

/** What users write for it: any letter case is taken, and these are what TypeScript knows. */
export type LevelInput = Level | Lowercase<Level> | Capitalize<Lowercase<Level>>;

/** Rank of each level: the higher, the more severe. */
export const severity: Readonly<Record<Level, number>> = { DEBUG: 0, INFO: 1, WARN: 2, ERROR: 3 };

/** The level that `text` names in any letter case, or `undefined`. */
export function parseLevel(text: string): Level | undefined {
  const upper = text.toUpperCase();
  return levels.find((level) => level === upper);
}
