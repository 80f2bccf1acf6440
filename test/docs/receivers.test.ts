/** Every target that `docs/receivers.md` shows is valid, beside all others, and sends what its receiver is shown to take. */

import { expect, it } from 'vitest';
import type { LogTarget } from '../../src/index.js';
import { validateTargets } from '../../src/settings/validate.js';
import { startReceiver } from '../helpers/receiver.js';
import { readPage } from '../helpers/samples.js';
import { createTestTransport, statusOf } from '../helpers/transport.js';

const targets = readPage('docs/receivers.md')
  .fences.filter(({ language }) => language === 'json')
  .map(({ code }) => JSON.parse(code) as LogTarget);

it('has targets that are valid together', () => {
  expect(targets.length).toBeGreaterThan(12);
  expect(() => validateTargets(targets)).not.toThrow();
});

it.each(targets.map((target) => [target.name, target] as const))(
  '%s gets a request',
  async (_name, target) => {
    const receiver = await startReceiver(
      (_request, response) => void response.writeHead(200).end('{"errors":false}'),
    );
    const { pathname, search } = new URL(target.address);
    const address = new URL(`${pathname}${search}`, receiver.address).href;
    const { transport, logger } = createTestTransport([{ ...target, address, batch_wait: '5ms' }]);
    logger.info('hello', { dur: 12 });
    await logger.lifecycle('instance-started', { entities: '/1.0/instances/c1' });
    expect(await transport.flush()).toEqual({ delivered: true, pending: 0 });
    expect(statusOf(transport).delivered).toBeGreaterThan(0);
    const [request] = receiver.requests;
    expect(request?.url).toBe(`${pathname}${search}`);
    expect(request?.body).toContain('instance-started');
    const { authorization = '' } = request?.headers ?? {};
    if (target.bearer_token)
      expect(authorization).toBe(`${target.auth_scheme ?? 'Bearer'} ${target.bearer_token}`);
    if (target.username) expect(authorization).toMatch(/^Basic /);
    for (const [name, value] of Object.entries(target.headers ?? {})) {
      expect(request?.headers[name.toLowerCase()]).toBe(value);
    }
  },
);
