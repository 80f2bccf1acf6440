/** Every command against a real service: its console, its transport, its receivers. */

import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import winston from 'winston';
import { type Allowance, createConsole } from '../../src/console/index.js';
import { EventTransport, SettingsStore } from '../../src/index.js';
import { createCertificate } from '../helpers/certificates.js';
import { runCommand, startCommand } from '../helpers/command.js';
import { runHere } from '../helpers/command-here.js';
import { temporaryDirectory } from '../helpers/files.js';
import { startReceiver } from '../helpers/receiver.js';
import { eventually } from '../helpers/spool.js';
import { quickTarget } from '../helpers/transport.js';

/** A service over HTTPS with a spool, whose operator shows a token, or a client certificate. */
async function startService(
  targets: readonly object[],
  allow: readonly Allowance[] = ['read', 'ping', 'replay', 'settings'],
) {
  const folder = temporaryDirectory();
  const [certificate, client] = [await createCertificate(), await createCertificate()];
  const files = { ca: certificate.cert, cert: client.cert, key: client.key };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.pem`), text);
  writeFileSync(join(folder, 'settings.yaml'), JSON.stringify({ log_level: 'DEBUG', log_targets: targets }));
  const store = await SettingsStore.open({ file: join(folder, 'settings.yaml') });
  const transport = new EventTransport({ settings: store, spool: { directory: join(folder, 'spool') } });
  transport.on('warn', () => {});
  await transport.ready();
  const logger = winston.createLogger({ transports: [transport] });
  const { fingerprint256 } = new X509Certificate(client.cert);
  const console = createConsole({
    transport,
    store,
    path: '/logs',
    authorize: (request) => {
      const shown = (request.socket as TLSSocket).getPeerCertificate?.().fingerprint256;
      const isKnown = request.headers.authorization === 'Bearer token' || shown === fingerprint256;
      if (!isKnown) throw new Error('who?');
      return { protocol: 'tls', username: 'ops', address: '', allow, types: ['logging', 'lifecycle'] };
    },
  });
  const server = createServer({ ...certificate, requestCert: true, rejectUnauthorized: false });
  server.on('request', console.handle).on('upgrade', console.handleUpgrade);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    console.close();
    server.closeAllConnections();
    server.close();
    transport.destroy();
    await store.close();
  });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/logs`;
  const env = { LOG_TARGETS_URL: url, LOG_TARGETS_TOKEN: 'token', LOG_TARGETS_CA: join(folder, 'ca.pem') };
  /** As an operator who has put all that into the environment. */
  const run = (...words: string[]) => runHere(words, { env, cwd: folder });
  /** The same, as a process of its own: one for each kind of command. */
  const start = (...words: string[]) => runCommand(words, { env, cwd: folder });
  return { folder, url, env, run, start, store, transport, logger };
}

const target = (address: string, settings: object = {}) =>
  quickTarget(address, { retry_timeout: '1h', retry_count: 1, ...settings });

