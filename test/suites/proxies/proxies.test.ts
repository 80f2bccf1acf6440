/** Squid and Tinyproxy between a transport and its receivers. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { LogTarget } from '../../../src/index.js';
import { type Certificate, createCa, createCertificate } from '../../helpers/certificates.js';
import { describeWith, programPath } from '../../helpers/programs.js';
import { freePort, startReceiver } from '../../helpers/receiver.js';
import { createTestTransport, quickTarget, statusOf } from '../../helpers/transport.js';

interface Program {
  readonly name: string;
  /** Arguments, given its configuration file. */
  readonly args: (file: string) => string[];
  /** With the user `log` and the password `s3cret`; nothing may go to port 1. */
  readonly configuration: (directory: string, port: number) => string;
  /** What it says where it may not go, to `http:` and `https:` receivers. */
  readonly forbidden: string;
  /** What it says where nobody is. */
  readonly nobody: RegExp;
}

const tinyproxy: Program = {
  name: 'tinyproxy',
  args: (file) => ['-d', '-c', file],
  configuration: (directory, port) => `
Port ${port}
Listen 127.0.0.1
Timeout 60
Allow 127.0.0.1
BasicAuth log s3cret
LogFile "${directory}/log"
Filter "${directory}/filter"
`,
  forbidden: 'PROXY_403',
  nobody: /^PROXY_50[0-4]$/,
};

const squid: Program = {
  name: 'squid',
  args: (file) => ['-N', '-f', file],
  configuration: (directory, port) => `
http_port 127.0.0.1:${port}
pid_filename none
cache_log ${directory}/log
access_log none
cache deny all
coredump_dir ${directory}
shutdown_lifetime 0 seconds
auth_param basic program /usr/lib/squid/basic_ncsa_auth ${directory}/users
auth_param basic realm proxy
acl known proxy_auth REQUIRED
acl forbidden dst 127.0.0.2/32
http_access deny forbidden
http_access allow known
http_access deny all
`,
  forbidden: 'PROXY_403',
  nobody: /^PROXY_50[0-4]$/,
};

let ca: Certificate;
let server: Certificate;

beforeAll(async () => {
  ca = await createCa();
  server = await createCertificate({ ca });
});

function untilListening(port: number): Promise<void> {
  const connects = () =>
    new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  return vi.waitUntil(connects, { timeout: 30_000, interval: 100 }).then(() => {});
}

for (const program of [tinyproxy, squid]) {
  describeWith(program.name)(program.name, () => {
    let proxy = '';
    let directory = '';
    let child: ChildProcess | undefined;

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'proxy-'));
      // Started by root, they go on as somebody else.
      await chmod(directory, 0o777);
      const port = await freePort();
      // `log`, `s3cret`, as `openssl passwd -apr1 -salt abcdefgh s3cret` writes it.
      await writeFile(join(directory, 'users'), 'log:$apr1$abcdefgh$M2T3erDstkD7SsE2QQnfH0\n');
      await writeFile(join(directory, 'filter'), '^127\\.0\\.0\\.2$\n');
      const file = join(directory, 'configuration');
      await writeFile(file, program.configuration(directory, port));
      child = spawn(programPath(program.name) ?? '', program.args(file), { stdio: 'ignore' });
      proxy = `http://127.0.0.1:${port}`;
      await untilListening(port);
    });

    afterAll(async () => {
      if (child?.exitCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      await rm(directory, { recursive: true, force: true });
    });

    /** Logs three events, one after the other; what came of them. */
    async function deliver(address: string, settings: Partial<LogTarget> = {}) {
      const { transport, logger, report } = createTestTransport([
        quickTarget(address, {
          ca_cert: ca.cert,
          proxy,
          proxy_username: 'log',
          proxy_password: 's3cret',
          retry_count: 1,
          retry_timeout: '1h',
          ...settings,
        }),
      ]);
      const down = report('targetDown').then(({ error }) => error.code);
      for (const message of ['one', 'two', 'three']) {
        logger.error(message);
        await Promise.race([transport.flush(), down]);
      }
      const { delivered, dropped, via } = statusOf(transport);
      expect({ dropped, via }).toEqual({ dropped: {}, via: proxy });
      return delivered === 3 ? 'delivered' : down;
    }

    it('passes events on to an http: receiver', async () => {
      const receiver = await startReceiver();
      expect(await deliver(receiver.address)).toBe('delivered');
      expect(receiver.names()).toEqual(['one', 'two', 'three']);
      expect(receiver.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
    });

    it('passes TLS on to an https: receiver, with one tunnel for many requests', async () => {
      const client = await createCertificate({ ca, name: 'client' });
      const options = { ...server, ca: ca.cert, requestCert: true, rejectUnauthorized: true };
      const receiver = await startReceiver(200, options);
      const certified = { client_cert: client.cert, client_key: client.key };
      expect(await deliver(receiver.address, certified)).toBe('delivered');
      expect(receiver.names()).toEqual(['one', 'two', 'three']);
      expect(receiver.connections).toBe(1);
    });

    it('wants a password, and says so as a proxy does', async () => {
      for (const tls of [undefined, server]) {
        const receiver = await startReceiver(200, tls);
        expect(await deliver(receiver.address, { proxy_password: 'wrong' })).toMatch(/^PROXY_40[17]$/);
        expect(receiver.requests).toEqual([]);
      }
    });

    it('may not go everywhere, which is its own fault and no event’s', async () => {
      for (const scheme of ['http', 'https']) {
        const port = await freePort();
        expect(await deliver(`${scheme}://127.0.0.2:${port}/`)).toBe(program.forbidden);
      }
    });

    it('finds nobody, and is tried again', async () => {
      for (const scheme of ['http', 'https']) {
        expect(await deliver(`${scheme}://127.0.0.1:${await freePort()}/`)).toMatch(program.nobody);
      }
    });
  });
}
