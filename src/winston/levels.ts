/** Maps Winston's levels, of whatever set, to the four levels of log targets. */

import { type Level, severity } from '../model/level.js';

/** A logger's own levels, as Winston keeps them: the lower the number, the more severe. */
export type WinstonLevels = Readonly<Record<string, number>>;

/** npm's, syslog's and cli's levels. */
const known: ReadonlyMap<string, Level> = new Map([
  ['silly', 'DEBUG'],
  ['debug', 'DEBUG'],
  ['verbose', 'DEBUG'],
  ['http', 'INFO'],
  ['info', 'INFO'],
  ['notice', 'INFO'],
  ['data', 'INFO'],
  ['help', 'INFO'],
  ['prompt', 'INFO'],
  ['input', 'INFO'],
  ['warn', 'WARN'],
  ['warning', 'WARN'],
  ['error', 'ERROR'],
  ['crit', 'ERROR'],
  ['alert', 'ERROR'],
  ['emerg', 'ERROR'],
]);

/** Winston's default levels, for records that come in before any logger is known. */
const npmLevels: WinstonLevels = { error: 0, warn: 1, info: 2, http: 3, verbose: 4, debug: 5, silly: 6 };

/**
 * The level of `name`. One that is not known maps as the nearest more severe known level of `levels`, else as the
 * nearest less severe one, else as INFO.
 */
function mapLevel(name: string, levels: WinstonLevels): Level {
  const level = known.get(name.toLowerCase());
  if (level !== undefined) return level;
  const rank = levels[name];
  if (rank === undefined) return 'INFO';
  const others = Object.entries(levels)
    .map(([other, otherRank]) => ({ level: known.get(other.toLowerCase()), distance: rank - otherRank }))
    .filter((other) => other.level !== undefined);
  const moreSevere = others.filter(({ distance }) => distance >= 0).sort((a, b) => a.distance - b.distance);
  const lessSevere = others.filter(({ distance }) => distance < 0).sort((a, b) => b.distance - a.distance);
  return moreSevere[0]?.level ?? lessSevere[0]?.level ?? 'INFO';
}

/** Winston's name for `level` among `levels`: the same name where there is one, else the least severe that maps to it. */
export function levelNameOf(level: Level, levels: WinstonLevels): string | undefined {
  const sameName = [level.toLowerCase(), level === 'WARN' ? 'warning' : ''].find((name) =>
    Object.hasOwn(levels, name),
  );
  return sameName ?? leastSevere(levels, (name) => severity[mapLevel(name, levels)] >= severity[level]);
}

/** The least severe of the `levels` that `accepts`, else the most severe of all. */
function leastSevere(levels: WinstonLevels, accepts: (name: string) => boolean): string | undefined {
  const names = Object.keys(levels).sort((a, b) => (levels[a] ?? 0) - (levels[b] ?? 0));
  return names.filter(accepts).at(-1) ?? names[0];
}

/** Names of levels are few, unless somebody makes them up: then they are not remembered. */
const MAX_NAMES = 1000;

/** The levels of all loggers that share a transport, and the transport's own cap, ready for a log call. */
export class LevelMap {
  #levels: WinstonLevels = npmLevels;
  #isDefault = true;
  #cap: string | undefined;
  /** `null`: capped. */
  readonly #resolved = new Map<string, Level | null>();

  /** The least severe level that passes, by Winston's name; `undefined`: all pass. */
  get cap(): string | undefined {
    return this.#cap;
  }

  set cap(cap: string | undefined) {
    this.#cap = cap;
    this.#resolved.clear();
  }

  /** Adds a logger's levels. Names that an earlier logger has too keep their place. */
  learn(levels: WinstonLevels): void {
    this.#levels = this.#isDefault ? levels : { ...levels, ...this.#levels };
    this.#isDefault = false;
    this.#resolved.clear();
  }

  /** The level of a record, whatever the cap. */
  map(name: string): Level {
    return this.resolve(name) ?? mapLevel(name, this.#levels);
  }

  /** The level of a record, or `null` when the cap keeps it out. */
  resolve(name: string): Level | null {
    const cached = this.#resolved.get(name);
    if (cached !== undefined) return cached;
    const level = this.#passes(name) ? mapLevel(name, this.#levels) : null;
    if (this.#resolved.size < MAX_NAMES) this.#resolved.set(name, level);
    return level;
  }

  /**
   * Winston's name for "everything from `level` up", under the cap: the level at which Winston must let records
   * through. For `undefined`, nothing, the most severe level there is: Winston has no name for less.
   */
  nameFor(level: Level | undefined): string | undefined {
    return leastSevere(
      this.#levels,
      (name) =>
        level !== undefined &&
        severity[mapLevel(name, this.#levels)] >= severity[level] &&
        this.#passes(name),
    );
  }

  #passes(name: string): boolean {
    if (this.#cap === undefined) return true;
    const [rank, capRank] = [this.#levels[name], this.#levels[this.#cap]];
    if (rank !== undefined && capRank !== undefined) return rank <= capRank;
    return severity[mapLevel(name, this.#levels)] >= severity[mapLevel(this.#cap, this.#levels)];
  }
}
