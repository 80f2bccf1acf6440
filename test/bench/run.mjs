// First figures: a burst of log records, delivered to a receiver in another process. Contenders in turn, each in a
// fresh process; medians, with minimum and maximum. `npm run bench -- NAME` runs one contender.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const ROUNDS = 5;
const EVENTS = 200_000;
const all = ['no-op transport', 'winston-log-targets', "winston's Http transport"];
const wanted = process.argv.slice(2).join(' ');
const names = wanted === '' ? all : all.filter((name) => name.includes(wanted));

const script = (name) => new URL(name, import.meta.url).pathname;

const receiver = fork(script('receiver.mjs'));
const [{ port }] = await once(receiver, 'message');

async function ask(message) {
  receiver.send(message);
  return (await once(receiver, 'message'))[0];
}

/** Waits until the receiver has had no new event for two seconds; the time of the last one it had. */
async function untilQuiet() {
  let last = { events: -1 };
  let lastAt = performance.now();
  while (performance.now() - lastAt < 2000) {
    await sleep(10);
    const now = await ask('count');
    if (now.events !== last.events) [last, lastAt] = [now, performance.now()];
    if (now.distinct === EVENTS) return { ...now, at: lastAt };
  }
  return { ...last, at: lastAt };
}

async function runOnce(name) {
  const contender = fork(script('contender.mjs'), [name, String(port), String(EVENTS)]);
  await once(contender, 'message');
  await ask('reset');
  const startedAt = performance.now();
  contender.send('go');
  const finished = once(contender, 'message').then(([result]) => result);
  const arrived = name === 'no-op transport' ? undefined : await untilQuiet();
  const result = await finished;
  contender.send('bye');
  await once(contender, 'exit');
  return {
    ...result,
    ...(arrived && {
      lost: EVENTS - arrived.distinct,
      doubled: arrived.events - arrived.distinct,
      outOfOrder: arrived.outOfOrder,
      requests: arrived.requests,
      perSecond: arrived.distinct / ((arrived.at - startedAt) / 1000),
    }),
  };
}

const results = Object.fromEntries(names.map((name) => [name, []]));
for (let round = 1; round <= ROUNDS; round++) {
  for (const name of names) {
    results[name].push(await runOnce(name));
    process.stderr.write(`round ${round} of ${ROUNDS}: ${name}\n`);
  }
}
receiver.kill();

function spread(name, key) {
  const values = results[name]
    .map((result) => result[key])
    .filter((value) => value !== undefined)
    .sort((a, b) => a - b);
  return { median: values[Math.floor(values.length / 2)], min: values[0], max: values.at(-1) };
}

function show(name, key, digits = 0) {
  const { median, min, max } = spread(name, key);
  if (median === undefined) return '-';
  const text = (value) => value.toLocaleString('en', { maximumFractionDigits: digits });
  return `${text(median)} (${text(min)}-${text(max)})`;
}

console.log(
  `${EVENTS.toLocaleString('en')} records with five small fields, ${ROUNDS} rounds, median (min-max); Node ${process.version}, ${os.cpus().length} cores\n`,
);
console.log(
  '| | ns per log call | CPU ns per event | delivered events/s | lost | memory MB |\n|---|---|---|---|---|---|',
);
for (const name of names) {
  console.log(
    `| ${name} | ${show(name, 'nsPerCall')} | ${show(name, 'cpuNsPerEvent')} | ${show(name, 'perSecond')} | ${show(name, 'lost')} | ${show(name, 'memoryMb')} |`,
  );
}
if (names.length === all.length) {
  const ratio = (key, a, b) => (spread(a, key).median / spread(b, key).median).toFixed(2);
  const [nothing, ours, http] = all;
  console.log(`\nlog call / no-op transport: ${ratio('nsPerCall', ours, nothing)}`);
  console.log(`CPU per event / no-op transport: ${ratio('cpuNsPerEvent', ours, nothing)}`);
  console.log(`delivered events/s / winston's Http transport: ${ratio('perSecond', ours, http)}`);
  console.log(
    `doubled ${show(ours, 'doubled')}, out of order ${show(ours, 'outOfOrder')}, requests ${show(ours, 'requests')}`,
  );
}
