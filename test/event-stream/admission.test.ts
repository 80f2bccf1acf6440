/** Who gets to the event stream, how many of them, and how they are sent away again. */

import { describe, expect, it } from 'vitest';
import type { ListenerIdentity } from '../../src/index.js';
import { privileged, startStream } from '../helpers/event-stream.js';

describe('authorize', () => {
  it('that never answers is given up, and its sockets are closed', async () => {
    const { refusal, server } = await startStream({
      authorize: () => new Promise(() => {}),
      authorizeTimeoutMs: 50,
    });
    expect(await refusal()).toMatchObject({ status: 503 });
    await expect
      .poll(() => new Promise((resolve) => server.getConnections((_error, count) => resolve(count))))
      .toBe(0);
  });

  it('may name the projects that somebody may see', async () => {
    const identity: ListenerIdentity = { ...privileged, projects: ['blue', 'default'] };
    const { refusal, listen, transport } = await startStream({ authorize: () => identity });
    for (const query of ['project=red', 'all-projects=true']) {
      expect(await refusal(`/1.0/events?${query}`)).toMatchObject({
        status: 403,
        body: { error: 'not authorized' },
      });
    }
    const { names, until } = await listen('/1.0/events?project=blue');
    await transport.lifecycle('one', { project: 'red' });
    await transport.lifecycle('two', { project: 'blue' });
    await transport.lifecycle('three');
    await until(2);
    expect(names()).toEqual(['two', 'three']);
  });

  it('that names something else than a list of projects is a 500', async () => {
    const { refusal } = await startStream({
      authorize: () => ({ ...privileged, projects: 'blue' as never }),
    });
    expect(await refusal()).toMatchObject({ status: 500 });
  });
});

it('more clients than may listen are refused until one goes', async () => {
  const { refusal, listen, report } = await startStream({ maxListeners: 2 });
  const [one] = [await listen(), await listen()];
  expect(await refusal()).toMatchObject({ status: 503 });
  one.webSocket.close();
  await report('listenerLeft');
  await listen();
});

it('somebody whose rights were withdrawn is sent away at once, the others stay', async () => {
  let username = 'one';
  const { stream, listen, report, transport } = await startStream({
    authorize: () => ({ ...privileged, username }),
  });
  const [first] = [await listen()];
  username = 'other';
  const second = await listen('/1.0/events?all-projects=true');
  expect(stream.disconnect((listener) => listener.username === 'one')).toBe(1);
  expect(await first.closed).toBe(1008);
  expect(await report('listenerDropped')).toMatchObject({
    client: 'tls/one (10.0.0.101)',
    reason: 'sent-away',
  });
  await transport.lifecycle('done');
  await second.until(1);
  expect(stream.disconnect(({ types, project }) => types.length === 3 && project === undefined)).toBe(1);
  expect(await second.closed).toBe(1008);
  expect(first.names()).toEqual([]);
});

it('types of newer servers may be asked for, alone and beside others: there are none', async () => {
  const { listen, refusal, transport } = await startStream();
  const quiet = await listen('/1.0/events?type=security,ovn,network-acl');
  const { names, until } = await listen('/1.0/events?type=lifecycle,network-acl');
  await transport.lifecycle('one');
  await until(1);
  expect([names(), quiet.texts]).toEqual([['one'], []]);
  expect(await refusal('/1.0/events?type=lifecycle,foo')).toMatchObject({ status: 400 });
});

describe('pages of other sites', () => {
  it.each<[string, Record<string, string>]>([
    ['of another origin', { origin: 'https://evil.example.com' }],
    ['of no origin', { origin: 'null' }],
    ['of another port', { origin: 'http://127.0.0.1:1' }],
    ['that the browser calls cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['that the browser calls same-site', { 'sec-fetch-site': 'same-site' }],
  ])('%s may not listen', async (_what, headers) => {
    const { refusal } = await startStream();
    expect(await refusal(undefined, { headers })).toMatchObject({ status: 403 });
  });

  it('ports that go without saying make no other origin', async () => {
    const { listen } = await startStream();
    for (const [host, origin] of [
      ['svc:443', 'https://svc'],
      ['SVC', 'https://svc:443'],
      ['svc:80', 'http://svc'],
    ] as const) {
      await listen(undefined, { headers: { host, origin } });
    }
  });

  it('whose own name leads here are told apart by `hosts`', async () => {
    const { listen, refusal } = await startStream({ hosts: ['svc.example.com', 'localhost:8443'] });
    const headers = (host: string) => ({ headers: { host, origin: `http://${host}` } });
    for (const host of ['evil.example.com', 'localhost', 'svc.example.com.evil']) {
      expect(await refusal(undefined, headers(host))).toMatchObject({ status: 403 });
    }
    for (const host of ['svc.example.com', 'SVC.example.com:8080', 'localhost:8443']) {
      await listen(undefined, headers(host));
    }
  });

  it('`hosts` and numbers of the wrong kind throw', async () => {
    for (const options of [
      { hosts: 'svc' },
      { hosts: [5] },
      { maxListeners: 0 },
      { authorizeTimeoutMs: '1s' },
    ]) {
      await expect(startStream(options as never)).rejects.toThrow(TypeError);
    }
  });
});
