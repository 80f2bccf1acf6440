/** Secrets in files: which are read, when, and what becomes of events while one is missing. */

import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { beforeEach, describe, expect, it } from 'vitest';
import { EventTransport, type LogTarget, SettingsError, SettingsStore } from '../../src/index.js';
import { ping } from '../../src/sending/ping.js';
import { validateTargets } from '../../src/settings/validate.js';
import { createCa, createCertificate } from '../helpers/certificates.js';
import { startReceiver } from '../helpers/receiver.js';
import { createTestTransport, quickTarget, statusOf } from '../helpers/transport.js';

let root = '';
let directory = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'secrets-'));
  directory = join(root, 'inside');
  await mkdir(directory);
  return () => rm(root, { recursive: true, force: true });
});

/** As Kubernetes swaps a mounted secret: the file is another one at once. */
async function put(name: string, text: string): Promise<void> {
  await writeFile(join(root, 'next'), text);
  await rename(join(root, 'next'), join(directory, name));
}

function create(address: string, settings: Partial<LogTarget>) {
  const target = quickTarget(address, { retry_count: 1, retry_timeout: '1h', ...settings });
  return createTestTransport([target], { secretsDirectory: directory });
}

const secrets = [1, 2, 3].map((byte) => `whsec_${Buffer.alloc(24, byte).toString('base64')}`);

describe('a secret in a file', () => {
  it('is used in place of the value', async () => {
    await put('password', 'pässword\n');
    await put('token', 't0ken');
    const receiver = await startReceiver();
    const { transport } = createTestTransport(
      [
        quickTarget(receiver.address, { name: 'a', username: 'u', password_file: 'password' }),
        quickTarget(receiver.address, { name: 'b', bearer_token_file: './token', auth_scheme: 'Splunk' }),
      ],
      { secretsDirectory: directory },
    );
    expect([await transport.ping('a'), await transport.ping('b')]).toMatchObject([
      { ok: true },
      { ok: true },
    ]);
    expect(receiver.requests.map(({ headers }) => headers.authorization)).toEqual([
      `Basic ${Buffer.from('u:pässword').toString('base64')}`,
      'Splunk t0ken',
    ]);
  });

  it('signs, one a line', async () => {
    await put('signing', `${secrets[0]}\n\n${secrets[1]}\r\n`);
    const receiver = await startReceiver();
    const { transport } = create(receiver.address, { signing_secrets_file: 'signing' });
    expect(await transport.ping('siem')).toMatchObject({ ok: true });
    const { body, headers } = receiver.requests[0]!;
    for (const secret of secrets.slice(0, 2)) {
      expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toBeTruthy();
    }
  });

  it('is read again when it has changed, without a reload', async () => {
    await put('token', 'first');
    await put('signing', secrets[0]!);
    const receiver = await startReceiver((request, response) => {
      response.writeHead(request.headers.authorization === 'Bearer first' ? 200 : 401).end();
    });
    const { transport, logger, report } = create(receiver.address, {
      bearer_token_file: 'token',
      signing_secrets_file: 'signing',
      retry_timeout: '20ms',
    });
    logger.error('one');
    await transport.flush();
    receiver.answer = (request, response) => {
      response.writeHead(request.headers.authorization === 'Bearer second' ? 200 : 401).end();
    };
    logger.error('two');
    await report('targetDown');
    await put('token', 'second');
    await put('signing', secrets[2]!);
    await report('targetUp');
    await transport.flush();
    expect(receiver.names()).toEqual(['one', 'two']);
    const { body, headers } = receiver.requests.at(-1)!;
    expect(new Webhook(secrets[2]!).verify(body, headers as Record<string, string>)).toBeTruthy();
  });

  it('keeps its connection as long as it is the same, and lets go of it when it is not', async () => {
    await put('token', 'first');
    const receiver = await startReceiver();
    const { transport, logger } = create(receiver.address, { bearer_token_file: 'token' });
    for (const message of ['one', 'two', 'three']) {
      logger.error(message);
      await transport.flush();
    }
    expect(receiver.connections).toBe(1);
    await put('token', 'second');
    logger.error('four');
    await transport.flush();
    expect(receiver.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer first',
      'Bearer first',
      'Bearer first',
      'Bearer second',
    ]);
    await expect.poll(() => receiver.openConnections).toBe(1);
  });

  it('is the key of mutual TLS, too: a new one makes a new context', async () => {
    const ca = await createCa();
    const [server, first, second] = await Promise.all(
      ['server', 'first', 'second'].map((name) => createCertificate({ ca, name })),
    );
    await put('key.pem', first!.key);
    const options = { ...server!, ca: ca.cert, requestCert: true, rejectUnauthorized: true };
    const receiver = await startReceiver(200, options);
    const { transport, logger, report } = create(receiver.address, {
      ca_cert: ca.cert,
      client_cert: first!.cert,
      client_key_file: 'key.pem',
      retry_timeout: '20ms',
    });
    logger.error('one');
    await transport.flush();
    await put('key.pem', second!.key);
    logger.error('two');
    const down = await report('targetDown');
    expect(down.error.message).toContain('another key than that of `client_cert`');
    transport.reload([
      quickTarget(receiver.address, {
        ca_cert: ca.cert,
        client_cert: second!.cert,
        client_key_file: 'key.pem',
      }),
    ]);
    await transport.flush();
    expect(receiver.names()).toEqual(['one', 'two']);
  });
});

