/** `docs/security.md`: proxies, the guard and secrets in files are as its samples show. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Egress } from '../../src/sending/egress.js';
import { fileKeys } from '../../src/settings/way-keys.js';
import { createCa, createCertificate } from '../helpers/certificates.js';
import { temporaryDirectory } from '../helpers/files.js';
import { startProxy } from '../helpers/proxy.js';
import { startReceiver } from '../helpers/receiver.js';
import { readPage, replaced, runSample } from '../helpers/samples.js';

const page = readPage('docs/security.md');
const clean = { http_proxy: '', https_proxy: '', HTTP_PROXY: '', HTTPS_PROXY: '' };

/** Has a sample run with its receivers, and pings each of them. */
async function run(code: string, env = {}): Promise<string[]> {
  const end = `
for (const { name } of events.status().targets) {
  const { ok, error, via } = await events.ping(name);
  console.log(name, ok || error.code, via ?? 'direct');
}
await events.shutdown({ timeoutMs: 0 });`;
  const { output, errors, exitCode } = await runSample(code + end, { env: { ...clean, ...env } });
  expect({ errors, exitCode }).toEqual({ errors: '', exitCode: 0 });
  return output.trim().split('\n');
}

describe('docs/security.md, on connections', () => {
  it('has a ping that tells of phases', async () => {
    const receiver = await startReceiver();
    const code = replaced(page.sample('timings } = await events.ping'), {
      'https://siem.example.com/1.0/log': receiver.address,
    });
    const { output } = await runSample(code, { env: clean });
    expect(output).toMatch(/^reached directly \{ dnsMs: \d+, tcpMs: \d+, tlsMs: 0, firstByteMs: \d+ \}\n$/);
  });

  it('has targets behind proxies', async () => {
    const ca = await createCa();
    const receiver = await startReceiver(200, await createCertificate({ ca }));
    const near = await startReceiver();
    const proxy = await startProxy({ credentials: 'log:s3cret' });
    const other = await startProxy({ credentials: 'log:other' });
    const code = replaced(page.sample('proxy_username:'), {
      "'https://siem.example.com/1.0/log'": `'${receiver.address}', ca_cert: process.env.CA`,
      'http://siem.internal/1.0/log': near.address,
      "'https://far.example.com/1.0/log'": `'${receiver.address}', ca_cert: process.env.CA`,
      'http://log:s3cret@proxy.example.com:3128': proxy.address.replace('//', '//log:s3cret@'),
      'http://other.example.com:3128': other.address,
    });
    expect(await run(code, { CA: ca.cert, PROXY_PASSWORD: 'other' })).toEqual([
      `siem true ${proxy.address}`,
      'near true direct',
      `far true ${other.address}`,
    ]);
    expect(receiver.requests).toHaveLength(2);
  });

  it('has a guard', async () => {
    const receiver = await startReceiver();
    const code = replaced(page.sample('egress: {'), { 'https://siem.example.com/1.0/log': receiver.address });
    expect(await run(code)).toEqual(['siem EGRESS_DENIED direct']);
    const allowed = replaced(code, { '10.20.0.0/16': '127.0.0.1' });
    expect(await run(allowed)).toEqual(['siem true direct']);
  });

  it('names the ranges that there are', () => {
    const rows = page.table('name');
    expect(rows.map(([name]) => name)).toEqual(['`private`', '`loopback`', '`link-local`', '`metadata`']);
    for (const [name = '', ranges = ''] of rows) {
      const egress = new Egress({ deny: [name.slice(1, -1)] });
      for (const range of ranges.split(', ')) {
        expect({ range, allows: egress.allows(range.split('/')[0]!) }).toEqual({ range, allows: false });
      }
    }
  });

  it('has secrets in files', async () => {
    const receiver = await startReceiver();
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'siem'));
    writeFileSync(join(directory, 'siem/token'), 't0ken\n');
    writeFileSync(join(directory, 'siem/signing'), `whsec_${Buffer.alloc(24).toString('base64')}\n`);
    const code = replaced(page.sample('secretsDirectory:'), {
      'https://siem.example.com/1.0/log': receiver.address,
      '/run/secrets/log-targets': directory,
    });
    expect(await run(code)).toEqual(['siem true direct']);
    expect(receiver.requests[0]?.headers).toMatchObject({
      authorization: 'Splunk t0ken',
      'webhook-signature': expect.stringMatching(/^v1,/),
    });
  });

  it('lists the keys that name files', () => {
    expect(page.table('key').map(([key]) => key)).toEqual(Object.values(fileKeys).map((key) => `\`${key}\``));
  });
});
