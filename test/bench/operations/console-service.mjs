/** A service with a console, many targets, dead letters and some traffic; tells of its event loop when asked. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import winston from 'winston';
import { createConsole } from '../../../dist/console/index.js';
import { EventTransport, SettingsStore } from '../../../dist/index.js';
import { registerMetrics } from '../../../dist/metrics/prometheus.js';
import { watchTurns } from './turns.mjs';

const DEAD_LETTERS = 1000;
const number = Number(process.argv[2] ?? 200);
const directory = mkdtempSync(join(tmpdir(), 'console-service-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

const receiver = fork(fileURLToPath(new URL('./receiver.mjs', import.meta.url)));
const [receiverPort] = await once(receiver, 'message');

const target = (index) => ({
  name: `edge-${index}`,
  address: `http://127.0.0.1:${receiverPort}/`,
  level: index === 0 ? 'INFO' : 'ERROR',
  // That somebody reads dead letters is an event: what it costs to send that to all targets is not what is measured.
  scopes: ['logging'],
  username: 'svc',
  password: 'secret',
  ...(index === 0 && { body_format: 'single', batch_wait: '0s' }),
});
const store = await SettingsStore.open({ file: join(directory, 'settings.yaml') });
await store.replace({
  log_level: 'INFO',
  log_targets: Array.from({ length: number }, (_, index) => target(index)),
});
const transport = new EventTransport({
  settings: store,
  location: 'member-1',
  spool: { directory: join(directory, 'spool') },
});
await transport.ready();
const logger = winston.createLogger({ transports: [transport] });
logger.on('warn', () => {}); // the dead letters are meant
for (let index = 0; index < DEAD_LETTERS; index++) {
  logger.info(`poison ${index}`, { request: 'a1b2c3', path: '/1.0/instances', status: 200 });
  // One that is taken between them shows that it is not the configuration that is wrong.
  if (index % 4 === 3) logger.info('fine');
}
await transport.flush({ timeoutMs: 60_000 });

const metrics = new Registry();
registerMetrics({ transport, registry: metrics });
const operations = createConsole({
  transport,
  store,
  metrics,
  authorize: () => ({
    protocol: 'token',
    username: 'operator',
    address: '',
    types: ['lifecycle', 'logging', 'operation'],
    allow: ['read'],
  }),
});
const server = http.createServer((request, response) => operations.handle(request, response));
// That they close idle connections is not what is measured.
server.keepAliveTimeout = 120_000;
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
await once(server, 'listening');
setInterval(() => logger.info('An event among many', { request: 'a1b2c3' }), 10);

let watching;
process.on('message', (word) => {
  if (word === 'watch') watching = watchTurns();
  process.send(word === 'tell' ? watching.stop() : {});
});
process.on('disconnect', () => process.exit());
process.send({ port: server.address().port });