describe('a running service', () => {
  it('is reached with a token or a client certificate, when its certificate is trusted', async () => {
    const { folder, url, start } = await startService([]);
    expect(await start('status')).toEqual({ exitCode: 0, output: 'There are no log targets.\n', errors: '' });
    const own = ['--cert', 'cert.pem', '--key', 'key.pem'];
    const cases = [
      [[...own, '--ca', 'ca.pem'], 0, 'There are no log targets.'],
      [['--ca', 'ca.pem', '--token', 'other'], 1, 'does not know who asks (401'],
      [['--token', 'token'], 1, 'give its CA, or itself, with --ca'],
    ] as const;
    for (const [args, exitCode, words] of cases) {
      const result = await runCommand(['status', '--url', url, ...args], { cwd: folder });
      expect(result.exitCode).toBe(exitCode);
      expect(result.output + result.errors).toContain(words);
    }
  });

  it('tells of a target in trouble, and tries it again when it is told to', async () => {
    const receiver = await startReceiver(503);
    const { run, start, logger } = await startService([target(receiver.address)]);
    logger.info('waits');
    await receiver.untilRequests(1);
    await eventually(async () => {
      const { output } = await run('status');
      expect(output).toMatch(/^siem {4}down {3}1 /m);
      expect(output).toMatch(/^siem: HTTP_503: .*; next attempt in \d+ (s|min|h)$/m);
    });
    const { output } = await run('attempts', 'siem');
    expect(output).toMatch(/^\S+Z {2}503 +\d+ +1 +\d+ +\S+$/m);
    const [attempt] = JSON.parse((await run('attempts', 'siem', '--json')).output);
    expect(attempt).toMatchObject({ status: 503, events: 1 });
    receiver.answer = 200;
    expect(await start('retry', 'siem')).toEqual({
      exitCode: 0,
      output: 'siem tries again now.\n',
      errors: '',
    });
    await receiver.until(() => receiver.names().includes('waits'));
    expect(await run('retry', 'nobody')).toMatchObject({
      exitCode: 1,
      errors: expect.stringMatching(/log target .*that name\n`log-targets status`/),
    });
  });

  it('has dead letters that are listed, replayed and discarded', async () => {
    const receiver = await startReceiver(422);
    const { run, start, logger, transport } = await startService([
      target(receiver.address, { body_format: 'single', batch_size: 1, scopes: ['logging'] }),
    ]);
    for (const message of ['first', 'second', 'third']) logger.info(message);
    await eventually(() => expect(transport.status().targets[0]?.dead).toBe(3));
    const { output } = await start('dead-letters', 'siem');
    expect(output).toMatch(/answered 422\b.*\n {2}\S+ {2}INFO {7}first\n/);
    const letters = JSON.parse((await run('dead-letters', 'siem', '--json')).output);
    expect(letters).toHaveLength(3);
    receiver.answer = 200;
    expect(await run('replay', 'siem', '--id', letters[0].id)).toMatchObject({
      exitCode: 0,
      output: '1 dead letter of siem queued again.\n',
    });
    await receiver.until(() => receiver.names().includes('first'));
    expect(await run('replay', 'siem', '--since', '2999-01-01')).toMatchObject({
      output: '0 dead letters of siem queued again.\n',
    });
    const page = await run('dead-letters', 'siem', '--limit', '1', '--after', letters[1].id);
    expect(page).toMatchObject({
      output: expect.stringContaining('third'),
      errors: `There may be more: --after ${letters[2].id}\n`,
    });
    expect((await run('discard', 'siem', '--before', '1h', '--json')).output).toBe('{"discarded":0}\n');
    expect(await run('discard', 'siem')).toEqual({
      exitCode: 0,
      output: '2 dead letters of siem discarded.\n',
      errors: '',
    });
    expect((await run('dead-letters', 'siem')).output).toBe('siem has no dead letters.\n');
  });

  it('has settings that are read, changed and set, and secrets stay where they are', async () => {
    const receiver = await startReceiver();
    const { run, start, folder, store } = await startService([
      target(receiver.address, { username: 'ops', password: 'hunter2' }),
    ]);
    const got = await start('settings', 'get');
    expect(got).toMatchObject({ exitCode: 0, errors: '' });
    expect(got.output).toMatch(/password: ['"]?\*{8}/);
    expect(JSON.parse((await run('settings', 'get', '--json')).output)).toMatchObject({
      log_level: 'DEBUG',
      log_targets: [{ name: 'siem' }],
    });

    writeFileSync(
      join(folder, 'audit.yaml'),
      `name: audit\naddress: ${receiver.address}\nscopes: [lifecycle]\n`,
    );
    expect(await run('target', 'add', 'audit.yaml')).toMatchObject({
      exitCode: 0,
      output: 'Added audit.\n',
    });
    expect(await run('target', 'add', 'audit.yaml')).toMatchObject({
      exitCode: 1,
      errors: expect.stringMatching(/refused \(400\).*unique/),
    });
    expect(await run('target', 'set', 'audit', 'level=INFO', 'retry_count=7')).toMatchObject({
      output: 'Changed audit: level, retry_count.\n',
    });
    expect(store.current.log_targets[1]).toMatchObject({
      name: 'audit',
      level: 'INFO',
      retry_count: 7,
      scopes: ['lifecycle'],
    });

    writeFileSync(
      join(folder, 'next.yaml'),
      `${got.output}sync_interval: 1h\n`
        .replace('level: DEBUG', 'level: WARN')
        .replace('sync_interval: 10m0s\n', ''),
    );
    const set = await start('settings', 'set', 'next.yaml');
    expect(set).toMatchObject({ exitCode: 0, errors: '' });
    expect(set.output).toMatch('Removed: audit.');
    expect(store.current.log_targets).toHaveLength(1);
    expect(store.current.log_targets[0]).toMatchObject({ name: 'siem', password: 'hunter2' });
    expect(readFileSync(join(folder, 'settings.yaml'), 'utf8')).toMatch('hunter2');

    expect(await run('target', 'remove', 'siem', '--json')).toMatchObject({
      exitCode: 0,
      output: '{"removed":"siem"}\n',
    });
    expect(await run('target', 'remove', 'siem')).toMatchObject({
      exitCode: 1,
      errors: expect.stringMatching(/log target .*that name/),
    });
    expect(store.current.log_targets).toEqual([]);
  });

  it('allows what it allows, and no more', async () => {
    const { run } = await startService([target('http://127.0.0.1:1')], ['read']);
    expect(await run('status')).toMatchObject({ exitCode: 0 });
    for (const words of [
      ['retry', 'siem'],
      ['replay', 'siem'],
      ['discard', 'siem'],
      ['target', 'remove', 'siem'],
    ]) {
      expect(await run(...words)).toMatchObject({
        exitCode: 1,
        output: '',
        errors: expect.stringMatching(/does not allow this \(403: .*this needs/),
      });
    }
  });

  it('is followed by tail', async () => {
    const { env, logger, transport } = await startService([]);
    const { printed, interrupt } = startCommand(['tail', '--level', 'INFO'], { env });
    const listening = new Promise<void>((resolve) => {
      transport.on('report', ({ type }) => type === 'listenerConnected' && resolve());
    });
    await listening;
    logger.info('live');
    expect(await printed('live')).toMatch(/INFO {7}live/);
    expect((await interrupt()).exitCode).toBe(0);
  });
});
