/** What a person does with the page, in a real browser. */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { LogTarget } from '../../../src/index.js';
import { tapOf } from '../../../src/targets/tap.js';
import { startPage, type Visitor, visit } from '../../helpers/browser.js';
import { operator } from '../../helpers/console.js';
import { temporaryDirectory } from '../../helpers/files.js';
import { describeWith } from '../../helpers/programs.js';
import { type Receiver, startReceiver } from '../../helpers/receiver.js';
import { eventually } from '../../helpers/spool.js';
import { quickTarget, statusOf } from '../../helpers/transport.js';

const row = ({ page }: Visitor, name: string) =>
  page.locator('tr', { has: page.getByRole('link', { name, exact: true }) });

/** A receiver that wants this password. */
async function startGuardedReceiver(password: string): Promise<Receiver> {
  const expected = `Basic ${Buffer.from(`svc:${password}`).toString('base64')}`;
  return startReceiver((request, response) => {
    response.writeHead(request.headers.authorization === expected ? 200 : 401).end();
  });
}

// A busy machine takes long to start a browser and to draw its pages: the limit is there for what hangs.
describeWith('chromium')('the page', { timeout: 180_000 }, () => {
  it('shows how a target goes down, why, what to do, and how it comes back', async () => {
    const receiver = await startReceiver();
    const { origin, logger, transport } = await startPage({
      targets: [quickTarget(receiver.address, { retry_timeout: '1h' })],
    });
    logger.info('one');
    await transport.flush();
    const visitor = await visit(origin);
    const { page } = visitor;
    await page.getByRole('heading', { name: 'The target is up' }).waitFor();
    receiver.answer = 401;
    logger.info('two');
    await page.getByRole('heading', { name: 'The target needs attention' }).waitFor();
    const line = await row(visitor, 'siem').innerText();
    expect(line).toContain('Down');
    expect(line).toContain('The receiver wants other credentials');
    expect(line).toContain('Check user name and password, or the token. The events are kept.');
    expect(line).toMatch(/in \d+/);
    await page.getByRole('link', { name: 'siem', exact: true }).click();
    await page.getByRole('heading', { name: 'Down: The receiver wants other credentials' }).waitFor();
    await expect
      .poll(() => page.getByRole('region', { name: 'Table of attempts' }).innerText())
      .toContain('401');
    receiver.answer = 200;
    await page.getByRole('button', { name: 'Retry now' }).click();
    await page.getByRole('heading', { name: 'Delivers as events come' }).waitFor();
    expect(statusOf(transport)).toMatchObject({ state: 'idle', delivered: 2 });
    await page.getByRole('button', { name: 'Send a test event' }).click();
    await page.getByText('Arrived: the receiver answered 200').waitFor();
  });

  it('leaves rows in their places while states change, until somebody wants another order', async () => {
    const receiver = await startReceiver();
    const names = ['anna', 'berta', 'clara'];
    const { origin, store } = await startPage({
      targets: names.map((name) => quickTarget(receiver.address, { name })),
    });
    const visitor = await visit(origin);
    const { page } = visitor;
    const order = () => page.locator('tbody th a').allInnerTexts();
    await row(visitor, 'clara').waitFor();
    expect(await order()).toEqual(names);
    await store.replace({
      log_targets: names.map((name) => quickTarget(receiver.address, { name, enabled: name !== 'anna' })),
    });
    await row(visitor, 'anna').getByText('Off').waitFor();
    expect(await order()).toEqual(names);
    await page.getByRole('button', { name: 'Sort again' }).click();
    await expect.poll(order).toEqual(['berta', 'clara', 'anna']);
  });

  it('replays dead letters, and discards them after a question', async () => {
    const receiver = await startReceiver((request, response) =>
      response.writeHead(request.body.includes('poison') ? 422 : 200).end('no <b>such</b> field'),
    );
    const { origin, logger, transport } = await startPage({
      targets: [quickTarget(receiver.address, { body_format: 'single' })],
      transportOptions: { spool: { directory: join(temporaryDirectory(), 'spool') } },
    });
    for (const name of ['poison a', 'poison b', 'poison c', 'fine']) logger.info(name);
    await eventually(() => expect(statusOf(transport).dead).toBe(3));
    const { page } = await visit(origin, '#/targets/siem/dead-letters');
    await page.getByText('poison a', { exact: true }).click();
    await page.getByText('no <b>such</b> field').first().waitFor();
    receiver.answer = 200;
    await page.getByRole('checkbox').first().check();
    await page.getByRole('button', { name: 'Replay 1' }).click();
    await page.getByText('one event queued again.').waitFor();
    await eventually(() => expect(receiver.names()).toContain('poison a'));
    await page.getByRole('button', { name: 'Discard all' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(statusOf(transport).dead).toBe(2);
    await page.getByRole('button', { name: 'Discard all' }).click();
    await page.getByRole('button', { name: 'Discard', exact: true }).click();
    await page.getByText('2 events discarded, and counted as lost.').waitFor();
    expect(statusOf(transport)).toMatchObject({ dead: 0, dropped: { discarded: 2 } });
    await page.getByText('No dead letters').waitFor();
  });

  it('adds a target: what is wrong is said where it is wrong, tested before it is saved', async () => {
    const receiver = await startGuardedReceiver('right');
    const { origin, store } = await startPage();
    const { page } = await visit(origin);
    await page.getByRole('link', { name: 'Add the first one' }).click();
    await page.getByLabel('Name name').fill('siem');
    await page.getByLabel('Address address').fill('siem.example.com');
    await page.getByRole('button', { name: 'Test the connection' }).click();
    await page.getByText('see the marked fields').waitFor();
    expect(await page.locator('.field.wrong').innerText()).toContain('Expected address to be');
    await page.getByLabel('Address address').fill(receiver.address);
    await page.getByLabel('Username username').fill('svc');
    await page.getByLabel('Password password').fill('wrong');
    await page.getByRole('button', { name: 'Test the connection' }).click();
    await page.getByText('Did not arrive: The receiver wants other credentials').waitFor();
    await page.getByLabel('Password password').fill('right');
    await page.getByRole('button', { name: 'Test the connection' }).click();
    await page.getByText('Arrived: the receiver answered 200').waitFor();
    expect(store.current.log_targets).toEqual([]);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('heading', { name: 'siem' }).waitFor();
    expect(store.current.log_targets).toMatchObject([
      { name: 'siem', address: receiver.address, password: 'right' },
    ]);
  });

  it('changes a target without its password, and shows the difference first', async () => {
    const receiver = await startGuardedReceiver('right');
    const target = quickTarget(receiver.address, {
      username: 'svc',
      password: 'right',
      headers: { 'x-team': 'soc' },
    });
    const { origin, store } = await startPage({ targets: [target] });
    const { page } = await visit(origin, '#/targets/siem/settings');
    await page.getByLabel('Level level').selectOption('ERROR');
    expect(await page.getByRole('region', { name: 'What changes' }).innerText()).toMatch(
      /level\s+DEBUG\s+→\s+ERROR/,
    );
    expect(await page.content()).not.toContain('right');
    await page.getByRole('button', { name: 'Test the connection' }).click();
    await page.getByText('Arrived: the receiver answered 200').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved. It holds from the next attempt on.').waitFor();
    expect(store.current.log_targets).toMatchObject([
      { level: 'ERROR', password: 'right', headers: { 'x-team': 'soc' } },
    ]);
  });

  it('tells that somebody else was quicker, and keeps what was typed', async () => {
    const { origin, store } = await startPage({ targets: [quickTarget('http://127.0.0.1:9/')] });
    const { page } = await visit(origin, '#/targets/siem/settings');
    await page.getByLabel('Level level').selectOption('ERROR');
    await store.replace({ log_targets: [quickTarget('http://127.0.0.1:9/other')] });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Somebody else has changed the settings meanwhile.').waitFor();
    await page.getByRole('button', { name: 'Load theirs, keep my changes' }).click();
    await expect.poll(() => page.getByLabel('Address address').inputValue()).toBe('http://127.0.0.1:9/other');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    expect(store.current.log_targets).toMatchObject([
      { level: 'ERROR', address: 'http://127.0.0.1:9/other' },
    ]);
  });

  it('removes a target after a question', async () => {
    const receiver = await startReceiver();
    const { origin, store } = await startPage({ targets: [quickTarget(receiver.address)] });
    const { page } = await visit(origin, '#/targets/siem/settings');
    await page.getByRole('button', { name: 'Remove the target' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('There are no log targets yet').waitFor();
    expect(store.current.log_targets).toEqual([]);
  });

  it('shows events as they happen, filtered, and stands still when told to', async () => {
    const audit: LogTarget = {
      name: 'audit',
      address: 'http://127.0.0.1:9/',
      scopes: ['lifecycle'],
      lifecycle_actions: ['instance-*'],
    };
    const { origin, logger, transport } = await startPage({ targets: [audit] });
    const { page } = await visit(origin, '#/events');
    await page.getByText('Waiting for events').waitFor();
    await page.getByText('events/s').waitFor();
    logger.info('quiet one');
    logger.error('loud one');
    await transport.lifecycle('instance-started', { entities: '/1.0/instances/c1' });
    await transport.lifecycle('batch-started');
    const list = page.getByRole('listbox');
    const texts = async () => (await list.locator('.live-text').allInnerTexts()).sort();
    await expect
      .poll(texts)
      .toEqual(['batch-started', 'instance-started /1.0/instances/c1', 'loud one', 'quiet one']);
    await page.getByLabel('Least severe level').selectOption('warning');
    await expect.poll(texts).not.toContain('quiet one');
    await page.getByLabel('Target', { exact: true }).selectOption('audit');
    await expect.poll(texts).toEqual(['instance-started /1.0/instances/c1']);
    await page.getByLabel('Target', { exact: true }).selectOption('');
    await page.getByLabel('Action, stars allowed').fill('batch-*');
    await transport.lifecycle('batch-stopped');
    await expect.poll(texts).toContain('batch-stopped');
    expect(await texts()).not.toContain('loud one');
    await page.getByLabel('Action, stars allowed').fill('');
    await page.getByRole('button', { name: 'Pause' }).click();
    logger.error('while it stood still');
    await page.getByText('Paused: one event since').waitFor();
    expect(await texts()).not.toContain('while it stood still');
    await page.getByRole('button', { name: 'Resume' }).click();
    await expect.poll(texts).toContain('while it stood still');
    await list.getByText('while it stood still').click();
    await page
      .getByRole('complementary', { name: 'The chosen event' })
      .getByText('"type": "logging"')
      .waitFor();
  });

  it('names the member whose numbers it shows, and that of each event', async () => {
    const { origin, logger, transport } = await startPage({
      targets: [quickTarget('http://127.0.0.1:9/')],
      transportOptions: { location: 'member-1' },
    });
    const { page, go } = await visit(origin);
    await page.getByRole('banner').getByText('Member member-1').waitFor();
    await go('#/events');
    await page.getByText('events/s').waitFor();
    logger.error('from here');
    const list = page.getByRole('listbox');
    await list.getByText('from here').waitFor();
    const elsewhere = { type: 'logging', level: 'ERROR', entries: [], location: 'member-2' } as const;
    tapOf(transport)?.relay({ ...elsewhere, time: new Date().toISOString(), message: 'from elsewhere' });
    await list.getByText('from elsewhere').waitFor();
    expect(await list.locator('.live-location').allInnerTexts()).toEqual(['member-2', 'member-1']);
    await page.getByLabel('Text in the event, or its member').fill('member-1');
    await expect.poll(() => list.locator('.live-text').allInnerTexts()).toEqual(['from here']);
  });

  it('starts its lines anew when another member answers', async () => {
    const servers = await Promise.all(
      ['member-1', 'member-2'].map((location) =>
        startPage({ targets: [quickTarget('http://127.0.0.1:9/')], transportOptions: { location } }),
      ),
    );
    const [first, second] = servers as [(typeof servers)[0], (typeof servers)[0]];
    const { page } = await visit(first.origin);
    const member = (name: string) => page.getByRole('banner').getByText(`Member ${name}`);
    await member('member-1').waitFor();
    first.server.removeAllListeners('request');
    first.server.on('request', (request, response) => second.console.handle(request, response));
    await member('member-2').waitFor();
    expect(await member('member-1').count()).toBe(0);
  });

  it('asks for a token, and forgets it with the tab', async () => {
    const { origin } = await startPage({
      targets: [quickTarget('http://127.0.0.1:9/')],
      authorize: (request) => {
        if (request.headers.authorization !== 'Bearer open-sesame') throw new Error('who?');
        return operator;
      },
    });
    const { page, context } = await visit(origin);
    await page.getByLabel('Token').fill('wrong');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('That token was not accepted.').waitFor();
    await page.getByLabel('Token').fill('open-sesame');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'siem', exact: true }).waitFor();
    await page.reload();
    await page.getByRole('link', { name: 'siem', exact: true }).waitFor();
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('open-sesame');
    const other = await context.newPage();
    await other.goto(`${origin}/ui/`);
    await other.getByLabel('Token').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
  });

  it('offers nobody what they may not do', async () => {
    const receiver = await startReceiver(401);
    const { origin, logger, report } = await startPage({
      targets: [quickTarget(receiver.address, { retry_timeout: '1h' })],
      authorize: () => ({ ...operator, allow: ['read'] }),
    });
    logger.info('one');
    await report('targetDown');
    const visitor = await visit(origin);
    const { page, go } = visitor;
    await row(visitor, 'siem').getByText('Down').waitFor();
    const buttons = (name: RegExp) =>
      page.getByRole('button', { name }).or(page.getByRole('link', { name })).count();
    expect(await buttons(/add a target|retry/i)).toBe(0);
    await go('#/targets/siem');
    await page.getByRole('heading', { name: /^Down/ }).waitFor();
    expect(await buttons(/retry|test event/i)).toBe(0);
    await go('#/targets/siem/settings');
    await page.getByText('You may look at these settings, but not change them.').waitFor();
    expect(await page.getByLabel('Address address').isDisabled()).toBe(true);
    expect(await buttons(/save|test the|remove/i)).toBe(0);
    await go('#/settings');
    await page.getByRole('heading', { name: 'Everything as JSON' }).waitFor();
    expect(await buttons(/save/i)).toBe(0);
  });

  it('says that somebody may not read at all', async () => {
    const { origin } = await startPage({ authorize: () => undefined });
    const { page } = await visit(origin);
    await page.getByText('You may not look at this').waitFor();
  });

  it('says that the server is away, and goes on when it is back', async () => {
    const { origin, server, logger, transport } = await startPage({
      targets: [quickTarget('http://127.0.0.1:9/')],
    });
    const visitor = await visit(origin);
    const { page } = visitor;
    await row(visitor, 'siem').waitFor();
    const { port } = server.address() as AddressInfo;
    server.close();
    server.closeAllConnections();
    await page.getByText('The server does not answer').waitFor();
    expect(await page.getByText(/What you see is from \d\d:\d\d:\d\d/).count()).toBe(1);
    expect(await row(visitor, 'siem').count()).toBe(1);
    logger.info('meanwhile');
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    await page.getByText('The server does not answer').waitFor({ state: 'hidden' });
    expect(statusOf(transport).accepted).toBe(1);
    await expect.poll(() => row(visitor, 'siem').innerText()).toMatch(/Retrying|Down/);
  });

  it('opens the stream of events again when the server is back', async () => {
    const { origin, server, logger } = await startPage();
    const { page } = await visit(origin, '#/events');
    await page.getByText('events/s').waitFor();
    const { port } = server.address() as AddressInfo;
    server.close();
    server.closeAllConnections();
    await page.getByText('The stream broke off; it is opened again').waitFor();
    server.listen(port, '127.0.0.1');
    await page.getByText('events/s').waitFor();
    logger.error('after');
    await page.getByRole('listbox').getByText('after').waitFor();
  });

  it('never executes what others have written', async () => {
    const hostile = '<img src=x onerror=alert(1)>';
    const name = 'a<img,src=x,onerror=alert(1)>b';
    const receiver = await startReceiver((_, response) =>
      response.writeHead(422).end(`${hostile}<script>alert(2)</script>`),
    );
    const { origin, logger, transport } = await startPage({
      targets: [quickTarget(receiver.address, { name, body_format: 'single' })],
      transportOptions: { spool: { directory: join(temporaryDirectory(), 'spool') } },
    });
    const visitor = await visit(origin, '#/events');
    const { page, go } = visitor;
    await page.getByText('events/s').waitFor();
    logger.error(hostile, { [hostile]: hostile });
    await transport.lifecycle(hostile, { entities: hostile });
    await page.getByRole('listbox').getByText(hostile).first().click();
    await eventually(() => expect(statusOf(transport).dead).toBe(2));
    await go(`#/targets/${encodeURIComponent(name)}/dead-letters`);
    await page.getByText(hostile).first().click();
    await page.getByText('<script>alert(2)</script>').first().waitFor();
    await go(`#/targets/${encodeURIComponent(name)}`);
    await page.getByRole('heading', { name }).waitFor();
    await go(`#/targets/${encodeURIComponent(hostile)}`);
    await page.getByText(`No target is named ${hostile}`).waitFor();
    await go('#/');
    await row(visitor, name).waitFor();
    expect(await page.locator('img, main script').count()).toBe(0);
  });

  it('changes the settings as a whole, after a look at what changes', async () => {
    const { origin, store } = await startPage({
      targets: [quickTarget('http://127.0.0.1:9/', { password: 'canary', username: 'svc' })],
    });
    const { page } = await visit(origin, '#/settings');
    await page.getByLabel('Log level log_level').selectOption('ERROR');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect.poll(() => store.current.log_level).toBe('ERROR');
    const area = page.getByLabel('Settings as JSON');
    await expect.poll(() => area.inputValue()).toContain('"log_level": "ERROR"');
    const text = await area.inputValue();
    expect(text).not.toContain('canary');
    await area.fill(text.replace('"sync_interval": "10m0s"', '"sync_interval": "1ms"'));
    expect(await page.getByRole('region', { name: 'What changes' }).innerText()).toContain(
      '+   "sync_interval": "1ms"',
    );
    await page.getByRole('button', { name: 'Save everything' }).click();
    await page.getByText(/sync_interval: Expected/).waitFor();
    await area.fill(text.replace('"sync_interval": "10m0s"', '"sync_interval": "5m0s"'));
    await page.getByRole('button', { name: 'Save everything' }).click();
    await expect.poll(() => store.current.sync_interval).toBe('5m0s');
    expect(store.current.log_targets).toMatchObject([{ password: 'canary' }]);
  });
});
