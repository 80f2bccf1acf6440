/** `docs/settings.md` lets in whom it says; its samples run. */

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
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
});
