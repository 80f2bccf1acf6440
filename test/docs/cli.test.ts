/** The page about the command says what is so: its first minute and its samples run with the packed package. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { EventTransport } from '../../src/index.js';
import { startContractServer } from '../cli/contract-server.js';
import { startListen } from '../helpers/command.js';
import { runHere } from '../helpers/command-here.js';
import { temporaryDirectory } from '../helpers/files.js';
import { installPackedPackage } from '../helpers/packed-package.js';
import { startReceiver } from '../helpers/receiver.js';
import { readPage, replaced } from '../helpers/samples.js';

const page = readPage('docs/cli.md');

/** Times and durations as the page shows them. */
const timeless = (text: string) =>
  text
    .replace(/^\d\d:\d\d:\d\d\.\d{3}/gm, '12:00:00.000')
    .replace(/ +\d+ ms( +|$)/gm, ' 0 ms ')
    .replace(/\b\d+ s\b/g, '3 s');

/** Runs the command of a block, `$ npx log-targets ...`, and compares what it prints. */
async function expectSession(wanted: string, cwd: string, env: Record<string, string> = {}): Promise<void> {
  const [first = '', ...lines] = page.sample(wanted, 'console').split('\n');
  const words = [...first.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  expect(words.slice(0, 3)).toEqual(['$', 'npx', 'log-targets']);
  const { output, errors } = await runHere(words.slice(3), { cwd, env });
  expect(timeless(output + errors)).toBe(timeless(lines.join('\n')));
}

describe('docs/cli.md', () => {
  it('has a first minute that works with the packed package', async () => {
    const folder = temporaryDirectory();
    installPackedPackage(folder);
    expect(page.sample('npx log-targets listen', 'sh')).toMatch('npm install winston winston-log-targets');
    const listen = spawn(join(folder, 'node_modules/.bin/log-targets'), ['listen', '--port', '0'], {
      cwd: folder,
    });
    onTestFinished(() => void listen.kill('SIGKILL'));
    let output = '';
    listen.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    const printed = async (text: string) => {
      while (!output.includes(text)) await once(listen.stdout, 'data');
    };
    await printed('new EventTransport');
    const [, port = ''] = /127\.0\.0\.1:(\d+)/.exec(output) ?? [];
    writeFileSync(
      join(folder, 'hello.mjs'),
      replaced(page.sample('Start https listener'), { '127.0.0.1:8099': `127.0.0.1:${port}` }),
    );
    const hello = spawn(process.execPath, ['hello.mjs'], {
      cwd: folder,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    expect(await once(hello, 'exit')).toEqual([0, null]);
    const expected = page.sample('Start https listener', 'text');
    await printed('batch-started');
    expect(timeless(output).slice(-expected.length)).toBe(expected);
    listen.kill('SIGINT');
    expect(await once(listen, 'exit')).toEqual([0, null]);
  });

  it('names the default address of the receiver', async () => {
    const { output } = await runHere(['listen', '--help']);
    expect(output).toMatch(/default:\s+8099/);
    expect(output).toMatch('"127.0.0.1"');
  });

  it('lists every option and variable for a running service', () => {
    const status = createProgram().commands.find((command) => command.name() === 'status');
    const rows = page.table('option \\| variable').map(([option, variable]) => `${option} ${variable}`);
    const options = (status?.options ?? []).filter(({ envVar }) => envVar !== undefined);
    expect(options.length).toBeGreaterThan(5);
    for (const { long, envVar } of options) {
      expect(rows.filter((row) => row.includes(`${long} `) && row.includes(`\`${envVar}\``))).toHaveLength(1);
    }
  });

  it('shows what a running service is told of', async () => {
    const folder = temporaryDirectory();
    const siem = {
      name: 'siem',
      state: 'down',
      accepted: 1,
      delivered: 0,
      pending: { events: 1, bytes: 100 },
      dropped: {},
      dead: 0,
      oldest_pending_at: new Date(Date.now() - 3_000).toISOString(),
      next_attempt_at: new Date(Date.now() + 60_000).toISOString(),
      last_error: { code: 'HTTP_401', message: 'the receiver answered 401 Unauthorized', at: '' },
    };
    const { url, requests } = await startContractServer({
      'GET /1.0/log-targets': { metadata: [siem] },
      'PATCH /1.0/log-targets/siem': { metadata: {} },
    });
    const env = { LOG_TARGETS_URL: url };
    await expectSession('log-targets status', folder, env);
    writeFileSync(join(folder, 'token'), 'secret\n');
    const [first = '', ...lines] = page.sample('target set siem', 'console').split('\n');
    const words = replaced(first, { '/run/secrets/siem': join(folder, 'token') }).split(' ');
    expect((await runHere(words.slice(3), { env })).output).toBe(lines.join('\n'));
    expect(requests[1]?.body).toEqual({ bearer_token: 'secret' });
  });

  it('shows what is said to somebody whom the service does not know', async () => {
    const { url } = await startContractServer({ '*': { status: 401, error: 'not authorized' } });
    const { errors } = await runHere(['status', '--url', url]);
    expect(errors.replace(url, 'https://svc.example.com/logs')).toBe(
      page.sample('does not know who asks', 'text'),
    );
  });

  it('shows what waits in a spool', async () => {
    const folder = temporaryDirectory();
    const transport = new EventTransport({
      spool: { directory: join(folder, 'spool') },
      shutdownTimeoutMs: 0,
      targets: [{ name: 'siem', address: 'http://127.0.0.1:1/' }],
    });
    transport.on('warn', () => {});
    await transport.lifecycle('batch-started', { entities: ['/1.0/batches/b1'] });
    await transport.lifecycle('batch-ended', { entities: ['/1.0/batches/b1'] });
    transport.end();
    await once(transport, 'finish');
    const [first = '', ...lines] = page.sample('spool inspect', 'console').split('\n');
    const { output } = await runHere(first.split(' ').slice(3), { cwd: folder });
    const settled = (text: string) =>
      timeless(text)
        .replace(/\S+Z /g, 'TIME ')
        .replace(/ {2,}/g, '  ')
        .replace(/ \d{2,} /, ' 200 ');
    expect(settled(output)).toBe(settled(lines.join('\n')));
  });

  it('lists every command, and every option of listen', () => {
    const commands = page
      .table('command')
      .map(([cell]) => cell)
      .join();
    for (const command of createProgram().commands) {
      expect(commands).toContain(`\`${command.name()}`);
      for (const { name } of command.commands.map((each) => ({ name: each.name() }))) {
        expect(commands).toContain(`\`${command.name()} ${name}`);
      }
    }
    const options = page
      .table('option')
      .map(([cell]) => cell)
      .join();
    const listen = createProgram().commands.find((command) => command.name() === 'listen');
    for (const { long } of listen?.options ?? []) expect(options).toContain(long);
  });

  it('shows what is told of wrong requests', async () => {
    const [signed, plain, script] = [
      await startListen(['--user', 'ops:secret', '--secret', `whsec_${Buffer.alloc(32).toString('base64')}`]),
      await startListen(),
      await startListen(['--answer', '503:3s']),
    ];
    const post = (address: string, body: string, headers: Record<string, string> = {}) =>
      fetch(address, { method: 'POST', body, headers });
    const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
    await post(signed.address, '{}', basic('ops:other'));
    const webhook = {
      'webhook-id': 'a',
      'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
      'webhook-signature': 'v1,abc',
    };
    await post(signed.address, '{}', { ...basic('ops:secret'), ...webhook });
    await post(plain.address, '{');
    await post(script.address, '{}');
    await Promise.all([signed.told('no signature'), plain.told('400'), script.told('503')]);
    const told = [signed, plain, script].map(({ written }) => written.errors).join('');
    expect(told).toBe(page.sample('the password is another one', 'text'));
  });

  it('shows what validate says', async () => {
    const folder = temporaryDirectory();
    writeFileSync(join(folder, 'settings.yaml'), page.sample('log_level: LOUD', 'yaml'));
    await expectSession('log-targets validate', folder);
  });

  it('shows what ping and send say', async () => {
    const folder = temporaryDirectory();
    const receiver = await startReceiver();
    const log_targets = [
      { name: 'siem', address: receiver.address },
      { name: 'away', address: 'http://127.0.0.1:1/' },
    ];
    writeFileSync(join(folder, 'settings.json'), JSON.stringify({ log_targets }));
    await expectSession('log-targets ping', folder);
    await expectSession('log-targets send', folder);
    expect(receiver.events().at(-1)?.metadata).toMatchObject({
      message: 'Disk is filling up',
      level: 'WARN',
    });
  });
});
