/** `docs/log-targets.md` lists every key with its default, and its samples run. */

import { describe, expect, it } from 'vitest';
import { validateTargets } from '../../src/settings/validate.js';
import { startReceiver } from '../helpers/receiver.js';
import { readPage, runSample } from '../helpers/samples.js';

const page = readPage('docs/log-targets.md');
const address = 'https://siem.example.com/1.0/log';

describe('docs/log-targets.md', () => {
  it('has samples of reload and TLS that run', async () => {
    const receiver = await startReceiver();
    const [reload, tls] = [page.sample('events.reload('), page.sample('ca_cert:')];
    const { output, errors } = await runSample(`
      import { EventTransport } from 'winston-log-targets';
      const readFile = async () => '';
      const events = new EventTransport({ targets: [{ name: 'siem', address: '${receiver.address}' }] });
      ${tls}
      ${reload.replaceAll(/https:\/\/\w+\.example\.com\/1\.0\/log/g, receiver.address)}
      console.log(JSON.stringify({ added, removed, changed, unchanged, target: target.name }));`);
    expect(errors).toBe('');
    expect(JSON.parse(output)).toEqual({
      added: ['audit'],
      removed: [],
      changed: ['siem'],
      unchanged: [],
      target: 'siem',
    });
  });

  it('lists every key of a log target, with its default', () => {
    const [defaults] = validateTargets([{ name: 'a', address }]);
    // Each table of the page is one of keys.
    const rows = [...page.text.matchAll(/^\| (`.+)\|$/gm)].map(([, row = '']) => row.split(' | '));
    const documented = rows.flatMap(([keys = '', , value = '']) =>
      [...keys.matchAll(/`(\w+)`/g)].map(([, key]) => [key, value]),
    );
    expect(documented.map(([key]) => key).sort()).toEqual(Object.keys(defaults ?? {}).sort());
    for (const [key, value] of documented) {
      if (value === 'required') continue;
      const expected = (defaults as unknown as Record<string, unknown>)[key ?? ''];
      const shown = typeof expected === 'string' && expected !== '' ? expected : JSON.stringify(expected);
      expect(`${key}: ${value}`).toContain(`${key}: \`${shown}\``);
    }
  });
});