describe('a file that cannot be read', () => {
  it('takes the target down, keeps its events, and is no failure once it is there', async () => {
    const receiver = await startReceiver();
    const { transport, logger, report, reports } = create(receiver.address, {
      bearer_token_file: 'later/token',
      retry_timeout: '20ms',
    });
    logger.error('one');
    const { error } = await report('targetDown');
    expect(error).toEqual({
      code: 'SECRET_UNREADABLE',
      message: '`bearer_token_file`, "later/token", cannot be read: ENOENT',
    });
    expect(statusOf(transport)).toMatchObject({ state: 'down', pending: { events: 1 } });
    expect(await transport.ping('siem')).toMatchObject({ ok: false, error: { code: 'SECRET_UNREADABLE' } });
    expect(receiver.connections).toBe(0);
    await mkdir(join(directory, 'later'));
    await put('later/token', 't');
    await report('targetUp');
    expect(receiver.names()).toEqual(['one']);
    expect(reports.filter(({ type }) => type === 'eventsDropped')).toEqual([]);
  });

  const wrong: [what: string, settings: Partial<LogTarget>, prepare: () => Promise<void>, why: string][] = [
    ['is a directory', { password_file: 'x' }, () => mkdir(join(directory, 'x')), 'it is no file'],
    [
      'is a pipe',
      { password_file: 'x' },
      async () => void execFileSync('mkfifo', [join(directory, 'x')]),
      'it is no file',
    ],
    ['is empty', { password_file: 'x' }, () => put('x', '\n'), 'it is empty'],
    ['has lines', { password_file: 'x' }, () => put('x', 'cAnary\nb'), 'more than one line'],
    ['is endless', { password_file: 'x' }, () => put('x', 'x'.repeat(65_537)), 'more than 65536 bytes'],
    ['fits no header', { bearer_token_file: 'x' }, () => put('x', 'cAnary\u0000'), 'what no header can hold'],
    ['is no signing secret', { signing_secrets_file: 'x' }, () => put('x', 'cAnary'), 'no signing secret'],
    [
      'has eleven signing secrets',
      { signing_secrets_file: 'x' },
      () => put('x', Array(11).fill(secrets[0]).join('\n')),
      'more than 10',
    ],
    [
      'is a link that leads out',
      { password_file: 'x' },
      async () => {
        await writeFile(join(root, 'outside'), 'cAnary');
        await symlink('../outside', join(directory, 'x'));
      },
      'outside of `secretsDirectory`',
    ],
    [
      'is behind a link that leads out',
      { password_file: 'way/outside' },
      async () => {
        await writeFile(join(root, 'outside'), 'cAnary');
        await symlink('..', join(directory, 'way'));
      },
      'outside of `secretsDirectory`',
    ],
    [
      'is in a directory beside that begins with the same letters',
      { password_file: 'x' },
      async () => {
        await mkdir(`${directory}2`);
        await writeFile(`${directory}2/secret`, 'cAnary');
        await symlink(`${directory}2/secret`, join(directory, 'x'));
      },
      'outside of `secretsDirectory`',
    ],
    ['is a device', { password_file: 'x' }, () => symlink('/dev/zero', join(directory, 'x')), 'outside'],
  ];

  it.each(wrong)('because it %s', async (_what, settings, prepare, why) => {
    await prepare();
    const receiver = await startReceiver();
    const { transport } = create(receiver.address, settings);
    const { error } = await transport.ping('siem');
    expect(error?.code).toBe('SECRET_UNREADABLE');
    expect(error?.message).toContain(why);
    expect(error?.message).not.toContain('cAnary');
    expect(receiver.connections).toBe(0);
  });

  it('because there is no directory to look in', async () => {
    const receiver = await startReceiver();
    const [settings] = validateTargets([quickTarget(receiver.address, { password_file: 'x' })]);
    expect(await ping(settings!)).toMatchObject({ ok: false, error: { code: 'SECRET_UNREADABLE' } });
    expect(receiver.connections).toBe(0);
  });

  it('may be a link that stays inside, as Kubernetes mounts them', async () => {
    await mkdir(join(directory, '..2026'));
    await writeFile(join(directory, '..2026', 'token'), 't');
    await symlink('..2026', join(directory, '..data'));
    await symlink('..data/token', join(directory, 'token'));
    const receiver = await startReceiver();
    const { transport } = create(receiver.address, { bearer_token_file: 'token' });
    expect(await transport.ping('siem')).toMatchObject({ ok: true });
    await mkdir(join(directory, '..2027'));
    await writeFile(join(directory, '..2027', 'token'), 'u');
    await symlink('..2027', join(directory, '..next'));
    await rename(join(directory, '..next'), join(directory, '..data'));
    expect(await transport.ping('siem')).toMatchObject({ ok: true });
    expect(receiver.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer t', 'Bearer u']);
  });
});

describe('settings', () => {
  const address = 'http://receiver.test/';

  it.each([
    [{ password: 'sEcret', password_file: 'f' }, 'password_file'],
    [{ bearer_token: 'sEcret', bearer_token_file: 'f' }, 'bearer_token_file'],
    [{ client_key: 'sEcret', client_key_file: 'f' }, 'client_key_file'],
    [{ signing_secrets: [secrets[0]!], signing_secrets_file: 'f' }, 'signing_secrets_file'],
    [{ username: 'u', bearer_token_file: 'f' }, 'bearer_token_file'],
    [{ password_file: 'f', bearer_token: 'sEcret' }, 'bearer_token'],
    [{ client_key_file: 'f' }, 'client_cert'],
    [{ password_file: '../f' }, 'password_file'],
    [{ password_file: 'a/../../f' }, 'password_file'],
    [{ password_file: 'a\\..\\f' }, 'password_file'],
    [{ password_file: '/etc/passwd' }, 'password_file'],
    [{ password_file: 'C:\\f' }, 'password_file'],
    [{ password_file: 'a\u0000b' }, 'password_file'],
    [{ auth_scheme: 'two words' }, 'auth_scheme'],
    [{ auth_scheme: 'a\r\nb' }, 'auth_scheme'],
  ])('%j are refused, by name', (settings, key) => {
    const construct = () =>
      new EventTransport({ secretsDirectory: directory, targets: [{ name: 'siem', address, ...settings }] });
    expect(construct).toThrow(SettingsError);
    expect(construct).toThrow(`targets[0].${key} (\`siem\`): `);
    expect(construct).not.toThrow('sEcret');
  });

  it.each([
    'expect',
    'Trailer',
    'upgrade',
    'TE',
    'keep-alive',
    'proxy-authorization',
    'Proxy-Connection',
    'host',
  ])('may not have the header %s', (name) => {
    const targets = [{ name: 'siem', address, headers: { [name]: 'x' } }];
    expect(() => new EventTransport({ targets })).toThrow(SettingsError);
  });

  it('that name a file need `secretsDirectory`', async () => {
    const targets = [{ name: 'siem', address, password_file: 'f' }];
    const construct = () => new EventTransport({ targets });
    expect(construct).toThrow(
      "targets[0].password_file (`siem`): `password_file` needs the transport's option `secretsDirectory`",
    );
    const { transport, report } = createTestTransport([{ name: 'siem', address }]);
    expect(() => transport.reload(targets)).toThrow(SettingsError);
    expect((await report('reloadRejected')).problems).toHaveLength(1);
    const store = await SettingsStore.open({ file: join(root, 'settings.json') });
    await store.replace({ log_targets: targets });
    expect(() => new EventTransport({ settings: store })).toThrow('password_file');
    await store.close();
  });

  it.each(['', 7, {}])('%j is no secretsDirectory', (secretsDirectory) => {
    const construct = () => new EventTransport({ secretsDirectory: secretsDirectory as never });
    expect(construct).toThrow(TypeError);
    expect(construct).toThrow('`secretsDirectory`');
  });
});
