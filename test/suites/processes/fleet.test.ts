/** The store that `docs/fleet.md` shows, in a real Postgres, which takes seconds to start. */

import { expect, it } from 'vitest';
import { readPage, replaced, runSample } from '../../helpers/samples.js';

const page = readPage('docs/fleet.md');

it('the page on fleets has a store in Postgres that a transport follows and the settings API changes, one of two at a time', async () => {
  const sample = replaced(page.sample('openSettings(db'), { 'export async function': 'async function' });
  const { output, errors, exitCode } = await runSample(`${sample}
    import { PGlite } from '@electric-sql/pglite';
    import { EventTransport } from 'winston-log-targets';
    const db = new PGlite();
    const [one, two] = [await openSettings(db, { pollMs: 10 }), await openSettings(db, { pollMs: 10 })];
    const events = new EventTransport({ settings: two });
    const reloaded = new Promise((resolve) => events.on('report', ({ type }) => type === 'reloaded' && resolve()));
    const expectedRevision = one.revision;
    const keepsAlive = setInterval(() => {}, 1000);
    await one.change({ log_targets: [{ name: 'siem', address: 'https://siem.example.com' }] }, { expectedRevision });
    await two.change({}, { expectedRevision }).catch(({ code }) => console.log(code));
    await reloaded;
    console.log(events.status().targets.map(({ name }) => name).join());
    clearInterval(keepsAlive);
    await Promise.all([one.close(), two.close()]);
    await db.close();
  `);
  expect({ errors, exitCode }).toEqual({ errors: '', exitCode: 0 });
  expect(output.trim().split('\n')).toEqual(['SETTINGS_CONFLICT', 'siem']);
});
