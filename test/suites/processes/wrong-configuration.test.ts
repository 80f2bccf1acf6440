/** A service whose target is configured wrongly ends soon, has tried no more than it must, and says why nothing arrives. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createCertificate } from '../../helpers/certificates.js';
import { temporaryDirectory } from '../../helpers/files.js';
import { startReceiver } from '../../helpers/receiver.js';
import { createSpooledTransport } from '../../helpers/spool.js';
import { createTestTransport, quickTarget, statusOf } from '../../helpers/transport.js';

const service = fileURLToPath(new URL('../../e2e/fixtures/service.mjs', import.meta.url));
/** Nobody waits so long: where this time is over, it was waited for. */
const PATIENCE = { shutdownTimeoutMs: 60_000 };

function run(
  scenario: string,
  address: string,
  options: object,
): Promise<{ code: number; output: string; errors: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [service, scenario, address, JSON.stringify({ ...PATIENCE, ...options })],
      { timeout: 30_000 },
      (_error, output, errors) => resolve({ code: child.exitCode ?? -1, output, errors }),
    );
  });
}

const ends = ['just returns', 'ends and exits', 'shuts down'];

describe.each(ends)('a service that %s', (scenario) => {
  it.each(scenario === 'just returns' ? [401, 404, 307] : [403])(
    'and whose receiver answers %i makes one attempt, and does not wait',
    async (status) => {
      const receiver = await startReceiver(status);
      const { code, output, errors } = await run(scenario, receiver.address, {});
      expect(code).toBe(0);
      expect(receiver.requests).toHaveLength(1);
      expect(JSON.parse(output.trim().split('\n').at(-1) ?? '').targets[0]).toMatchObject({
        pending: { events: 0 },
        dropped: { shutdown: 100 },
      });
      expect(errors).toContain(`LogTargetsWarning: Log target \`siem\` is down (HTTP_${status}: `);
      expect(errors).toContain('LogTargetsWarning: 100 events for log target `siem` dropped: shutdown');
    },
  );

  it('leaves what it could not deliver in its spool', async () => {
    const receiver = await startReceiver(401);
    const spool = { directory: join(temporaryDirectory(), 'spool') };
    const { code, errors } = await run(scenario, receiver.address, { spool });
    expect(code).toBe(0);
    expect(errors).toContain('(HTTP_401: ');
    expect(errors).not.toContain('dropped');
    receiver.answer = 200;
    const { transport } = createSpooledTransport([quickTarget(receiver.address)], spool);
    await transport.flush({ timeoutMs: 30_000 });
    expect(receiver.names()).toEqual(Array.from({ length: 100 }, (_, index) => String(index)));
  });
});

it('a receiver whose certificate nobody trusts is not waited for', async () => {
  const receiver = await startReceiver(200, await createCertificate());
  const { code, errors } = await run('just returns', receiver.address, {});
  expect(code).toBe(0);
  expect(errors).toMatch(/is down \((DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE): /);
  expect(errors).toContain('`ca_cert`');
});

it('a receiver where none may be is not waited for', async () => {
  const receiver = await startReceiver();
  const { code, errors } = await run('just returns', receiver.address, { egress: { deny: ['loopback'] } });
  expect(code).toBe(0);
  expect(errors).toContain('(EGRESS_DENIED: ');
  expect(receiver.requests).toHaveLength(0);
});

it('a host that nobody knows is not waited for', async () => {
  // Longer than a name can be: that nobody knows it is known without DNS, which may be away, and is waited for then.
  const host = `${'siem'.repeat(16)}.invalid`;
  const { code, errors } = await run('just returns', `http://${host}/`, {});
  expect(code).toBe(0);
  expect(errors).toContain('(ENOTFOUND: ');
  expect(errors).toContain('Check the host name in its `address`');
});

it('a log level that keeps everything out is told of when the process ends', async () => {
  const receiver = await startReceiver();
  const { errors } = await run('just returns', receiver.address, { target: { level: null } });
  expect(errors).toContain('[BELOW_LEVEL] LogTargetsWarning: All 100 log records were below the level');
});

it('a removed target that refuses is not asked again and again while it drains', async () => {
  const receiver = await startReceiver(401);
  const { transport, logger, report } = createTestTransport([quickTarget(receiver.address)]);
  logger.error('one');
  await report('targetDown');
  const before = receiver.requests.length;
  transport.reload([]);
  await receiver.untilRequests(before + 1);
  expect(await transport.flush()).toEqual({ delivered: false, pending: 1 });
  expect(receiver.requests.length).toBe(before + 1);
  expect(statusOf(transport)).toMatchObject({ state: 'draining', pending: { events: 1 } });
  // Its name comes back with what was wrong put right.
  receiver.answer = 200;
  transport.reload([quickTarget(receiver.address)]);
  await transport.flush();
  expect(receiver.names()).toEqual(['one']);
});
