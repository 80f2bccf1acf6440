/**
 * What shared settings and events cost each event of a member to whom nobody listens, however NATS is doing.
 * `npm run build`, then `node test/bench/operations/nats-cost.mjs [--rounds 15] [--events 15000]`. Needs `nats-server`.
 *
 * A member without NATS and one with it log and deliver the same in turn, in one process.
 */

import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connect } from '@nats-io/transport-node';
import { NatsSettings, shareEvents } from '../../../dist/nats/index.js';
import { createMember, logAndFlush } from './member.mjs';
import { compare, cpuNsPerEvent } from './ratios.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, events: { type: 'string', default: '15000' } },
});
const [events, rounds] = [Number(values.events), Number(values.rounds)];
const directory = mkdtempSync(join(tmpdir(), 'nats-cost-'));

const probe = net.createServer().listen(0, '127.0.0.1');
await once(probe, 'listening');
const natsPort = probe.address().port;
probe.close();
let nats;
async function startNats() {
  nats = spawn('nats-server', ['-js', '-a', '127.0.0.1', '-p', String(natsPort), '-sd', directory], {
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const chunk of nats.stderr) if (String(chunk).includes('Server is ready')) break;
  nats.stderr.destroy();
}
async function killNats() {
  const exited = once(nats, 'exit');
  nats.kill('SIGKILL');
  await exited;
}

const receiver = fork(fileURLToPath(new URL('./receiver.mjs', import.meta.url)));
const [port] = await once(receiver, 'message');
await startNats();
const connection = await connect({
  servers: `127.0.0.1:${natsPort}`,
  maxReconnectAttempts: -1,
  reconnectTimeWait: 100,
});
const settings = await NatsSettings.open({ connection, cacheFile: join(directory, 'cache.json') });
settings.on?.('rejected', () => {});
const target = { name: 'siem', address: `http://127.0.0.1:${port}/`, level: 'DEBUG' };
await settings.change({ ...settings.current, log_level: 'DEBUG', log_targets: [target] });
// What a location costs is not what is measured.
const alone = createMember(port, { targets: [target], location: 'member-0' });
const shared = createMember(port, { settings, location: 'member-1' });
shared.transport.on('warn', () => {});
shareEvents({ transport: shared.transport, connection });

async function measure(condition) {
  console.log(`NATS ${condition}:`);
  await compare(
    {
      '  without NATS': () => cpuNsPerEvent(events, () => logAndFlush(alone, events)),
      '  with shared settings and events': () => cpuNsPerEvent(events, () => logAndFlush(shared, events)),
    },
    { rounds, warmUps: condition === 'is there' ? 4 : 1 },
  );
}
await measure('is there');
nats.kill('SIGSTOP');
await measure('is frozen');
nats.kill('SIGCONT');
await killNats();
await measure('is away');
rmSync(join(directory, 'jetstream'), { recursive: true, force: true });
await startNats();
await wait(1000);
await measure('is back, and emptied');
let isOver = false;
const restarting = (async () => {
  while (!isOver) {
    await killNats();
    await startNats();
    await wait(500);
  }
})();
await measure('is restarted again and again');
isOver = true;
await restarting;
await killNats();
rmSync(directory, { recursive: true, force: true });
receiver.disconnect();
process.exit();
