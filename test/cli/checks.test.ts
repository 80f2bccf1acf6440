/** `listen` demands credentials and signatures, and says what is wrong with them without saying them. */

import { randomBytes } from 'node:crypto';
import got from 'got';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { signatureProblem } from '../../src/cli/listen/checks.js';
import { startListen } from '../helpers/command.js';
import { runHere } from '../helpers/command-here.js';
import { createTestTransport, quickTarget } from '../helpers/transport.js';

const secret = () => `whsec_${randomBytes(24).toString('base64')}`;
const post = (address: string, headers: Record<string, string>) =>
  got.post(address, { json: {}, headers, throwHttpErrors: false, retry: { limit: 0 } });

describe('listen --user', () => {
  it('tells which part of the credentials is wrong', async () => {
    const { address, told, written } = await startListen(['--user', 'ops:s3cret']);
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    const wrong = ['Bearer abc', 'Basic !', basic('dev:s3cret'), basic('ops:other')];
    expect((await post(address, {})).headers['www-authenticate']).toMatch('Basic');
    for (const authorization of wrong) expect((await post(address, { authorization })).statusCode).toBe(401);
    expect((await post(address, { authorization: basic('ops:s3cret') })).statusCode).toBe(200);
    await told('the password is');
    expect(written.errors.split('\n').map((line) => line.replace('401 POST /1.0/log: ', ''))).toEqual([
      'there is no `authorization`: give the target `username` and `password`',
      '`authorization` is of the scheme `Bearer`, and `Basic` was expected: `username` and `password` instead of `bearer_token`',
      '`authorization` holds no user name and password in base64',
      'the user name is another one',
      'the password is another one',
      '',
    ]);
  });

  it('may come from the environment, and is never quoted when it is wrong', async () => {
    const { address } = await startListen([], { env: { LOG_TARGETS_LISTEN_USER: 'ops:s3cret' } });
    expect((await post(address, {})).statusCode).toBe(401);
    for (const args of [
      ['--user', 'hunter2'],
      ['--secret', 'whsec_hunter2'],
    ]) {
      const { exitCode, output, errors } = await runHere(['listen', ...args]);
      expect(exitCode).toBe(2);
      expect(errors).toMatch(`Expected \`${args[0]}\``);
      expect(output + errors).not.toMatch('hunter2');
    }
  });
});

describe('listen --secret', () => {
  it('takes what a target signs with one of its secrets, compressed too', async () => {
    const [old, current] = [secret(), secret()];
    const { address, printed } = await startListen(['--secret', current]);
    const { transport, logger } = createTestTransport([
      quickTarget(address, { signing_secrets: [old, current], compression: 'gzip' }),
    ]);
    logger.warn('signed');
    expect(await transport.flush()).toMatchObject({ delivered: true });
    await printed('signed');
  });

  it('refuses what another secret signed', async () => {
    const { address, told } = await startListen(['--secret', secret(), '--secret', secret()]);
    const { transport } = createTestTransport([quickTarget(address, { signing_secrets: [secret()] })]);
    expect(await transport.ping('siem')).toMatchObject({ ok: false, status: 401 });
    await told('no signature fits');
  });

  it('says what is missing or too old, as the reference implementation sees it', () => {
    const key = secret();
    const now = new Date('2026-01-01T00:00:00Z');
    const [body, id] = ['[{}]', 'msg_1'];
    const signed = (at: Date, text = body) => ({
      'webhook-id': id,
      'webhook-timestamp': String(at.getTime() / 1000),
      'webhook-signature': new Webhook(key).sign(id, at, text),
    });
    const problem = (headers: object) =>
      signatureProblem({ ...headers }, Buffer.from(body), [key], now.getTime());
    const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
    expect(problem(signed(now))).toBeUndefined();
    expect(problem(signed(later(-300)))).toBeUndefined();
    expect(problem(signed(later(-301)))).toMatch('301 s in the past');
    expect(problem(signed(later(301)))).toMatch('301 s in the future');
    expect(problem(signed(now, '[{ }]'))).toMatch('no signature fits');
    expect(problem({})).toMatch('no `webhook-signature`');
    expect(problem({ ...signed(now), 'webhook-id': undefined })).toMatch('`webhook-id`');
    expect(problem({ ...signed(now), 'webhook-timestamp': 'noon' })).toMatch('no number of seconds');
    expect(problem({ ...signed(now), 'webhook-signature': 'v2,abc' })).toMatch('version `v1`');
    const both = `v1,abc ${signed(now)['webhook-signature']}`;
    expect(problem({ ...signed(now), 'webhook-signature': both })).toBeUndefined();
  });
});
