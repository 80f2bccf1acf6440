/** The figures that the package is held to: what each is, its goal, and what was reached. */

import { peers } from './contenders/index.mjs';
import { ratioOf, spreadOf } from './statistics.mjs';
import { formatSpread, formatTable } from './tables.mjs';

const atMost = (goal) => ({ text: `<= ${goal}`, isReached: (value) => value <= goal });
const atLeast = (goal) => ({ text: `>= ${goal}`, isReached: (value) => value >= goal });

/**
 * A second half that needs a fifth more than the first is still called flat: V8 grows its heap in steps, while a
 * queue that grew with the number of records would double.
 */
const FLAT = 1.2;

/** @param {Record<string, Record<string, Record<string, number>[]>>} results by case and contender */
export function figuresTable(results) {
  const rows = figures(results).flatMap(([figure, reached, goal, digits = 2]) =>
    reached === undefined
      ? []
      : [[figure, goal.text, formatSpread(reached, digits), goal.isReached(reached.median) ? 'yes' : 'no']],
  );
  return rows.length === 0
    ? undefined
    : formatTable([['figure', 'goal', 'reached: median (min-max)', ''], ...rows]);
}

function figures({
  burst = {},
  'burst-2m': long = {},
  paced = {},
  outage = {},
  'dead-beside-live': beside = {},
}) {
  const best = bestPeer(burst);
  const values = (rounds, key) => spreadOf((rounds ?? []).map((each) => each?.[key]));
  const worst = (rounds, key) => {
    const spread = values(rounds, key);
    return spread && { ...spread, median: spread.max };
  };
  return [
    ['log call / no-op', ratioOf(burst.ours, burst['winston-noop'], 'nsPerCall'), atMost(1.3)],
    ['CPU per event / no-op', ratioOf(burst.ours, burst['winston-noop'], 'cpuNsPerEvent'), atMost(2)],
    [
      `delivered events/s / best peer that loses nothing (${best})`,
      ratioOf(burst.ours, burst[best], 'perSecond'),
      atLeast(2.5),
    ],
    ['delivered events/s / forty lines', ratioOf(burst.ours, burst['forty-lines'], 'perSecond'), atLeast(1)],
    ['memory over baseline, burst, MB', values(burst.ours, 'memoryMb'), atMost(100), 0],
    ['memory over baseline, 2,000,000 records, MB', values(long.ours, 'memoryMb'), atMost(100), 0],
    ['2,000,000 records: peak of second half / first', values(long.ours, 'growth'), atMost(FLAT)],
    ['lost in the outage (worst round)', worst(outage.ours, 'lost'), atMost(0), 0],
    ['event-loop delay p99, outage / paced', ratioOf(outage.ours, paced.ours, 'delayMs'), atMost(1.2)],
    [
      'with the spool / in memory, delivered events/s',
      ratioOf(burst['ours-spool'], burst.ours, 'perSecond'),
      atLeast(0.7),
    ],
    [
      'live target beside one that refuses / alone',
      ratioOf(beside['ours-beside-refusing'], beside.ours, 'perSecond'),
      atLeast(0.95),
    ],
    [
      'live target beside one that never answers / alone',
      ratioOf(beside['ours-beside-silent'], beside.ours, 'perSecond'),
      atLeast(0.95),
    ],
    [
      'four targets / one, events/s in sum',
      ratioOf(burst['ours-4-targets'], burst.ours, 'perSecond'),
      atLeast(2),
    ],
  ];
}

/** What a service gains by a format that does nothing, instead of Winston's JSON. */
export function passthroughTable({ burst = {} }) {
  const rows = ['winston-noop', 'ours'].flatMap((name) => {
    const [rounds, withDefault] = [burst[`${name}-passthrough`], burst[name]];
    const gain = ratioOf(withDefault, rounds, 'nsPerCall');
    if (gain === undefined) return [];
    const speed = formatSpread(ratioOf(rounds, withDefault, 'perSecond'), 2);
    return [[name, formatSpread(gain, 2), speed]];
  });
  return rows.length === 0
    ? undefined
    : formatTable([['', 'log call is cheaper by a factor of', 'delivered events/s, factor'], ...rows]);
}

/** Of those that lost nothing in any round, the one that delivers most. */
function bestPeer(burst) {
  const speed = (name) => spreadOf(burst[name].map((each) => each?.perSecond))?.median ?? 0;
  return peers
    .filter((name) => burst[name]?.every((each) => each?.lost === 0))
    .sort((a, b) => speed(b) - speed(a))[0];
}
