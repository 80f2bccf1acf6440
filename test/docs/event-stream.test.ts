/** `docs/event-stream.md` lists every option and every answer, and its samples run. */

import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { createCertificate } from '../helpers/certificates.js';
import { readPage, replaced, runSample } from '../helpers/samples.js';

const page = readPage('docs/event-stream.md');
const root = fileURLToPath(new URL('../..', import.meta.url));

describe('docs/event-stream.md', () => {
  it('has a sample of the event stream that runs: a client with a certificate listens', async () => {
    const [server, client] = [await createCertificate(), await createCertificate()];
    const { fingerprint256 } = new X509Certificate(client.cert);
    const { output, errors } = await runSample(`
      import { once } from 'node:events';
      import WebSocket from 'ws';
      const { cert, key } = ${JSON.stringify(server)};
      ${replaced(page.sample('createEventStream({'), {
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
    expect(page.text).toContain('npm run events\n');
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
    const rows = [...page.text.matchAll(/^\| `(\w+)` +\| /gm)].map(([, key]) => key);
    for (const key of ['transport', 'authorize', 'projects']) expect(rows).toContain(key);
    const source = ['selection', 'admission', 'event-stream'].map((name) =>
      readFileSync(`${root}src/event-stream/${name}.ts`, 'utf8'),
    );
    for (const [, status] of source.join().matchAll(/new HttpError\((4\d\d|503),/g)) {
      if (status !== '405') expect(page.text).toMatch(new RegExp(`Answers before the upgrade.*${status}`));
    }
  });
});
