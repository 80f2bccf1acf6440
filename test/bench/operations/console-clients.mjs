/**
 * Whether many clients of a console hold its service up. `npm run build`, then
 * `node test/bench/operations/console-clients.mjs [--clients 1000] [--seconds 4] [--targets 200] [ROUTE...]`.
 *
 * The service is in a process of its own, with a spool, 1,000 dead letters and 100 events a second; the clients are in
 * another, and all ask in the same instant, again and again. What counts is the time that a turn of the service's event
 * loop is at work: the delay on the clock holds what the rest of the machine does, too.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const routes = {
  root: '/1.0',
  statuses: '/1.0/log-targets',
  history: '/1.0/log-targets?history=true',
  target: '/1.0/log-targets/edge-0',
  'dead-letters': '/1.0/log-targets/edge-0/dead-letters?limit=100',
  'dead-letters-1000': '/1.0/log-targets/edge-0/dead-letters?limit=1000',
  settings: '/1.0/system/settings',
  metrics: '/1.0/metrics',
  refused: '/1.0/nothing',
  events: '/1.0/events',
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    clients: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '4' },
    targets: { type: 'string', default: '200' },
  },
});
const start = (name, ...args) => fork(fileURLToPath(new URL(name, import.meta.url)), args);
const told = async (child) => (await once(child, 'message'))[0];

const service = start('./console-service.mjs', values.targets);
const { port } = await told(service);
for (const name of positionals.length > 0 ? positionals : ['idle', ...Object.keys(routes)]) {
  const clients = start('./clients.mjs');
  const number = name === 'idle' ? 0 : Number(values.clients);
  clients.send({
    port,
    path: routes[name],
    number,
    seconds: name === 'idle' ? 0 : Number(values.seconds),
    isStream: name === 'events',
  });
  await told(clients);
  const watching = told(service);
  service.send('watch');
  await watching;
  const { statuses, seconds, megabytes } = await told(clients);
  if (name === 'idle') await new Promise((resolve) => setTimeout(resolve, Number(values.seconds) * 1000));
  const telling = told(service);
  service.send('tell');
  const { workMs, delayMs } = await telling;
  clients.disconnect();
  await once(clients, 'exit');
  const answers = Object.entries(statuses)
    .map(([status, count]) => `${status}: ${count}`)
    .join(', ');
  const ms = (value) => value.toFixed(1).padStart(6);
  console.log(
    `${name.padEnd(18)} at work max ${ms(workMs.max)} ms, turns over 10 ms ${String(workMs.over10).padStart(4)}; ` +
      `on the clock p50 ${ms(delayMs.p50)} p99 ${ms(delayMs.p99)} max ${ms(delayMs.max)} ms; ` +
      `${(Object.values(statuses).reduce((sum, each) => sum + each, 0) / seconds).toFixed(0)} answers/s, ` +
      `${(megabytes / seconds).toFixed(0)} MB/s (${answers})`,
  );
}
service.disconnect();
