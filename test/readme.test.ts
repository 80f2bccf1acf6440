/** The front page is short, and what it shows is so. */

import { describe, expect, it } from 'vitest';
import { validateTargets } from '../src/settings/validate.js';
import { startListen } from './helpers/command.js';
import { startReceiver } from './helpers/receiver.js';
import { readPage, replaced, runSample, startSample } from './helpers/samples.js';

const page = readPage('README.md');
const address = 'http://127.0.0.1:8099/1.0/log';

describe('the README', () => {
  it('has at most 12 kB', () => {
    expect(Buffer.byteLength(page.text)).toBeLessThanOrEqual(12_000);
  });

  it('begins with lines that run, and whose events the command shows', async () => {
    expect(page.sample('npm install', 'sh')).toContain('npx log-targets listen\n');
    const listen = await startListen();
    const { errors, exitCode } = await runSample(
      replaced(page.sample('Start https listener'), { [address]: listen.address }),
    );
    expect({ errors, exitCode }).toEqual({ errors: '', exitCode: 0 });
    const shown = page.sample('Start https listener', 'text');
    const output = await listen.printed('batch-started');
    expect(output.replaceAll(/^\d\d:\d\d:\d\d\.\d{3}/gm, '12:00:00.000').slice(-shown.length)).toBe(shown);
  });

  it('shows what arrives', async () => {
    const receiver = await startReceiver();
    await runSample(replaced(page.sample('Start https listener'), { [address]: receiver.address }));
    const shown = JSON.parse(page.sample('"Start https listener"', 'json'));
    const timeless = (events: readonly { time?: unknown }[]) =>
      events.map((event) => ({ ...event, time: '' }));
    expect(timeless(JSON.parse(receiver.requests[0]?.body ?? '[]'))).toEqual(timeless(shown));
  });

  it('has a recipe for SIGTERM', async () => {
    const receiver = await startReceiver();
    const service = startSample(`
      import winston from 'winston';
      import { EventTransport } from 'winston-log-targets';
      const events = new EventTransport({ targets: [{ name: 'siem', address: '${receiver.address}' }] });
      const logger = winston.createLogger({ transports: [events] });
      setInterval(() => {}, 1000);
      ${page.sample("process.once('SIGTERM'")}
      logger.error('one');
      console.log('ready');`);
    await service.printed('ready');
    service.child.kill('SIGTERM');
    expect((await service.result).exitCode).toBe(0);
    expect(receiver.names()).toEqual(['one']);
  });

  it('has the defaults of ten keys', () => {
    const [defaults] = validateTargets([{ name: 'a', address }]);
    const rows = page
      .table('key')
      .flatMap(([keys = '', value = '']) =>
        [...keys.matchAll(/`(\w+)`/g)].map(([, key = '']) => ({ key, value })),
      );
    expect(rows).toHaveLength(10);
    for (const { key, value } of rows.filter((row) => row.value !== 'required')) {
      const expected = (defaults as unknown as Record<string, unknown>)[key];
      const shown = typeof expected === 'string' && expected !== '' ? expected : JSON.stringify(expected);
      expect(`${key}: ${value}`).toBe(`${key}: \`${shown}\``);
    }
  });

  it('names both commands', () => {
    expect(page.text).toContain('npm ci && npm start');
    expect(page.text).toContain('npm cit');
  });
});
