/** Browsers that are made to change settings by another site do not get to. */

import http from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EventTransport, type Report } from '../../src/index.js';
import { openSettings, serveSettings } from '../helpers/settings-api.js';

/** Status of a PATCH; `fetch` would not let these headers be set. */
function patch(url: string, headers: http.OutgoingHttpHeaders): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'PATCH', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.once('error', reject);
    request.end('{"log_level":"INFO"}');
  });
}

describe('a request of a browser', () => {
  it.each<[string, http.OutgoingHttpHeaders]>([
    ['for another site', { 'sec-fetch-site': 'cross-site' }],
    ['for a site next door', { 'sec-fetch-site': 'same-site' }],
    ['of another origin', { origin: 'https://evil.example.com' }],
    ['of no origin', { origin: 'null' }],
    ['of another port', { origin: 'http://svc:81', host: 'svc' }],
  ])('%s is refused with 403, whatever authorize says, and reported', async (_what, headers) => {
    const { store } = await openSettings();
    const transport = new EventTransport({ settings: store });
    onTestFinished(() => void transport.destroy());
    const reports: Report[] = [];
    transport.on('report', (report) => void reports.push(report));
    let asked = 0;
    const url = await serveSettings({
      store,
      transport,
      authorize: () => {
        asked++;
        return 'a/b (c)';
      },
    });
    expect(await patch(url, headers)).toBe(403);
    expect([store.current.log_level, asked]).toEqual(['WARN', 0]);
    expect(reports).toMatchObject([{ type: 'settingsRefused', status: 403 }]);
  });

  it.each<[string, http.OutgoingHttpHeaders]>([
    ['for its own page', { 'sec-fetch-site': 'same-origin', origin: 'https://svc', host: 'svc:443' }],
    ['that somebody typed', { 'sec-fetch-site': 'none' }],
    ['that is none', {}],
  ])('%s passes', async (_what, headers) => {
    const { store } = await openSettings();
    expect(await patch(await serveSettings({ store }), headers)).toBe(200);
  });

  it('for a host that is not known here is refused', async () => {
    const { store } = await openSettings();
    const url = await serveSettings({ store, hosts: ['svc'] });
    expect(await patch(url, { host: 'evil.example.com', origin: 'http://evil.example.com' })).toBe(403);
    expect(await patch(url, { host: 'svc:8080', origin: 'http://svc:8080' })).toBe(200);
  });
});

it('authorize that never answers is given up', async () => {
  const { store } = await openSettings();
  const url = await serveSettings({ store, authorize: () => new Promise(() => {}), authorizeTimeoutMs: 50 });
  expect(await patch(url, {})).toBe(503);
});
