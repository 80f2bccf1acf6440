/** Measures that are taken in turn, so that what else the machine does is in both of a pair. */

/** The one in the middle. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Nanoseconds of processor time of this process, for each of `events`, of what `act` does. */
export async function cpuNsPerEvent(events, act) {
  const before = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / events;
}

/**
 * Lets the ways run in turn, in changing order, and says what each costs in relation to the first.
 * @param ways by name; each resolves to a number
 */
export async function compare(ways, { rounds, warmUps = 3 }) {
  const names = Object.keys(ways);
  for (let round = 0; round < warmUps; round++) for (const name of names) await ways[name]();
  const measured = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let index = 0; index < names.length; index++) {
      const name = names[(index + round) % names.length];
      measured[name].push(await ways[name]());
    }
  }
  const [first, ...others] = names;
  console.log(`${first}: ${median(measured[first]).toFixed(0)} ns an event`);
  for (const name of others) {
    const ratios = measured[name].map((value, index) => value / measured[first][index]);
    const least = Math.min(...measured[name]) / Math.min(...measured[first]);
    console.log(
      `${name}: ${median(measured[name]).toFixed(0)} ns an event, ratio of each round in the middle ` +
        `${median(ratios).toFixed(3)}, of the least of both ${least.toFixed(3)}`,
    );
  }
}
