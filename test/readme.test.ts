/** The README says what is so: its samples run, its tables name every key and default, every code has a heading. */

import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { validateTargets } from '../src/settings/validate.js';
import { createCertificate } from './helpers/certificates.js';
import { temporaryDirectory } from './helpers/files.js';
import { startReceiver } from './helpers/receiver.js';
import { readPage, replaced, runSample, startSample } from './helpers/samples.js';
import { eventually } from './helpers/spool.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const { text: readme, fences, sample, table } = readPage('README.md');
const firstSample = fences.find(({ language }) => language === 'js')?.code ?? '';
const address = 'https://siem.example.com/1.0/log';

/** Workers end by themselves when their primary is gone. */
function untilGone(pid: number): Promise<void> {
  return eventually(() => expect(() => process.kill(pid, 0)).toThrow());
}

describe('the README', () => {
  it('begins with lines that run', async () => {
    const receiver = await startReceiver();
    const { errors } = await runSample(replaced(firstSample, { [address]: receiver.address }));
    expect(errors).toBe('');
    expect(receiver.names()).toEqual(['Start https listener', 'batch-started']);
  });

  it('has samples of reload, status, ping, flush, reports and TLS that run', async () => {
    const receiver = await startReceiver();
    const [reload, tls, status] = [sample('events.reload('), sample('ca_cert:'), sample('events.status()')];
    const { output, errors } = await runSample(`
      import { EventTransport } from 'winston-log-targets';
      const readFile = async () => '';
      const metrics = { count: () => {} };
      const events = new EventTransport({ targets: [{ name: 'siem', address: '${receiver.address}' }] });
      ${tls}
      ${reload.replaceAll(/https:\/\/\w+\.example\.com\/1\.0\/log/g, receiver.address)}
      console.log(JSON.stringify({ added, removed, changed, unchanged, target: target.name }));
      ${status}`);
    expect(errors).toBe('');
    expect(JSON.parse(output)).toEqual({
      added: ['audit'],
      removed: [],
      changed: ['siem'],
      unchanged: [],
      target: 'siem',
    });
    expect(receiver.requests[0]?.headers['webhook-id']).toMatch(/^ping_/);
  });

  it('has a sample of the spool that runs', async () => {
    const receiver = await startReceiver();
    const code = replaced(sample('events.ready()'), {
      [address]: receiver.address,
      '/var/lib/svc/spool': join(temporaryDirectory(), 'spool'),
    });
    const { output, errors } = await runSample(`
      import { EventTransport } from 'winston-log-targets';
      ${code}
      console.log((await events.lifecycle('batch-started')).durable);
      events.end();`);
    expect(errors).toBe('');
    expect(output).toBe('true\n');
    expect(receiver.names()).toEqual(['batch-started']);
  });

  it('has a recipe for SIGTERM that a service ends by which goes on logging', async () => {
    const receiver = await startReceiver();
    const service = startSample(`
      import { createServer } from 'node:http';
      import winston from 'winston';
      import { EventTransport } from 'winston-log-targets';
      const events = new EventTransport({ targets: [{ name: 'siem', address: '${receiver.address}', level: 'INFO' }] });
      const logger = winston.createLogger({ transports: [events] });
      const server = createServer().listen(0);
      setInterval(() => logger.info('one more'), 1);
      ${sample("process.once('SIGTERM'")}
      console.log('ready');`);
    await service.printed('ready');
    await receiver.untilRequests(1);
    service.child.kill('SIGTERM');
    const { errors, exitCode } = await service.result;
    expect({
      errors: errors.replaceAll(/^.*(LogTargetsWarning|trace-warnings).*\n/gm, ''),
      exitCode,
    }).toEqual({
      errors: '',
      exitCode: 0,
    });
  });

  it('has a recipe for clusters: each of four workers has a spool of its own, and finds it again', async () => {
    const receiver = await startReceiver();
    const directory = temporaryDirectory();
    const code = replaced(sample('cluster.fork('), {
      [address]: receiver.address,
      '/var/lib/svc/spool': directory,
    });
    const report =
      'if (cluster.isWorker) console.log(process.env.SLOT, process.pid, (await events.lifecycle("seen")).durable)';
    const service = startSample(code.replace('  setInterval(', `  ${report};\n  setInterval(`));
    const workers = (output: string) =>
      [...output.matchAll(/^(\d) (\d+) (\w+)$/gm)].map(([, ...worker]) => worker);
    await service.printed(/(^\d \d+ true\n[\s\S]*){4}/m);
    const first = workers(await service.printed('true'));
    expect(first.map(([slot, , durable]) => `${slot} ${durable}`).sort()).toEqual([
      '0 true',
      '1 true',
      '2 true',
      '3 true',
    ]);
    const [slot = '', pid] = first[1] ?? [];
    process.kill(Number(pid), 'SIGKILL');
    const all = workers(await service.printed(/(^\d \d+ \w+\n[\s\S]*){5}/m));
    expect([all[4]?.[0], all[4]?.[2]]).toEqual([slot, 'true']);
    expect(readdirSync(directory).sort()).toEqual(['0', '1', '2', '3']);
    service.child.kill('SIGKILL');
    await Promise.all([...first, ...all].map(([, id]) => untilGone(Number(id))));
  });

  it('has samples of the settings API and of settings of its own that run', async () => {
    const file = join(temporaryDirectory(), 'settings.yaml');
    const [api, own] = [sample('createSettingsHandler('), sample('const source = {')];
    const { output, errors } = await runSample(`
      process.env.ADMIN_TOKEN = 'token';
      ${replaced(api, { '/var/lib/svc/settings.yaml': file, '.listen(8080': '.unref().listen(0' })}
      ${own}
      const levels = [];
      const winston = (await import('winston')).default;
      const logger = winston.createLogger({ transports: [followed] });
      for (const log_level of ['DEBUG', 'ERROR']) {
        source.set({ log_level });
        levels.push(logger.level);
      }
      console.log(JSON.stringify([levels, store.current.log_level]));
      process.exit();`);
    expect(errors).toBe('');
    expect(JSON.parse(output)).toEqual([['debug', 'error'], 'WARN']);
  });

  it('has a sample of the settings API that lets in whoever has the token, and nobody where there is none', async () => {
    const file = join(temporaryDirectory(), 'settings.yaml');
    const api = replaced(sample('createSettingsHandler('), {
      '/var/lib/svc/settings.yaml': file,
      'http.createServer(': 'const server = http.createServer(',
      '.listen(8080': '.listen(0',
    });
    const ask = `
      server.once('listening', async () => {
        const url = 'http://127.0.0.1:' + server.address().port + '/1.0/system/settings';
        const tokens = ['Bearer s3cret', 'Bearer s3cres', 'Bearer undefined', 'Bearer ', undefined];
        const answers = tokens.map((authorization) => fetch(url, { headers: authorization ? { authorization } : {} }));
        console.log(JSON.stringify((await Promise.all(answers)).map(({ status }) => status)));
        process.exit();
      });`;
    const set = await runSample(`process.env.ADMIN_TOKEN = 's3cret';${api}${ask}`);
    expect(JSON.parse(set.output)).toEqual([200, 403, 403, 403, 403]);
    const unset = await runSample(`delete process.env.ADMIN_TOKEN;${api}${ask}`);
    expect(unset.output).toBe('');
    expect(unset.errors).toContain('ADMIN_TOKEN is not set');
  });

  it('has samples of catalogs and operations that run', async () => {
    const receiver = await startReceiver();
    const { errors } = await runSample(`
      import winston from 'winston';
      import { EventTransport } from 'winston-log-targets';
      ${replaced(sample('defineCatalog({'), {
        'new EventTransport({ catalog })': `new EventTransport({ catalog, targets: [{ name: 'siem', address: '${receiver.address}', scopes: ['lifecycle', 'operation'] }] })`,
      })}
      const copying = { abort() {} };
      const logger = winston.createLogger({ transports: [kitchen] });
      ${sample('logger.operation({')}`);
    expect(errors).toBe('');
    expect(receiver.events().map(({ metadata }) => metadata.action ?? metadata.status)).toEqual([
      'dish-served',
      'Running',
      'Success',
    ]);
  });

  it('has a sample of the event stream that runs: a client with a certificate listens', async () => {
    const [server, client] = [await createCertificate(), await createCertificate()];
    const { fingerprint256 } = new X509Certificate(client.cert);
    const { output, errors } = await runSample(`
      import { once } from 'node:events';
      import WebSocket from 'ws';
      const { cert, key } = ${JSON.stringify(server)};
      ${replaced(sample('createEventStream({'), {
        '4b2f0c6d0e...': fingerprint256.replaceAll(':', '').toLowerCase(),
        '.listen(8443': '.listen(0',
      })}
      await once(server, 'listening');
      const options = { ca: cert, ...${JSON.stringify(client)} };
      const listener = new WebSocket('wss://127.0.0.1:' + server.address().port + '/1.0/events', options);
      await once(listener, 'open');
      events.write({ level: 'debug', message: 'hello' });
      const [message] = await once(listener, 'message');
      console.log(String(message));
      process.exit();`);
    expect(errors).toBe('');
    expect(JSON.parse(output)).toMatchObject({ location: 'node-1', metadata: { message: 'hello' } });
  });

  it('has a command to try the event stream', async () => {
    expect(readme).toContain('npm run events\n');
    const child = spawn(process.execPath, [`${root}examples/event-stream.mjs`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const exited = once(child, 'exit');
    const [socket] = await new Promise<string[]>((resolve) => {
      let output = '';
      child.stdout.on('data', (chunk) => {
        output += chunk;
        if (output.includes('incus monitor')) resolve(/\/\S+\.socket/.exec(output) ?? []);
      });
    });
    const listener = new WebSocket(`ws+unix:${socket}:/1.0/events?type=lifecycle`);
    const [message] = await once(listener, 'message');
    expect(JSON.parse(String(message)).metadata.action).toBe('instance-created');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });

  it('lists every option of the event stream, and every answer before the upgrade', () => {
    const rows = [...readme.matchAll(/^\| `(\w+)` +\| /gm)].map(([, key]) => key);
    for (const key of ['transport', 'authorize', 'projects']) expect(rows).toContain(key);
    const source = ['selection', 'admission', 'event-stream'].map((name) =>
      readFileSync(`${root}src/event-stream/${name}.ts`, 'utf8'),
    );
    for (const [, status] of source.join().matchAll(/new HttpError\((4\d\d|503),/g)) {
      if (status !== '405') expect(readme).toMatch(new RegExp(`Answers before the upgrade.*${status}`));
    }
  });

  it('lists every option of an operation', () => {
    const rows = [...readme.matchAll(/^\| `(\w+)` +\| /gm)].map(([, key]) => key);
    for (const key of [
      'description',
      'class',
      'resources',
      'mayCancel',
      'onCancel',
      'project',
      'location',
      'metadata',
    ])
      expect(rows).toContain(key);
  });

  it('lists every key of a log target, with its default', () => {
    const [defaults] = validateTargets([{ name: 'a', address }]);
    const documented = table('key').flatMap(([keys = '', , value = '']) =>
      [...keys.matchAll(/`(\w+)`/g)].map(([, key]) => [key, value]),
    );
    expect(documented.map(([key]) => key).sort()).toEqual(Object.keys(defaults ?? {}).sort());
    for (const [key, value] of documented) {
      if (value === 'required') continue;
      const expected = (defaults as unknown as Record<string, unknown>)[key ?? ''];
      const shown = typeof expected === 'string' && expected !== '' ? expected : JSON.stringify(expected);
      expect(`${key}: ${value}`).toContain(`${key}: \`${shown}\``);
    }
  });

  it('has a row for every reason of a loss', () => {
    const reasons = table('reason').map(([reason]) => reason);
    expect(reasons).toEqual([
      '`queue-full`',
      '`rejected`',
      '`shutdown`',
      '`target-removed`',
      '`too-old`',
      '`damaged`',
      '`unserializable`',
    ]);
  });

  it('names every report', () => {
    const source = readFileSync(`${root}src/report.ts`, 'utf8');
    for (const [, type] of source.matchAll(/type: '(\w+)'/g)) expect(readme).toContain(`\`${type}\``);
  });

  it('names both commands', () => {
    expect(readme).toContain('npm ci && npm start');
    expect(readme).toContain('npm cit');
  });
});
