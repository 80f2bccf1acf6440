/** `docs/settings.md` lets in whom it says; its samples run. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SettingsStore } from '../../src/index.js';
import { problemsOf } from '../../src/settings/validate.js';
import { temporaryDirectory } from '../helpers/files.js';
import { readPage, replaced, runSample } from '../helpers/samples.js';

const page = readPage('docs/settings.md');

describe('docs/settings.md', () => {
  it('has samples of the settings API and of settings of its own that run', async () => {
    const file = join(temporaryDirectory(), 'settings.yaml');
    const [api, own] = [page.sample('createSettingsHandler('), page.sample('const source = {')];
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
    const api = replaced(page.sample('createSettingsHandler('), {
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

  it('names the bounds that there are', () => {
    const [, bounds = ''] = /## Bounds\n\n(.*?)\n\n## /s.exec(page.text) ?? [];
    const target = { name: 'a', address: 'https://a' };
    const tooLarge: readonly [string, object][] = [
      ['8192', { address: `https://a/${'a'.repeat(8192)}` }],
      ['64 KiB', { client_cert: 'a'.repeat(64 * 1024 + 1) }],
      ['512 KiB', { ca_cert: 'a'.repeat(512 * 1024 + 1) }],
      ['100 `lifecycle_actions`', { lifecycle_actions: Array(101).fill('a') }],
      ['256 characters', { lifecycle_actions: ['a'.repeat(257)] }],
      ['10 `signing_secrets`', { signing_secrets: Array(11).fill('a') }],
      ['16 KiB', { format_options: { a: 'a'.repeat(16 * 1024) } }],
      ['8 KiB together', { headers: { 'x-a': 'a'.repeat(8 * 1024) } }],
    ];
    for (const [said, extra] of tooLarge) {
      expect(bounds).toContain(said);
      expect(problemsOf({ log_targets: [{ ...target, ...extra }] })[0]?.message).toContain('at most');
    }
  });

  it('shows a mistake as it is told', async () => {
    const file = join(temporaryDirectory(), 'settings.yaml');
    const [, shown = ''] = /``settings\.yaml: (.*?)``/.exec(page.text) ?? [];
    const target = (name: string, last: string) =>
      `  - name: ${name}\n    address: https://a\n    level: INFO\n    enabled: true\n    ${last}\n`;
    writeFileSync(file, `log_targets:\n${target('a', 'timeout: 5s')}${target('siem', 'retry_cuont: 5')}`);
    const error = await SettingsStore.open({ file }).catch((reason) => reason);
    expect(error.message.replace(/line \d+/, 'line 12')).toBe(`${file}: ${shown}`);
  });
});
