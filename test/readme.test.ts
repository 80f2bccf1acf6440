/** The README says what is so: its samples run, its tables name every key and default, every code has a heading. */

import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { validateTargets } from '../src/settings/validate.js';
import { temporaryDirectory } from './helpers/files.js';
import { startReceiver } from './helpers/receiver.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(`${root}README.md`, 'utf8');
const samples = [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code ?? '');
const address = 'https://siem.example.com/1.0/log';

/** Runs code in a process of its own, inside the project so that it finds the package by its name. */
async function run(code: string): Promise<{ output: string; errors: string }> {
  const file = `${root}test/readme-sample-${process.pid}.mjs`;
  writeFileSync(file, code);
  try {
    return await new Promise((resolve) => {
      execFile(process.execPath, [file], { timeout: 15_000 }, (_error, output, errors) =>
        resolve({ output, errors }),
      );
    });
  } finally {
    rmSync(file);
  }
}

/** The rows of the table whose header begins with these words. */
function table(header: string): string[][] {
  const [, body = ''] = new RegExp(`^\\| ${header}.*\\n\\|[-| ]+\\n((?:\\|.*\\n)+)`, 'm').exec(readme) ?? [];
  return body
    .trimEnd()
    .split('\n')
    .map((row) =>
      row
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

describe('the README', () => {
  it('begins with lines that run', async () => {
    const receiver = await startReceiver();
    const { errors } = await run(samples[0]?.replace(address, receiver.address) ?? '');
    expect(errors).toBe('');
    expect(receiver.names()).toEqual(['Start https listener', 'batch-started']);
  });

  it('has samples of reload, status, ping, flush, reports and TLS that run', async () => {
    const receiver = await startReceiver();
    const [, reload = '', tls = '', , , status = ''] = samples;
    const { output, errors } = await run(`
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

  it('has samples of the settings API and of settings of its own that run', async () => {
    const file = join(temporaryDirectory(), 'settings.yaml');
    const [, , , api = '', own = ''] = samples;
    const { output, errors } = await run(`
      ${api.replace('/var/lib/svc/settings.yaml', file).replace('.listen(8080', '.unref().listen(0')}
      process.env.ADMIN_TOKEN = 'token';
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

  it('has a heading for every error code, and a row for every reason of a loss', () => {
    const codes = [...readFileSync(`${root}src/errors.ts`, 'utf8').matchAll(/\| '(\w+)'/g)].map(
      ([, code]) => code,
    );
    expect(codes.length).toBeGreaterThan(5);
    for (const code of codes) expect(readme).toContain(`\n### ${code}\n`);
    const reasons = table('reason').map(([reason]) => reason);
    expect(reasons).toEqual([
      '`queue-full`',
      '`rejected`',
      '`shutdown`',
      '`target-removed`',
      '`unserializable`',
    ]);
  });

  it('names every file of src/, and every report', () => {
    const codeMap = readme.slice(readme.indexOf('## Code map'), readme.indexOf('## Contributing'));
    for (const file of ['courier.ts', 'health.ts', 'transport.ts', 'plan.ts', 'schema.ts', 'joint-order.ts'])
      expect(codeMap).toContain(file);
    const source = readFileSync(`${root}src/report.ts`, 'utf8');
    for (const [, type] of source.matchAll(/type: '(\w+)'/g)) expect(readme).toContain(`\`${type}\``);
  });

  it('names both commands', () => {
    expect(readme).toContain('npm ci && npm start');
    expect(readme).toContain('npm cit');
  });
});
