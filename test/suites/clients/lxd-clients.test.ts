/** The event stream as LXD's and Incus's own clients see it: skipped where they are not installed. */

import { execFile, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createCertificate } from '../../helpers/certificates.js';
import { privileged, type StreamServer, startStream } from '../../helpers/event-stream.js';
import { temporaryDirectory } from '../../helpers/files.js';
import { describeWith } from '../../helpers/programs.js';

interface Client {
  readonly command: string;
  /** What the names of its environment variables begin with. */
  readonly prefix: string;
  readonly protocol: string;
}

const clients: Client[] = [
  { command: 'lxc', prefix: 'LXD', protocol: 'lxd' },
  { command: 'incus', prefix: 'INCUS', protocol: 'incus' },
];

for (const { command, prefix, protocol } of clients) {
  describeWith(command)(command, () => {
    function environment(settings: Record<string, string>): NodeJS.ProcessEnv {
      const own = Object.entries(settings).map(([name, value]) => [`${prefix}_${name}`, value]);
      return { ...process.env, ...Object.fromEntries(own) };
    }

    /** Starts `monitor`, waits until it listens, logs, and waits for so many lines that are not empty. */
    async function monitor(
      { report, logger, transport }: StreamServer,
      args: string[],
      env: NodeJS.ProcessEnv,
      lines: number,
    ): Promise<string[]> {
      const child = spawn(command, ['monitor', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      onTestFinished(() => void child.kill('SIGKILL'));
      let output = '';
      let errors = '';
      child.stderr.on('data', (chunk) => {
        errors += chunk;
      });
      const read = () => output.split('\n').filter((line) => line !== '');
      const complete = new Promise<void>((resolve, reject) => {
        child.stdout.on('data', (chunk) => {
          output += chunk;
          if (read().length >= lines) resolve();
        });
        // Not its exit: what it said may come later than that.
        child.on('close', () => reject(new Error(`${command} ended: ${errors}`)));
      });
      await Promise.race([report('listenerConnected'), complete]);
      logger.debug('Looking for space');
      logger.warn('Space is nearly used up', { free: { bytes: 1024 }, 'with space': '"quoted"' });
      logger.error(new Error('No space'));
      const operation = logger.operation({
        description: 'Creating',
        resources: { instances: '/1.0/instances/c1' },
      });
      void logger.lifecycle('instance-created', {
        entities: ['/1.0/instances/c1', '/1.0/images/i1'],
        requestor: privileged,
        name: 'c1',
        project: 'web',
        context: { old_name: 'c0' },
        metadata: { size: 5 },
      });
      void transport.lifecycle('instance-started', { entities: '/1.0/instances/c1' });
      operation.fail(new Error('no luck'));
      await complete;
      const exited = once(child, 'exit');
      child.kill();
      await exited;
      return read();
    }

    it('monitors over a Unix socket: lifecycle events as JSON', async () => {
      const server = await startStream({ isUnix: true, transportOptions: { location: 'n1' } });
      const env = environment({ SOCKET: server.socket ?? '', CONF: temporaryDirectory() });
      const args = ['--force-local', '--type=lifecycle', '--format=json', '--all-projects'];
      const lines = await monitor(server, args, env, 2);
      // It handles events side by side, and prints them in any order.
      const events = lines.map((line) => JSON.parse(line));
      expect(events).toHaveLength(2);
      expect(events).toEqual(
        expect.arrayContaining([
          {
            type: 'lifecycle',
            timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
            location: 'n1',
            project: 'web',
            metadata: {
              action: 'instance-created',
              source: '/1.0/instances/c1?project=web',
              name: 'c1',
              project: 'web',
              requestor: { protocol: 'tls', username: 'a57be4e2', address: '10.0.0.101' },
              context: { old_name: 'c0', entities: ['/1.0/images/i1'], metadata: { size: 5 } },
            },
          },
          expect.objectContaining({
            metadata: expect.objectContaining({ action: 'instance-started', source: '/1.0/instances/c1' }),
          }),
        ]),
      );
    });

    it('monitors prettily: levels, contexts, requestors and operations', async () => {
      const server = await startStream({ isUnix: true });
      const env = environment({ SOCKET: server.socket ?? '', CONF: temporaryDirectory() });
      const lines = await monitor(server, ['--force-local', '--pretty', '--project=web'], env, 7);
      const patterns = [
        /level=debug msg="Looking for space"/,
        /level=warning msg="Space is nearly used up" free=.*bytes.*1024/,
        /level=error msg="No space" stack="Error: No space/,
        /level=info msg="Action: instance-created, .*Requestor: tls\/a57be4e2 \(10\.0\.0\.101\)/,
        /level=info msg="Action: instance-started/,
        /level=info msg=".*Description: Creating".*Status=Running/,
        /level=info msg=".*Description: Creating".*Err="no luck".*Status=Failure/,
      ];
      expect(lines).toHaveLength(patterns.length);
      for (const pattern of patterns) expect(lines.filter((line) => pattern.test(line))).toHaveLength(1);
    });

    it('monitors prettily from a level up', async () => {
      const server = await startStream({ isUnix: true });
      const env = environment({ SOCKET: server.socket ?? '', CONF: temporaryDirectory() });
      const args = ['--force-local', '--pretty', '--loglevel=warning'];
      const lines = await monitor(server, args, env, 2);
      expect(lines.map((line) => /level=(\w+)/.exec(line)?.[1]).sort()).toEqual(['error', 'warning']);
    });

    it('tells what is wrong with a query', async () => {
      const { socket = '' } = await startStream({ isUnix: true });
      const env = environment({ SOCKET: socket, CONF: temporaryDirectory() });
      const query = (path: string) =>
        new Promise((resolve) => {
          execFile(command, ['query', '--force-local', path], { env }, (_error, output, errors) =>
            resolve((errors || output).trim()),
          );
        });
      expect(await query('/1.0/events?type=foo')).toBe('Error: "foo" isn\'t a supported event type');
      expect(await query('/1.0/events')).toBe('Error: The client is not using the WebSocket protocol');
      expect(JSON.parse(String(await query('/1.0')))).toMatchObject({ auth: 'trusted' });
    });

    describe('over HTTPS', () => {
      /** A server that trusts one certificate, and a client that has it. */
      async function connectRemote(trusts: (fingerprint: string | undefined, own: string) => boolean) {
        const [certificate, own] = [await createCertificate(), await createCertificate({ name: 'client' })];
        const fingerprint = new X509Certificate(own.cert).fingerprint256.replaceAll(':', '').toLowerCase();
        const server = await startStream({
          tls: { ...certificate, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.3' },
          authorize: (_request, seen) => trusts(seen.fingerprint, fingerprint) && privileged,
        });
        const directory = temporaryDirectory();
        mkdirSync(join(directory, 'servercerts'));
        writeFileSync(join(directory, 'servercerts', 'test.crt'), certificate.cert);
        writeFileSync(join(directory, 'client.crt'), own.cert);
        writeFileSync(join(directory, 'client.key'), own.key);
        writeFileSync(
          join(directory, 'config.yml'),
          `default-remote: test\nremotes:\n  test:\n    addr: ${server.origin}\n    auth_type: tls\n    protocol: ${protocol}\n    public: false\n`,
        );
        return { server, env: environment({ CONF: directory }) };
      }

      it('monitors with its certificate', async () => {
        const { server, env } = await connectRemote((fingerprint, own) => fingerprint === own);
        const lines = await monitor(server, ['test:', '--type=logging', '--format=json'], env, 3);
        const messages = lines.map((line) => JSON.parse(line).metadata.message);
        expect(messages.sort()).toEqual(['Looking for space', 'No space', 'Space is nearly used up']);
      });

      it('is told that it may not', async () => {
        const { server, env } = await connectRemote(() => false);
        // Older clients do not show why.
        await expect(monitor(server, ['test:'], env, 1)).rejects.toThrow(/not authorized|bad handshake/);
      });
    });
  });
}
