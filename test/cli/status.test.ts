/** `log-targets status` shows all targets at a glance, and again and again in place. */

import { describe, expect, it } from 'vitest';
import { statusLines } from '../../src/cli/service/status-lines.js';
import { hasTerminals, startCommand } from '../helpers/command.js';
import { runHere } from '../helpers/command-here.js';
import { startContractServer } from './contract-server.js';

const now = Date.parse('2026-01-01T00:00:00Z');
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();
const base = { accepted: 0, delivered: 0, pending: { events: 0, bytes: 0 }, dropped: {}, dead: 0 };
const siem = { ...base, name: 'siem', state: 'idle', accepted: 12, delivered: 12, last_delivery_at: ago(3) };
const audit = {
  ...base,
  name: 'audit',
  state: 'down',
  accepted: 9,
  pending: { events: 4, bytes: 400 },
  dropped: { 'queue-full': 2, shutdown: 0 },
  dead: 3,
  oldest_pending_at: ago(7_300),
  next_attempt_at: ago(-20),
  last_error: { code: 'HTTP_401', message: 'answered 401', at: ago(1) },
};

describe('status', () => {
  it('is a table, and what to do about the targets that are in trouble', () => {
    expect(statusLines([siem, audit], now, (_style, text) => text)).toEqual([
      'TARGET  STATE  WAITING  OLDEST   DELIVERED  LAST     DEAD  DROPPED',
      'siem    idle   0        -        12         3 s ago  0     0',
      'audit   down   4        2 h ago  0          -        3     2 queue-full',
      '',
      'audit: HTTP_401: answered 401; next attempt in 20 s',
      '  check `username` and `password`, or `bearer_token` and `auth_scheme`',
    ]);
  });

  it('names the member that they are of, where it has a name', () => {
    const targets = [{ ...siem, location: 'member-1' }, audit];
    const [header, ...rows] = statusLines(targets, now, (_style, text) => text);
    expect(header).toMatch(/^TARGET {2}LOCATION {2}STATE /);
    expect(rows[0]).toMatch(/^siem {4}member-1 {2}idle /);
    expect(rows[1]).toMatch(/^audit {3}- {9}down /);
  });

  it('is what the service says with --json', async () => {
    const { url } = await startContractServer({
      'GET /1.0/log-targets': { metadata: [{ ...siem, location: 'm1' }, audit] },
    });
    const { exitCode, output } = await runHere(['status', '--json', '--url', url]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(output)).toEqual([{ ...siem, location: 'm1' }, audit]);
  });

  it('with --watch in a pipe is printed again and again, until Ctrl-C', async () => {
    const { url } = await startContractServer({ 'GET /1.0/log-targets': { metadata: [siem] } });
    const { printed, interrupt } = startCommand(['status', '--watch', '--interval', '10ms', '--url', url]);
    await printed(/(TARGET.*\nsiem.*\n\n){3}/);
    const { exitCode, output, errors } = await interrupt();
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
    expect(output).not.toContain('\x1b');
  });

  it.skipIf(!hasTerminals)(
    'with --watch redraws in place, and leaves the terminal as it was (needs the program script)',
    async () => {
      const metadata = [{ ...siem }, audit];
      const { url } = await startContractServer({ 'GET /1.0/log-targets': { metadata } });
      const { printed, written, interrupt } = startCommand(
        ['status', '--watch', '--interval', '10ms', '--url', url],
        { terminal: true },
      );
      await printed('HTTP_401');
      metadata.splice(0, 2, { ...siem, state: 'sending' });
      await printed('sending');
      // Seven lines, an empty one and the time were drawn: the next picture begins where the first one did.
      expect(written.output).toContain('\x1b[8A\r\x1b[J');
      const { exitCode, output } = await interrupt();
      expect(exitCode).toBe(0);
      expect(output.startsWith('\x1b[?25l\x1b[?7l')).toBe(true);
      expect(output.endsWith('\x1b[?25h\x1b[?7h')).toBe(true);
    },
  );

  it.skipIf(!hasTerminals)(
    'with --watch waits for a service that is away (needs the program script)',
    async () => {
      const answers: Record<string, { metadata: unknown } | { status: number; error: string }> = {
        '*': { status: 500, error: 'restarting' },
      };
      const { url } = await startContractServer(answers);
      const { printed, interrupt } = startCommand(['status', '--watch', '--interval', '10ms', '--url', url], {
        terminal: true,
      });
      await printed('restarting');
      answers['*'] = { metadata: [siem] };
      await printed('idle');
      expect((await interrupt()).exitCode).toBe(0);
    },
  );
});
