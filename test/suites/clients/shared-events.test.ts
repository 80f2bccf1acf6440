/** What all members log, at one of them: as LXD's and Incus's own clients see it. Skipped where those, or NATS, are missing. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { shareEvents } from '../../../src/nats/index.js';
import { startStream } from '../../helpers/event-stream.js';
import { temporaryDirectory } from '../../helpers/files.js';
import { type NatsServer, startNats } from '../../helpers/nats.js';
import { describeWith } from '../../helpers/programs.js';

/** A member whose events are shared, with an event stream on a Unix socket. */
async function join(nats: NatsServer, location: string) {
  const connection = await nats.connect();
  const member = await startStream({ isUnix: true, transportOptions: { location } });
  const shared = shareEvents({ transport: member.transport, connection });
  onTestFinished(() => shared.close());
  return member;
}

for (const [command, prefix] of [
  ['lxc', 'LXD'],
  ['incus', 'INCUS'],
] as const) {
  describeWith(command)(command, () => {
    describeWith('nats-server')('at one member of a fleet', () => {
      it('shows each event of all members once, with its location', async () => {
        const nats = await startNats();
        const [here, there] = [await join(nats, 'm1'), await join(nats, 'm2')];
        const args = [
          'monitor',
          '--force-local',
          '--all-projects',
          '--type=lifecycle',
          '--type=logging',
          '--format=json',
        ];
        const connected = here.report('listenerConnected');
        const child = spawn(command, args, {
          env: {
            ...process.env,
            [`${prefix}_SOCKET`]: here.socket ?? '',
            [`${prefix}_CONF`]: temporaryDirectory(),
          },
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        onTestFinished(async () => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          const exited = once(child, 'exit');
          child.kill('SIGKILL');
          await exited;
        });
        let output = '';
        child.stdout.on('data', (chunk) => {
          output += chunk;
        });
        const lines = () => output.split('\n').filter((line) => line !== '');
        await connected;
        // The other member knows that somebody listens: it asks its loggers for everything then.
        await expect.poll(() => there.transport.level).toBe('silly');
        for (const { logger, transport } of [here, there]) {
          logger.warn('Space is nearly used up');
          await transport.lifecycle('instance-started', { entities: '/1.0/instances/c1' });
        }
        await expect.poll(() => lines().length).toBe(4);
        const shown = lines().map((line) => {
          const { location, metadata } = JSON.parse(line);
          return `${location} ${metadata.message ?? metadata.action}`;
        });
        expect(shown.sort()).toEqual([
          'm1 Space is nearly used up',
          'm1 instance-started',
          'm2 Space is nearly used up',
          'm2 instance-started',
        ]);
      });
    });
  });
}
