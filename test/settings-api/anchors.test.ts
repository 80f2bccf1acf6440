/** A file with anchors, changed over the API: what refers to a target that goes or moves never stands in the way. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { SettingsStore } from '../../src/index.js';
import { temporaryDirectory } from '../helpers/files.js';
import { call, serveSettings } from '../helpers/settings-api.js';

const written = `# Ours
log_level: INFO
log_targets:
  - &first
    name: first
    address: https://one.example.com/log
    scopes: &scopes [lifecycle]
    password: &password c4nary # of March
    username: &user svc
  - name: second
    address: https://two.example.com/log
    scopes: *scopes
    username: *user
    password: *password
  - name: third
    address: https://three.example.com/log
    username: *user
    headers: &headers { x-a: "1" }
  - name: fourth
    address: https://four.example.com/log
    headers: *headers
`;

async function start() {
  const file = join(temporaryDirectory(), 'settings.yaml');
  writeFileSync(file, written);
  const store = await SettingsStore.open({ file });
  onTestFinished(() => store.close());
  return { file, store, url: await serveSettings({ store }) };
}

type Named = { readonly name: string };
const changes: [what: string, make: (targets: Named[]) => object[]][] = [
  ['removed', (targets) => targets.slice(1)],
  ['moved behind what refers to it', (targets) => [...targets.slice(1), ...targets.slice(0, 1)]],
  ['turned around', (targets) => targets.toReversed()],
  [
    'changed where others refer to it',
    (targets) => targets.map((each) => (each.name === 'first' ? { ...each, scopes: ['logging'] } : each)),
  ],
  [
    'changed where it refers to others',
    (targets) => targets.map((each) => (each.name === 'second' ? { ...each, scopes: ['logging'] } : each)),
  ],
  ['all removed', () => []],
];

it.each(changes)('an anchored target is %s', async (_what, make) => {
  const { file, store, url } = await start();
  const { body } = await call(url);
  const wanted = make(body.metadata.log_targets);
  expect(await call(url, 'PUT', { ...body.metadata, log_targets: wanted })).toMatchObject({ status: 200 });
  const { log_targets } = (await call(url)).body.metadata;
  expect(log_targets).toEqual(wanted);
  // The file says the same, to whoever opens it anew.
  const again = await SettingsStore.open({ file });
  onTestFinished(() => again.close());
  expect(again.current).toEqual(store.current);
  expect(again.current.log_targets.map(({ password }) => password)).toEqual(
    log_targets.map(({ name }: Named) => (['first', 'second'].includes(name) ? 'c4nary' : '')),
  );
  // And the next change is one like any other.
  expect(await call(url, 'PATCH', { log_level: 'ERROR' })).toMatchObject({ status: 200 });
});

it('a secret goes with its target, and so does what was written beside it', async () => {
  const { file, url } = await start();
  expect(await call(url, 'PUT', { log_targets: [] })).toMatchObject({ status: 200 });
  expect(readFileSync(file, 'utf8')).not.toMatch(/c4nary|March/);
});
