/** The page as the build left it: how it is served, and how large it is. */

import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, it, onTestFinished } from 'vitest';

const dist = new URL('../../dist/', import.meta.url);
let files: InstanceType<typeof import('../../src/console/page-files.js').PageFiles>;

beforeAll(async () => {
  const built = pathToFileURL(new URL('console/page-files.js', dist).pathname).href;
  files = new ((await import(built)) as typeof import('../../src/console/page-files.js')).PageFiles();
});

async function get(path: string, headers: http.OutgoingHttpHeaders = {}) {
  const server = http.createServer((request, response) => {
    files
      .answer((request.url ?? '').slice(1), request, response)
      .catch((error) => response.writeHead(error.status).end());
  });
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const sent = http.get({
    port: (server.address() as AddressInfo).port,
    path: `/${path}`,
    headers,
    agent: false,
  });
  const [answer] = (await once(sent, 'response')) as [http.IncomingMessage];
  let bytes = 0;
  let text = '';
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    text += chunk;
  }
  return { status: answer.statusCode, headers: answer.headers, text, bytes };
}

const assets = () => readdirSync(new URL('console/app/assets', dist)).map((name) => `assets/${name}`);

it('has no script within the page, and a policy that allows none', async () => {
  const { status, headers, text } = await get('');
  expect(status).toBe(200);
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|https?:/);
  expect(text).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|https?:/);
});

it('is less than 100 kB in all, compressed', async () => {
  const sizes = await Promise.all(
    ['', 'favicon.svg', 'settings.schema.json', ...assets()].map((path) =>
      get(path, { 'accept-encoding': 'gzip' }),
    ),
  );
  expect(sizes.every(({ status, headers }) => status === 200 && headers['content-encoding'] === 'gzip')).toBe(
    true,
  );
  expect(sizes.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(100_000);
});

it('names what is in its files, so that browsers keep them', async () => {
  for (const path of assets()) {
    expect((await get(path)).headers['cache-control']).toBe('public, max-age=31536000, immutable');
  }
});

it('tells of the licences of what is in it', async () => {
  const { text } = await get('licenses.txt');
  expect(text).toContain('preact');
  expect(text).toContain('uplot');
});

it('serves its own files and no others', async () => {
  for (const path of ['../page-files.js', '%2e%2e/page-files.js', 'assets/', 'nothing.js', 'index.html/..']) {
    expect({ path, status: (await get(path)).status }).toEqual({ path, status: 404 });
  }
});

it('is compressed as the client wants it', async () => {
  expect((await get('', { 'accept-encoding': 'gzip;q=0, br' })).headers['content-encoding']).toBe('br');
  expect((await get('')).headers['content-encoding']).toBeUndefined();
});
