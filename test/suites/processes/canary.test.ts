/** Secrets of every kind, looked for in everything that the package lets out: in none of it is one. */

import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { type EventTransport, SettingsError } from '../../../src/index.js';
import { registerMetrics } from '../../../src/metrics/prometheus.js';
import { createCertificate } from '../../helpers/certificates.js';
import { runCommand } from '../../helpers/command.js';
import { listenToEvents, startConsole } from '../../helpers/console.js';
import { temporaryDirectory } from '../../helpers/files.js';
import { collectProcessWarnings } from '../../helpers/process-warnings.js';
import { startProxy } from '../../helpers/proxy.js';
import { freePort, type Received, startReceiver } from '../../helpers/receiver.js';
import { quickTarget } from '../../helpers/transport.js';

const MASK = '********';
const whsec = (name: string) => `whsec_${Buffer.from(`c4n4ry-${name}-0123456789abcdef`).toString('base64')}`;
const { cert, key } = await createCertificate();

/** Each is found by its own text, so that whatever leaks says what it was. */
const secrets = {
  password: 'c4n4ry-password',
  proxy_password: 'c4n4ry-proxy-password',
  bearer_token: 'c4n4ry-bearer-token',
  header: 'c4n4ry-header',
  query: 'c4n4ry-query',
  bareQuery: 'c4n4ry-bare-query',
  signing_secret: whsec('signing'),
  client_key: key,
  password_file: 'c4n4ry-password-file',
  bearer_token_file: 'c4n4ry-bearer-token-file',
  signing_secrets_file: whsec('signing-file'),
  client_key_file: key,
};

/** As they are, and as basic authentication, URLs and JSON write them. */
const needles = Object.entries(secrets).flatMap(([name, secret]) => {
  const text = secret === key ? (key.split('\n')[1] ?? '') : secret.replace(/^whsec_/, '');
  const base64 = [text, `u:${text}`].flatMap((each) => {
    const encoded = Buffer.from(each).toString('base64');
    return [encoded.replace(/=+$/, ''), Buffer.from(each).toString('base64url')];
  });
  return [text, encodeURIComponent(text), ...base64].map((needle) => ({ name, needle }));
});

/** Everything in a directory, by its bytes. */
function contentsOf(directory: string): string {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .map((file) => (statSync(file).isFile() ? `${file} ${readFileSync(file, 'latin1')}` : file))
    .join('\n');
}

const repeat = ({ url, headers, body }: Received) => JSON.stringify({ url, headers, body });

