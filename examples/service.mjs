// A small service and two receivers: it logs, records lifecycle events, has a receiver fail for a moment and
// changes its targets while it runs. Prints what arrived, and its status. Run it with `npm start`.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import winston from 'winston';
import { EventTransport } from 'winston-log-targets';
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

const events = new EventTransport({ targets: [siemTarget] });
events.on('report', (report) => {
  if (report.type !== 'batchDelivered') console.log('  report:', report.type, report.target ?? '');
});
events.on('warn', (warning) => console.log('  warning:', warning.message));
const logger = winston.createLogger({ level: 'info', transports: [events] });

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

console.log('3. The targets change at run time: `siem` gets warnings only, `audit` is new.');
console.log('  reload:', JSON.stringify(events.reload([{ ...siemTarget, level: 'WARN' }, auditTarget])));
console.log('  ping audit:', JSON.stringify(await events.ping('audit')));
logger.info('Nobody wants this any more');
logger.error(new Error('This goes to siem'));
await logger.lifecycle('batch-stopped', {
  entities: '/1.0/batches/b1',
  requestor: 'tls/a57be4e2 (10.0.0.101)',
});

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
const { targets } = events.status();
const isComplete =
  siem.events.length === 505 && targets.every(({ accepted, delivered }) => accepted === delivered);
console.log(isComplete ? '\nEverything arrived.' : '\nSomething is missing.');
process.exitCode = isComplete ? 0 : 1;
