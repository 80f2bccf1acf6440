import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startConsole } from '../helpers/console.js';
import { temporaryDirectory } from '../helpers/files.js';
import { readPage, replaced, runSample } from '../helpers/samples.js';
import { quickTarget } from '../helpers/transport.js';

const page = readPage('docs/console.md');

describe('the page on the console', () => {
  it('has a sample that serves the page, and the API to whoever has the token', async () => {
    const code = replaced(page.sample('createConsole({'), {
      '/var/lib/svc/settings.yaml': join(temporaryDirectory(), 'settings.yaml'),
      ".listen(8080, () => logger.warn('The console is at /ui/'))": `.listen(0, '127.0.0.1', async function () {
        const origin = 'http://127.0.0.1:' + this.address().port;
        const shown = await fetch(origin + '/ui/');
        const headers = { authorization: 'Bearer t0ken' };
        const add = { method: 'POST', headers, body: JSON.stringify({ name: 'siem', address: 'http://127.0.0.1:9/', enabled: false }) };
        console.log(JSON.stringify({
          page: (await shown.text()).includes('<div id="app">'),
          policy: shown.headers.get('content-security-policy'),
          nobody: (await fetch(origin + '/1.0/log-targets')).status,
          added: (await fetch(origin + '/1.0/log-targets', add)).status,
          targets: (await (await fetch(origin + '/1.0/log-targets', { headers })).json()).metadata.map(({ name }) => name),
        }));
        operations.close();
        this.close();
        logger.end();
        await store.close();
      })`,
    });
    const { output, errors, exitCode } = await runSample(code, { env: { OPERATOR_TOKEN: 't0ken' } });
    expect({ errors, exitCode }).toEqual({ errors: '', exitCode: 0 });
    const unset = await runSample(`delete process.env.OPERATOR_TOKEN;${code}`);
    expect(unset.errors).toContain('OPERATOR_TOKEN is not set');
    expect(JSON.parse(output.trim().split('\n').at(-1) ?? '')).toEqual({
      page: true,
      policy: expect.stringContaining("default-src 'none'; script-src 'self'"),
      nobody: 401,
      added: 200,
      targets: ['siem'],
    });
  });

  it('shows each resource with what one must be allowed for it', async () => {
    const { call } = await startConsole({
      targets: [quickTarget('http://127.0.0.1:9/')],
      metrics: { contentType: 'text/plain', metrics: async () => '' },
      authorize: () => ({ protocol: 'tls', username: 'nobody', address: '', allow: [] }),
    });
    const rows = page.table('request').map((cells) => cells.map((cell) => cell.replaceAll('`', '')));
    expect(rows).toHaveLength(15);
    for (const [request = '', , allow = ''] of rows) {
      const [method = '', path = ''] = request.split(' ');
      const { status, body } = await call(method, path.replace('NAME', 'siem'), undefined, {
        accept: 'text/event-stream',
      });
      expect({ request, status }).toEqual({ request, status: 403 });
      if (path !== '/1.0/events') expect(body.error).toContain(allow.split(',')[0]);
    }
  });

  it('shows pictures that are there', () => {
    for (const [, file = ''] of page.text.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)) {
      expect({ file, exists: existsSync(join('docs', file)) }).toEqual({ file, exists: true });
    }
  });
});
