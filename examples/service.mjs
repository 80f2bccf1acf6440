// A small service and two receivers: it logs, records lifecycle events, has a receiver fail for a moment and
// changes its targets while it runs, through its settings API. Prints what arrived, and its status. Run it with
// `npm start`; with `npm start -- --serve` it keeps running, and logs every few seconds.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import winston from 'winston';
import { EventTransport, SettingsStore } from 'winston-log-targets';
import { createConsole } from 'winston-log-targets/console';
import { startReceiver } from './receiver.mjs';

const credentials = { username: 'svc', password: 'example only' };
const [siem, audit] = [await startReceiver(credentials), await startReceiver(credentials)];

const siemTarget = {
  name: 'siem',
  address: siem.address,
  level: 'INFO',
  ca_cert: siem.cert,
  ...credentials,
  retry_timeout: '200ms',
};
const auditTarget = {
  name: 'audit',
  address: audit.address,
  scopes: ['lifecycle'],
  ca_cert: audit.cert,
  ...credentials,
};

const directory = await mkdtemp(join(tmpdir(), 'winston-log-targets-'));
const store = await SettingsStore.open({ file: join(directory, 'settings.yaml') });
await store.replace({ log_level: 'INFO', log_targets: [siemTarget] });
const events = new EventTransport({ settings: store });
events.on('report', (report) => {
  if (report.type !== 'batchDelivered') console.log('  report:', report.type, report.target ?? '');
});
events.on('warn', (warning) => console.log('  warning:', warning.message));
const logger = winston.createLogger({ transports: [events] });

// The console, for whoever has the token: the settings API, the operations API, and the page that shows them.
const token = randomBytes(12).toString('hex');
const operations = createConsole({
  store,
  transport: events,
  authorize: (request) => {
    if (request.headers.authorization !== `Bearer ${token}`) throw new Error('The token is needed');
    return {
      protocol: 'token',
      username: 'operator',
      address: request.socket.remoteAddress,
      types: ['lifecycle', 'logging', 'operation'],
      allow: ['read', 'ping', 'replay', 'settings'],
    };
  },
});
const server = http.createServer((request, response) => operations.handle(request, response));
server.on('upgrade', operations.handleUpgrade).listen(0, '127.0.0.1');
await once(server, 'listening');
const origin = `http://127.0.0.1:${server.address().port}`;
const api = `${origin}/1.0/system/settings`;

async function callApi(method, settings) {
  const response = await fetch(api, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(settings && { body: JSON.stringify(settings) }),
  });
  return response.json();
}

console.log('1. Log records and a lifecycle event go to the target `siem`.');
logger.info('Start https listener', { addr: '[::]:6443' });
logger.warn('Disk is nearly full', { free: { bytes: 1024 } });
const receipt = await logger.lifecycle('batch-started', {
  entities: ['/1.0/batches/b1'],
  requestor: { protocol: 'tls', username: 'a57be4e2', address: '10.0.0.101' },
});
console.log('  receipt:', JSON.stringify(receipt));
await events.flush();

console.log('2. The receiver answers 503 for a moment; nothing is lost.');
siem.fails = true;
for (let index = 0; index < 500; index++) logger.info(`Record ${index}`, { index });
await sleep(1000);
siem.fails = false;
await events.flush();
console.log(
  `  the receiver refused ${siem.refusals} requests and then took ${siem.events.length} events in all`,
);

console.log('3. An operator changes the targets at run time: `siem` gets warnings only, `audit` is new.');
const { metadata } = await callApi('GET');
console.log('  the password reads as', metadata.log_targets[0].password);
const changed = [{ ...metadata.log_targets[0], level: 'WARN' }, auditTarget];
console.log('  answer:', JSON.stringify(await callApi('PATCH', { log_targets: changed })));
console.log('  ping audit:', JSON.stringify(await events.ping('audit')));
logger.info('Nobody wants this any more');
logger.error(new Error('This goes to siem'));
await logger.lifecycle('batch-stopped', {
  entities: '/1.0/batches/b1',
  requestor: 'tls/a57be4e2 (10.0.0.101)',
});

if (process.argv.includes('--serve')) {
  console.log('\nThe service keeps running; Ctrl-C ends it. Try:');
  console.log(`  the console at ${origin}/ui/, with the token ${token}`);
  console.log(`  curl -H 'authorization: Bearer ${token}' ${api}`);
  console.log(`  curl -H 'authorization: Bearer ${token}' -X PATCH -d '{"log_level": "DEBUG"}' ${api}`);
  console.log(`  or edit ${join(directory, 'settings.yaml')}\n`);
  const timer = setInterval(() => logger.warn('The service is alive', { uptime: process.uptime() }), 5000);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  clearInterval(timer);
}

console.log('4. The logger ends: what is left is delivered first.');
logger.end();
await once(logger, 'finish');

console.log('\nWhat arrived at siem, first and last:');
for (const event of [...siem.events.slice(0, 3), ...siem.events.slice(-2)])
  console.log(' ', JSON.stringify(event).slice(0, 160));
console.log('What arrived at audit:');
for (const event of audit.events) console.log(' ', JSON.stringify(event));
console.log('\nStatus:', JSON.stringify(events.status(), null, 2));

siem.close();
audit.close();
operations.close();
server.close();
server.closeAllConnections();
await store.close();
await rm(directory, { recursive: true });
const { targets } = events.status();
const isComplete =
  siem.events.length >= 506 && targets.every(({ accepted, delivered }) => accepted === delivered);
console.log(isComplete ? '\nEverything arrived.' : '\nSomething is missing.');
process.exitCode = isComplete ? 0 : 1;
