/** A service with 200 targets, one of which gets everything, and a console; logs as it is told. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import winston from 'winston';
import { createConsole } from '../../../dist/console/index.js';
import { EventTransport } from '../../../dist/index.js';

const PER_SECOND = 5000;
const TICK_MS = 20;
/** Where there are as many as can be: so many are logged between two looks at how many wait, which is never more than so many. */
const BURST = 5000;
const MAX_WAITING = 20_000;

const receiver = fork(fileURLToPath(new URL('./receiver.mjs', import.meta.url)));
const [port] = await once(receiver, 'message');
const transport = new EventTransport({
  targets: Array.from({ length: 200 }, (_, index) => ({
    name: `edge-${index}`,
    address: `http://127.0.0.1:${port}/`,
    level: index === 0 ? 'INFO' : 'ERROR',
  })),
});
const logger = winston.createLogger({ transports: [transport] });
const operations = createConsole({
  transport,
  authorize: () => ({
    protocol: 'token',
    username: 'operator',
    address: '',
    types: ['lifecycle', 'logging', 'operation'],
  }),
});
const server = http.createServer((request, response) => operations.handle(request, response));
server.listen(0, '127.0.0.1');
await once(server, 'listening');

let count = 0;
const log = (times) => {
  for (let index = 0; index < times; index++) {
    logger.info('request served', { method: 'GET', path: '/a/b', status: 200, ms: 12, user: `u${count++}` });
  }
};
const waiting = () => transport.status().targets[0].pending.events;

async function run({ mode, seconds }) {
  const [cpu, before, began] = [
    process.cpuUsage(),
    transport.status().targets[0].delivered,
    performance.now(),
  ];
  const until = began + seconds * 1000;
  if (mode === 'paced') {
    for (let tick = 1; tick <= (seconds * 1000) / TICK_MS; tick++) {
      log((PER_SECOND * TICK_MS) / 1000);
      await wait(Math.max(began + tick * TICK_MS - performance.now(), 0));
    }
  } else {
    while (performance.now() < until) {
      for (let logged = 0; logged < BURST; logged += 500) {
        log(500);
        await new Promise(setImmediate);
      }
      while (waiting() > MAX_WAITING) await wait(1);
    }
  }
  await transport.flush({ timeoutMs: 60_000 });
  const { user, system } = process.cpuUsage(cpu);
  const delivered = transport.status().targets[0].delivered - before;
  return {
    delivered,
    perSecond: (delivered * 1000) / (performance.now() - began),
    cpuNs: ((user + system) * 1000) / delivered,
  };
}

process.on('message', async (wanted) => process.send(await run(wanted)));
process.on('disconnect', () => process.exit());
process.send({ port: server.address().port });
