/** `docs/security.md`: its samples run, its paths lead to what it says. */

import { describe, expect, it } from 'vitest';
import { Redaction } from '../../src/model/redaction.js';
import { startReceiver } from '../helpers/receiver.js';
import { readPage, replaced, runSample } from '../helpers/samples.js';

const page = readPage('docs/security.md');

describe('redaction', () => {
  it('keeps back what its sample says, and nothing else', async () => {
    const receiver = await startReceiver();
    const code = replaced(page.sample('redact:'), { 'https://siem.example.com/1.0/log': receiver.address });
    const { errors, exitCode } = await runSample(code);
    expect({ errors, exitCode }).toEqual({ errors: '', exitCode: 0 });
    const bodies = JSON.stringify(receiver.events());
    const [, sentence = ''] = /^What arrives has `\[Redacted\]` in place of (.*)\.$/m.exec(page.text) ?? [];
    const secrets = [...sentence.matchAll(/`(\w+)`/g)].map(([, secret = '']) => secret);
    expect(secrets).toHaveLength(3);
    for (const secret of secrets) {
      expect(code).toContain(secret);
      expect(bodies).not.toContain(secret);
    }
    expect(bodies.match(/\[Redacted\]/g)).toHaveLength(3);
    expect(bodies).toContain('ada');
  });

  it('has examples of paths that are, and of some that are none', () => {
    const rows = [...page.table('in'), ...page.table('segment')].flat().join(' ');
    for (const path of ['user.password', 'metadata.token', 'items.0.token', 'items.*.token', '**.token']) {
      expect(rows).toContain(`\`${path}\``);
      expect(() => Redaction.of([path])).not.toThrow();
    }
    const [, none = ''] = /A path that is none \((.*?)\)/.exec(page.text) ?? [];
    const wrong = [...none.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);
    expect(wrong).toHaveLength(3);
    for (const path of wrong) expect(() => Redaction.of([path])).toThrow(TypeError);
  });
});
