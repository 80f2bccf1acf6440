/** What is kept of a receiver's words: text, without the secrets that it was sent. */

import { describe, expect, it, onTestFinished } from 'vitest';
import { defineFormat, EventTransport, type LogTarget } from '../../src/index.js';
import { type Answer, startReceiver } from '../helpers/receiver.js';
import { createTestTransport, quickTarget, statusOf } from '../helpers/transport.js';

/** What is kept of a refusal that is answered so. */
async function keptOf(answer: Answer, settings: Partial<LogTarget> = {}, query = ''): Promise<string> {
  const receiver = await startReceiver((request, response, index) =>
    index === 0 ? answer(request, response, index) : response.writeHead(200).end(),
  );
  const { logger, report } = createTestTransport([quickTarget(`${receiver.address}${query}`, settings)]);
  logger.error('one');
  await receiver.untilRequests(1);
  // That another one is taken shows at once that it was the event.
  logger.error('two');
  return (await report('eventsRefused')).response;
}

const refuse =
  (text: string | Buffer, type?: string): Answer =>
  (_request, response) => {
    response.writeHead(422, type === undefined ? {} : { 'content-type': type }).end(text);
  };

/** As debug pages and some proxies do. */
const repeatRequest: Answer = ({ url, headers }, response) => {
  response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ url, headers }));
};

describe('the secrets of a target', () => {
  const key = Buffer.alloc(32, 'kAnary').toString('base64');

  it.each<[Partial<LogTarget>, string, string[]]>([
    [
      { username: 'log', password: 'cAnary"1' },
      '',
      ['cAnary', Buffer.from('log:cAnary"1').toString('base64')],
    ],
    [{ bearer_token: 'cAnary', auth_scheme: 'Splunk' }, '', ['cAnary']],
    [{ headers: { 'X-Api-Key': 'cAnary+/=' } }, '', ['cAnary']],
    [{}, '?token=cAnary%20%2F&x=1', ['cAnary']],
    [{}, '?x=1&cAnary+%2F&y', ['cAnary']],
  ])('%j%s are not in what is kept when it repeats the request', async (settings, query, canaries) => {
    const kept = await keptOf(repeatRequest, settings, query);
    expect(kept).toContain('********');
    expect(kept).toContain('"webhook-id"');
    for (const canary of canaries) expect(kept).not.toContain(canary);
  });

  it.each([
    ['as it is', 'secret cAnary/ä'],
    ['in base64', Buffer.from('cAnary/ä').toString('base64')],
    ['in base64 for URLs', Buffer.from('cAnary/ä').toString('base64url')],
    ['in a URL', encodeURIComponent('cAnary/ä')],
    ['twice', 'cAnary/äcAnary/ä'],
    ['with a signing secret', `cAnary/ä whsec_${key} ${key}`],
  ])('are found %s', async (_how, text) => {
    const settings = { password: 'cAnary/ä', signing_secrets: [`whsec_${key}`] };
    const kept = await keptOf(refuse(text, 'text/plain'), settings);
    expect(kept).toContain('********');
    expect(kept).not.toMatch(/cAnary|Y0FuYXJ5|a0FuYXJ5/);
  });

  it('are found where the first KiB ends', async () => {
    const password = 'cAnary'.repeat(20);
    for (let before = 1024 - password.length; before <= 1024; before += 7) {
      const kept = await keptOf(refuse(`${'x'.repeat(before)}${password}y`, 'text/plain'), { password });
      expect(kept).not.toContain('cAn');
      expect(kept.length).toBeLessThanOrEqual(1024);
    }
  });

  it('are not in what is said of single events', async () => {
    const receiver = await startReceiver((_request, response) =>
      response.writeHead(200).end('no cAnary here'),
    );
    const bulk = defineFormat({
      contentType: 'application/json',
      write: () => '{}',
      frame: { open: '[', separator: ',', close: ']' },
      refused: (_status, body) => [{ index: 0, retryable: false, message: `because ${body}` }],
    });
    const target = {
      ...quickTarget(receiver.address, { bearer_token: 'cAnary' }),
      event_format: 'bulk' as const,
    };
    const transport = new EventTransport({ formats: { bulk }, targets: [target] });
    onTestFinished(() => void transport.destroy());
    const refused = new Promise<string>((resolve) => {
      transport.on('report', (report) => {
        if (report.type === 'eventsRefused') resolve(report.response);
      });
    });
    transport.write({ level: 'error', message: 'one' });
    expect(await refused).toBe('because no ******** here');
    expect(JSON.stringify(statusOf(transport as never))).not.toContain('cAnary');
  });
});

describe('an answer', () => {
  it.each([
    'text/plain',
    'text/html; charset=utf-8',
    'application/json',
    'application/problem+json',
    'Application/JSON',
    undefined,
  ])('of type %s is kept', async (type) => {
    expect(await keptOf(refuse('why', type))).toBe('why');
  });

  it.each([
    'application/octet-stream',
    'image/png',
    'application/zip',
    'multipart/form-data',
    'application/x-json-no',
  ])('of type %s is not', async (type) => {
    expect(await keptOf(refuse('why', type))).toBe('');
  });

  it.each([Buffer.from([0x50, 0x4b, 3, 4]), Buffer.from([0xff, 0xfe, 0x41])])(
    'without a type is not kept when it is no text: %j',
    async (bytes) => {
      expect(await keptOf(refuse(bytes))).toBe('');
    },
  );
});

it('short values are left: they are no secrets, and to hide them would tell of them', async () => {
  expect(await keptOf(refuse('a: 1', 'text/plain'), { headers: { 'x-a': '1' } })).toBe('a: 1');
});
