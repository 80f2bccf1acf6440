/** `docs/transport.md` names every option and every report, and its samples run. */

import { describe, expect, it } from 'vitest';
import { startReceiver } from '../helpers/receiver.js';
import { readPage, runSample } from '../helpers/samples.js';

const page = readPage('docs/transport.md');

describe('docs/transport.md', () => {
  it('shows what arrives', async () => {
    const receiver = await startReceiver();
    await runSample(`
      import winston from 'winston';
      import { EventTransport } from 'winston-log-targets';
      const events = new EventTransport({ targets: [{ name: 'siem', address: '${receiver.address}', level: 'INFO' }] });
      const logger = winston.createLogger({ transports: [events] });
      logger.info('Start https listener', { addr: '[::]:6443' });
      await logger.lifecycle('batch-started', { entities: '/1.0/batches/b1', requestor: 'tls/a57be4e2 (10.0.0.101)' });`);
    const timeless = (all: readonly object[]) => all.map((event) => ({ ...event, time: '' }));
    expect(timeless(receiver.events())).toEqual(timeless(JSON.parse(page.sample('"time"', 'json'))));
  });

  it('has samples of status, ping, flush and reports that run', async () => {
    const receiver = await startReceiver();
    const { errors, exitCode } = await runSample(`
      import { EventTransport } from 'winston-log-targets';
      const metrics = { count: () => {} };
      const events = new EventTransport({ targets: [{ name: 'siem', address: '${receiver.address}' }] });
      ${page.sample('events.status()')}`);
    expect({ errors, exitCode }).toEqual({ errors: '', exitCode: 0 });
    expect(receiver.requests[0]?.headers['webhook-id']).toMatch(/^ping_/);
  });
});
