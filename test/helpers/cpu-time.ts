/** What something costs this process, in time at work: that others keep the machine busy is not counted. */

/** Milliseconds of processor time of what `act` does before it returns. */
export function cpuMs(act: () => void): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
