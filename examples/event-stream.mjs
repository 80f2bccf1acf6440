// A small service that tells of its life over a Unix socket: listen to it with `lxc monitor` or `incus monitor`.
// Run it with `npm run events`; it prints the commands. Ctrl-C ends it.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import winston from 'winston';
import { createEventStream, EventTransport } from 'winston-log-targets';

const events = new EventTransport({ location: 'node-1' });
const logger = winston.createLogger({ transports: [events] });
events.on('report', ({ type, client, reason = '' }) => console.log(' ', type, client, reason));

// Nobody but this user gets into the directory: whoever reaches the socket may see everything.
const directory = await mkdtemp(join(tmpdir(), 'winston-log-targets-'));
const socket = join(directory, 'unix.socket');
const stream = createEventStream({
  transport: events,
  authorize: () => ({
    protocol: 'unix',
    username: process.env.USER ?? 'user',
    address: '@',
    types: ['lifecycle', 'logging', 'operation'],
  }),
});
const server = http.createServer((request, response) => stream.handle(request, response));
server.on('upgrade', stream.handleUpgrade);
server.listen(socket);
await once(server, 'listening');

console.log('Listen to it from another terminal:');
console.log(`  LXD_SOCKET=${socket} lxc monitor --force-local --pretty`);
console.log(`  LXD_SOCKET=${socket} lxc monitor --force-local --type=lifecycle --format=json`);
console.log(`  LXD_SOCKET=${socket} lxc query --force-local '/1.0/events?type=foo'`);
console.log(`  INCUS_SOCKET=${socket} incus monitor --force-local --pretty --loglevel=warning`);

let number = 0;
const timer = setInterval(() => {
  const url = `/1.0/instances/c${++number}`;
  const operation = logger.operation({ description: 'Creating instance', resources: { instances: url } });
  logger.debug('Looking for space', { number });
  logger.info('Found space', { pool: 'default' });
  if (number % 5 === 0) logger.warn('Space is nearly used up', { pool: 'default' });
  const requestor = 'unix/user (@)';
  logger.lifecycle('instance-created', { entities: url, requestor, name: `c${number}`, project: 'default' });
  operation.done();
}, 1000);

await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
clearInterval(timer);
logger.end(); // the stream ends with it
await once(logger, 'finish');
server.close();
await rm(directory, { recursive: true });