it('no secret is anywhere but where it belongs', async () => {
  const processWarnings = collectProcessWarnings();
  const [secretsDirectory, directory] = [temporaryDirectory(), join(temporaryDirectory(), 'spool')];
  for (const key of ['password', 'bearer_token', 'client_key', 'signing_secrets'] as const) {
    writeFileSync(join(secretsDirectory, key), secrets[`${key}_file`]);
  }
  // Their own receivers say all that they were sent, and refuse what is marked.
  const echo = await startReceiver((request, response) => {
    const status = request.body.includes('poison') ? 400 : request.url.includes('refusing') ? 401 : 200;
    response.writeHead(status, { 'content-type': 'application/json' }).end(repeat(request));
  });
  const other = await startReceiver();
  const [proxy, angry] = [
    await startProxy({ credentials: `u:${secrets.proxy_password}` }),
    await startProxy(),
  ];
  angry.refuses = 407;
  const own = (name: string, extra: object, path = '') =>
    quickTarget(`${echo.address}${path}`, {
      name,
      level: 'DEBUG',
      retry_count: 1,
      retry_timeout: '50ms',
      ...extra,
    });
  const basic = { username: 'u', password: secrets.password };
  const targets = [
    own('basic', { ...basic, signing_secrets: [secrets.signing_secret], client_cert: cert, client_key: key }),
    own('token', { bearer_token: secrets.bearer_token, headers: { 'x-api-key': secrets.header } }),
    own('query', {}, `?token=${secrets.query}&${secrets.bareQuery}`),
    own('proxied', {
      proxy: proxy.address,
      proxy_username: 'u',
      proxy_password: secrets.proxy_password,
      ...basic,
    }),
    own('misled', { proxy: angry.address, proxy_username: 'u', proxy_password: secrets.proxy_password }),
    own('files', { username: 'u', password_file: 'password', signing_secrets_file: 'signing_secrets' }),
    own('filed', { bearer_token_file: 'bearer_token', client_cert: cert, client_key_file: 'client_key' }),
    own('refusing', { ...basic, headers: { cookie: secrets.header } }, `/refusing?token=${secrets.query}`),
    own('unread', { password_file: 'missing' }),
    { ...own('nobody', basic), address: `http://127.0.0.1:${await freePort()}/?token=${secrets.query}` },
    quickTarget(other.address, { name: 'other', level: 'DEBUG' }),
    quickTarget(`${other.address}/lxd`, {
      name: 'other-lxd',
      event_format: 'lxd',
      scopes: ['lifecycle', 'logging'],
    }),
    quickTarget(`${other.address}/json`, { name: 'other-json', event_format: 'json', body_format: 'ndjson' }),
  ];
  const registry = new Registry();
  const started = await startConsole({
    targets,
    transportOptions: {
      spool: { directory },
      secretsDirectory,
      operatorEvents: true,
      shutdownTimeoutMs: 100,
    },
    metrics: registry,
  });
  const { transport, logger, store, call, origin, console: own2, reports, warnings } = started;
  registerMetrics({ transport: transport as EventTransport, registry });
  const stream = await listenToEvents(origin, '?type=lifecycle,logging,operation&all-projects=true');

  const out: Record<string, string> = {};
  const note = (way: string, shown: unknown) => {
    const text =
      typeof shown === 'string'
        ? shown
        : `${JSON.stringify(shown)}\n${inspect(shown, { depth: 12, showHidden: true })}`;
    out[way] = `${out[way] ?? ''}\n${text}`;
  };
  const ask = async (way: string, method: string, path: string, body?: unknown, headers = {}) => {
    const answer = await call(method, path, body, headers);
    note(way, `${answer.status} ${JSON.stringify(answer.headers)} ${answer.text}`);
    return answer;
  };

  // Events go everywhere, some are refused, and those come back.
  logger.info('first');
  logger.error('poison', { key: 'value' });
  await logger.lifecycle('instance-created', { entities: ['/1.0/instances/a'] });
  await expect.poll(() => transport.deadLetters('basic').then(({ length }) => length)).toBe(1);
  await expect.poll(() => reports.filter(({ type }) => type === 'targetDown').length).toBeGreaterThan(3);
  for (const { name } of targets) {
    note('pings', await transport.ping(name));
    await ask('console', 'GET', `/1.0/log-targets/${name}`);
    await ask('console', 'POST', `/1.0/log-targets/${name}/ping`);
    note('dead letters', await transport.deadLetters(name));
    await ask('console, dead letters', 'GET', `/1.0/log-targets/${name}/dead-letters`);
  }

  // Settings are read, changed, tried, and refused in every way.
  const { metadata } = await ask('settings', 'GET', '/1.0/system/settings');
  await ask('settings', 'PATCH', '/1.0/system/settings', { log_level: 'INFO' });
  await ask('settings', 'PUT', '/1.0/system/settings', metadata);
  await ask('settings', 'PATCH', '/1.0/log-targets/token', { level: 'INFO' });
  const wrongs = [
    { log_level: { secrets } },
    {
      log_targets: [
        { ...targets[0], retry_count: -1 },
        { ...targets[1], pasword: secrets.password },
      ],
    },
    { log_targets: targets.map((target) => ({ ...target, address: 'https://evil.test/', password: MASK })) },
    {
      log_targets: targets.map(({ name }) => ({
        name,
        address: `https://u:${secrets.password}@x/?${secrets.query}`,
      })),
    },
    { log_targets: [{ ...targets[0], client_key: secrets.password, ca_cert: secrets.client_key }] },
    { log_targets: [{ ...targets[0], signing_secrets: secrets.signing_secret, headers: secrets.header }] },
    { log_targets: [{ ...targets[0], proxy: `http://u:${secrets.proxy_password}@p:1` }] },
    {
      log_targets: [
        { ...targets[1], headers: { [`x ${'y'}`]: secrets.header }, username: `u:${secrets.password}` },
      ],
    },
    `{"log_targets":[{"password":"${secrets.password}" oops}]}`,
  ];
  for (const wrong of wrongs) {
    expect((await ask('refused settings', 'PUT', '/1.0/system/settings', wrong)).status).toBe(400);
    if (typeof wrong === 'string' || !('log_targets' in wrong)) continue;
    for (const target of wrong.log_targets ?? [])
      await ask('checks', 'POST', '/1.0/log-targets/check', target);
    try {
      transport.reload(wrong.log_targets as never);
    } catch (error) {
      note('errors', error);
      note('errors', (error as Error).stack ?? '');
      expect(error).toBeInstanceOf(SettingsError);
    }
    await store.replace(wrong as never).catch((error: unknown) => note('errors', error));
  }
  const masked = await call('GET', '/1.0/log-targets/basic');
  await ask('checks', 'POST', '/1.0/log-targets/check', masked.metadata.settings);
  const file = join(temporaryDirectory(), 'settings.yaml');
  writeFileSync(file, JSON.stringify(wrongs[1]));
  note('command, files', await runCommand(['validate', file]));
  note('command, files', await runCommand(['validate', file, '--json']));
  writeFileSync(file, JSON.stringify({ log_targets: targets }));
  note('command, files', await runCommand(['ping', file, '--secrets-directory', secretsDirectory]));
  note(
    'command, files',
    await runCommand([
      'send',
      file,
      '--secrets-directory',
      secretsDirectory,
      '--message',
      'x',
      '--level',
      'ERROR',
    ]),
  );
  for (const args of [
    ['status'],
    ['status', '--json'],
    ['attempts', 'basic'],
    ['dead-letters', 'basic'],
    ['settings', 'get'],
  ]) {
    note('command, service', await runCommand([...args, '--url', origin]));
  }

  // What is looked at: by those who watch, and by those who debug.
  await ask('console', 'GET', '/1.0');
  await ask('console', 'GET', '/1.0/log-targets?history=true');
  await ask('metrics', 'GET', '/1.0/metrics');
  note('status', transport.status());
  for (const shown of [transport, store, store.current, own2, logger]) {
    note('inspection', inspect(shown, { depth: 4 }));
  }
  note('inspection', JSON.stringify(transport.status()));
  await expect.poll(() => stream.events().length).toBeGreaterThan(3);
  note('event stream', stream.text());
  await transport.flush({ timeoutMs: 2000 });
  await expect
    .poll(() => other.requests.some(({ body }) => body.includes('system-settings-modified')))
    .toBe(true);
  note('wire to others', other.requests.map(repeat).join('\n'));
  note('wire to proxies', proxy.requests.join('\n'));
  note('spool', contentsOf(directory));
  const closed = once(transport, 'close');
  transport.destroy();
  await closed;
  note('spool, afterwards', contentsOf(directory));
  for (const command of ['inspect', 'export', 'dead-letters']) {
    note('command, spool', await runCommand(['spool', command, directory]));
  }
  note('reports', reports);
  note('warnings', warnings.concat(processWarnings));
  for (const { stack } of warnings) note('warnings', stack ?? '');

  // A way that says nothing has shown nothing.
  expect(
    Object.entries(out)
      .filter(([, text]) => text.length < 100)
      .map(([way]) => way),
  ).toEqual([]);
  expect(Object.keys(out)).toHaveLength(21);
  const hits = Object.entries(out).flatMap(([way, text]) =>
    needles
      .filter(({ needle }) => text.includes(needle))
      .map(({ name, needle }) => ({
        way,
        name,
        around: text.slice(Math.max(text.indexOf(needle) - 80, 0), text.indexOf(needle) + 20),
      })),
  );
  expect(hits).toEqual([]);
  // They were all there to be found: their own receivers have got them.
  const sent = echo.requests.map(repeat).join('\n') + JSON.stringify(proxy.headers);
  for (const name of [
    'password',
    'bearer_token',
    'header',
    'query',
    'password_file',
    'bearer_token_file',
    'proxy_password',
  ] as const) {
    const isThere = needles.some((each) => each.name === name && sent.includes(each.needle));
    expect({ name, isThere }).toEqual({ name, isThere: true });
  }
}, 300_000);
