/** A transport that follows settings. */

import { EventEmitter, once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import winston from 'winston';
import {
  EventTransport,
  type EventTransportOptions,
  type Report,
  SettingsError,
  type SettingsListener,
  type SettingsSource,
  SettingsStore,
  type SystemSettingsInput,
} from '../../src/index.js';
import { createCertificate } from '../helpers/certificates.js';
import { temporaryDirectory } from '../helpers/files.js';
import { startProxy } from '../helpers/proxy.js';
import { startReceiver } from '../helpers/receiver.js';

/** A service's own settings. */
class OwnSettings implements SettingsSource {
  readonly listeners = new Set<SettingsListener>();

  constructor(public current: SystemSettingsInput) {}

  subscribe(listener: SettingsListener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  change(next: SystemSettingsInput): void {
    const previous = this.current;
    this.current = next;
    for (const listener of this.listeners) listener(next, previous);
  }
}

function createTransport(settings: SettingsSource, options: EventTransportOptions = {}) {
  const transport = new EventTransport({ settings, shutdownTimeoutMs: 500, ...options });
  const reports: Report[] = [];
  transport.on('report', (report) => void reports.push(report));
  onTestFinished(() => void transport.destroy());
  return { transport, reports };
}

describe('settings of a service', () => {
  it('are let go of once, and what they throw then keeps no transport from its end', async () => {
    const receiver = await startReceiver();
    let calls = 0;
    const rejections = new EventEmitter();
    const settings: SettingsSource = {
      current: { log_targets: [{ name: 'a', address: receiver.address, level: 'INFO' }] },
      subscribe: () => () => {
        calls++;
        throw new Error('not ours');
      },
      on: (event, listener) => rejections.on(event, listener),
      off: (event, listener) => rejections.off(event, listener),
    };
    const { transport } = createTransport(settings);
    const logger = winston.createLogger({ transports: [transport] });
    logger.info('delivered');
    expect(await transport.shutdown()).toEqual({ delivered: true, pending: 0 });
    const finished = once(logger, 'finish');
    logger.end();
    await finished;
    expect(receiver.names()).toEqual(['delivered']);
    expect(calls).toBe(1);
    expect(rejections.eventNames()).toEqual([]);
  });

  it('give the targets, and changes of them are followed until the transport ends', async () => {
    const receiver = await startReceiver();
    const settings = new OwnSettings({
      log_targets: [{ name: 'a', address: receiver.address, level: 'INFO' }],
    });
    const { transport } = createTransport(settings);
    const logger = winston.createLogger({ transports: [transport] });
    logger.info('one');
    settings.change({ log_targets: [{ name: 'a', address: receiver.address, level: 'ERROR' }] });
    logger.info('no');
    logger.error('two');
    await transport.flush({ timeoutMs: 30_000 });
    expect(receiver.names()).toEqual(['one', 'two']);
    transport.end();
    await once(transport, 'finish');
    expect(settings.listeners.size).toBe(0);
  });

  it('that are wrong at the start throw; later they are reported, and what runs goes on', async () => {
    const receiver = await startReceiver();
    const wrong = { log_targets: [{ name: 'a', address: 'x' }] };
    expect(() => new EventTransport({ settings: new OwnSettings(wrong) })).toThrow(SettingsError);
    const settings = new OwnSettings({ log_targets: [{ name: 'a', address: receiver.address }] });
    const { transport, reports } = createTransport(settings);
    const logger = winston.createLogger({ transports: [transport] });
    settings.change(wrong);
    logger.error('one');
    await transport.flush({ timeoutMs: 30_000 });
    expect(receiver.names()).toEqual(['one']);
    expect(reports.map(({ type }) => type)).toContain('reloadRejected');
  });

  it('that cannot be used here are reported once', async () => {
    const settings = new OwnSettings({});
    const { transport, reports } = createTransport(settings);
    const warned = once(transport, 'warn');
    settings.change({
      log_targets: [{ name: 'a', address: 'http://127.0.0.1:1', username: 'u', password_file: 'password' }],
    });
    await warned;
    await new Promise(setImmediate);
    expect(reports.map(({ type }) => type)).toEqual(['reloadRejected']);
  });

  it('may tell of anything, and must let themselves be left', async () => {
    const receiver = await startReceiver();
    const settings = Object.assign(
      new OwnSettings({ log_targets: [{ name: 'a', address: receiver.address }] }),
      {
        rejected: (_error: unknown) => {},
        on(_event: 'rejected', listener: (error: SettingsError) => void) {
          this.rejected = listener as (error: unknown) => void;
        },
      },
    );
    const { transport, reports } = createTransport(settings);
    const logger = winston.createLogger({ transports: [transport] });
    settings.rejected(new Error('no file'));
    await Promise.resolve();
    logger.error('one');
    await transport.flush({ timeoutMs: 30_000 });
    expect(receiver.names()).toEqual(['one']);
    expect(reports).toContainEqual({
      type: 'reloadRejected',
      problems: [{ path: 'settings', message: 'no file' }],
    });
    const forEver = { current: {}, subscribe: () => undefined as never };
    expect(() => new EventTransport({ settings: forEver })).toThrow(TypeError);
  });

  it('do not go together with targets', () => {
    expect(() => new EventTransport({ targets: [], settings: new OwnSettings({}) })).toThrow(TypeError);
  });
});

describe('log_level', () => {
  it.each([
    ['npm', winston.config.npm.levels, ['debug', 'info', 'warn', 'error']],
    ['syslog', winston.config.syslog.levels, ['debug', 'info', 'warning', 'error']],
    ['custom', { fatal: 0, error: 1, notice: 2, trace: 3 }, ['trace', 'trace', 'error', 'error']],
  ])(
    'sets the level of loggers, present and to come, and of their children (%s)',
    async (_set, levels, names) => {
      const settings = new OwnSettings({ log_level: 'DEBUG' });
      const { transport } = createTransport(settings);
      const logger = winston.createLogger({ levels, transports: [transport] });
      const child = logger.child({});
      const seen = (['DEBUG', 'INFO', 'WARN', 'ERROR'] as const).map((log_level) => {
        settings.change({ log_level });
        const later = winston.createLogger({ levels, transports: [transport] });
        expect([child.level, later.level]).toEqual([logger.level, logger.level]);
        return logger.level;
      });
      expect(seen).toEqual(names);
    },
  );

  it('does not touch what targets get', async () => {
    const receiver = await startReceiver();
    const settings = new OwnSettings({
      log_level: 'ERROR',
      log_targets: [{ name: 'a', address: receiver.address, level: 'DEBUG' }],
    });
    const { transport } = createTransport(settings);
    const logger = winston.createLogger({ transports: [transport] });
    logger.debug('one');
    await transport.flush({ timeoutMs: 30_000 });
    expect([logger.level, transport.level, receiver.names()]).toEqual(['error', 'silly', ['one']]);
  });
});

it('a file edited by hand reloads the transport; a broken one is reported', async () => {
  const receiver = await startReceiver();
  const file = join(temporaryDirectory(), 'settings.yaml');
  const store = await SettingsStore.open({ file });
  onTestFinished(() => store.close());
  const { transport } = createTransport(store);
  const next = (type: Report['type']) =>
    new Promise<Report>((resolve) => {
      transport.on('report', (report) => void (report.type === type && resolve(report)));
    });
  const reloaded = next('reloaded');
  writeFileSync(file, `log_targets:\n  - name: a\n    address: ${receiver.address}\n`);
  expect(await reloaded).toMatchObject({ added: ['a'] });
  const rejected = next('reloadRejected');
  writeFileSync(file, 'log_targets: 5\n');
  expect(await rejected).toMatchObject({ problems: [{ path: 'log_targets' }] });
  expect(transport.status().targets).toHaveLength(1);
});

it('each bad save of the file is told, with the file and the name of the target, and that it was mended', async () => {
  const file = join(temporaryDirectory(), 'settings.yaml');
  const store = await SettingsStore.open({ file });
  onTestFinished(() => store.close());
  const { transport } = createTransport(store);
  const save = async (text: string): Promise<string> => {
    const warned = once(transport, 'warn');
    writeFileSync(file, text);
    const [warning] = await warned;
    return `${warning.code} ${warning.message}`;
  };
  const first = await save('log_targets:\n  - name: siem\n    address: siem.example.com\n');
  expect(first).toContain(`SETTINGS_INVALID ${file}: log_targets[0].address (\`siem\`)`);
  expect(await save('log_targets:\n  - name: siem\n')).toContain('log_targets[0].address (`siem`)');
  expect(await save('log_targets: 5\n')).toContain('SETTINGS_INVALID');
  expect(await save('log_level: ERROR\n')).toBe(
    `SETTINGS_RECOVERED The settings in ${file} can be used again, and are in force`,
  );
  expect(await save('log_level: 5\n')).toContain('SETTINGS_INVALID');
  // What was in force all the time, with a comment.
  expect(await save('log_level: ERROR # again\n')).toContain('SETTINGS_RECOVERED');
});

it('no secret gets out of a busy run, whatever is looked at', async () => {
  const canary = 'c4n4ry';
  /** In places that settings show, but nothing else does: the query of an address, extra headers. */
  const confidential = 'c0nfidential';
  const client = await createCertificate();
  const secret = `whsec_${Buffer.from(canary.repeat(5)).toString('base64')}`;
  const planted = [canary, secret.slice(10, 30), client.key.split('\n')[1]!];
  const failing = await startReceiver(({ url, headers }, response, index) => {
    const status = [503, 401, 400, 410][index % 4]!;
    // As debug pages do.
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ url, headers }));
  });
  const proxy = await startProxy({ credentials: 'u:other' });
  const secretsDirectory = temporaryDirectory();
  writeFileSync(join(secretsDirectory, 'token'), canary);
  writeFileSync(join(secretsDirectory, 'wrong'), `${canary}\nno signing secret`);
  const file = join(temporaryDirectory(), 'settings.json');
  const store = await SettingsStore.open({ file });
  onTestFinished(() => store.close());
  const { transport, reports } = createTransport(store, { secretsDirectory });
  const logger = winston.createLogger({ transports: [transport] });
  const seen: unknown[] = [];
  store.on('rejected', (error) => void seen.push(error, error.message, error.problems));
  transport.on('warn', (warning) => void seen.push(warning, warning.stack, { ...warning }));
  const base = {
    level: 'DEBUG' as const,
    address: `${failing.address}?t=${confidential}`,
    retry_timeout: '5ms',
    batch_wait: '1ms',
  };
  const mutual = { client_cert: client.cert, client_key: client.key };
  const log_targets = [
    { ...base, name: 'basic', username: 'u', password: canary, signing_secrets: [secret] },
    { ...base, name: 'bearer', bearer_token: canary, headers: { 'x-key': confidential } },
    { ...base, name: 'mutual', address: 'https://127.0.0.1:9/', ...mutual },
    { ...base, name: 'proxied', proxy: proxy.address, proxy_username: 'u', proxy_password: canary },
    { ...base, name: 'filed', bearer_token_file: 'token', auth_scheme: 'Splunk' },
    { ...base, name: 'unreadable', signing_secrets_file: 'wrong' },
  ];
  await store.replace({ log_targets });
  for (let index = 0; index < 20; index++) {
    logger.info(String(index));
    await transport.flush({ timeoutMs: 5 });
  }
  for (const { name } of log_targets) seen.push(await transport.ping(name));
  const more = { client_key: `${canary}x`, proxy: `http://u:${canary}@p`, proxy_username: `:${canary}` };
  const wrong = log_targets.map((target) => ({ ...target, retry_count: 'x', ...more }));
  const refused = await store.replace({ log_targets: wrong } as never).catch((error) => error);
  writeFileSync(file, `{"log_targets": [{"password": "${canary}", oops`);
  await once(store, 'rejected');
  seen.push(refused, refused.message, refused.problems, transport, logger, transport.status(), reports);
  expect(reports.length).toBeGreaterThan(5);
  const texts = seen.map((value) => inspect(value, { depth: 12 }));
  const json = [transport.status(), reports, refused.problems].map((value) => JSON.stringify(value));
  for (const text of [...texts, ...json]) {
    for (const each of [...planted, confidential]) expect(text).not.toContain(each);
  }
  for (const settings of [store, store.current, store.current.log_targets]) {
    const text = inspect(settings, { depth: 12 });
    expect(text).toContain('********');
    for (const each of planted) expect(text).not.toContain(each);
  }
});
