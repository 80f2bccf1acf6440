/** `docs/delivery.md` has what becomes of an event; its samples run. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../helpers/files.js';
import { startReceiver } from '../helpers/receiver.js';
import { readPage, replaced, runSample, startSample } from '../helpers/samples.js';
import { eventually } from '../helpers/spool.js';

const page = readPage('docs/delivery.md');
const address = 'https://siem.example.com/1.0/log';

/** Workers end by themselves when their primary is gone. */
function untilGone(pid: number): Promise<void> {
  return eventually(() => expect(() => process.kill(pid, 0)).toThrow());
}

/** Without an error, whatever the package warned of. */
function expectGoodEnd({ errors, exitCode }: Awaited<ReturnType<typeof runSample>>): void {
  const others = errors.replaceAll(/^.*(LogTargetsWarning|trace-warnings).*\n/gm, '');
  expect({ errors: others, exitCode }).toEqual({ errors: '', exitCode: 0 });
}

describe('docs/delivery.md', () => {
  it('has a sample of the spool that runs', async () => {
    const receiver = await startReceiver();
    const code = replaced(page.sample('events.ready()'), {
      [address]: receiver.address,
      '/var/lib/svc/spool': join(temporaryDirectory(), 'spool'),
    });
    const { output, errors } = await runSample(`
      import { EventTransport } from 'winston-log-targets';
      ${code}
      console.log((await events.lifecycle('batch-started')).durable);
      events.end();`);
    expect(errors).toBe('');
    expect(output).toBe('true\n');
    expect(receiver.names()).toEqual(['batch-started']);
  });

  it('has a sample of dead letters that lists, replays and discards them', async () => {
    const receiver = await startReceiver(422);
    const ended = await runSample(`
      import { EventTransport } from 'winston-log-targets';
      const events = new EventTransport({
        targets: [{ name: 'siem', address: '${receiver.address}' }],
        spool: { directory: '${join(temporaryDirectory(), 'spool')}' },
      });
      await events.lifecycle('batch-started');
      await events.flush();
      ${page.sample('events.deadLetters(')}
      console.log(queued, discarded);
      await events.shutdown();`);
    expectGoodEnd(ended);
    expect(ended.output).toMatch(/^[\w-]{36} \S+Z 422 [^\n]*\n1 0\n$/);
  });

  it('has a recipe for SIGTERM that a service ends by which goes on logging', async () => {
    const receiver = await startReceiver();
    const service = startSample(`
      import { createServer } from 'node:http';
      import winston from 'winston';
      import { EventTransport } from 'winston-log-targets';
      const events = new EventTransport({ targets: [{ name: 'siem', address: '${receiver.address}', level: 'INFO' }] });
      const logger = winston.createLogger({ transports: [events] });
      const server = createServer().listen(0);
      setInterval(() => logger.info('one more'), 1);
      ${page.sample("process.once('SIGTERM'")}
      console.log('ready');`);
    await service.printed('ready');
    await receiver.untilRequests(1);
    service.child.kill('SIGTERM');
    expectGoodEnd(await service.result);
  });

  it('has a recipe for clusters: each of four workers has a spool of its own, and finds it again', async () => {
    const receiver = await startReceiver();
    const directory = temporaryDirectory();
    const code = replaced(page.sample('cluster.fork('), {
      [address]: receiver.address,
      '/var/lib/svc/spool': directory,
    });
    const report =
      'if (cluster.isWorker) console.log(process.env.SLOT, process.pid, (await events.lifecycle("seen")).durable)';
    const service = startSample(code.replace('  setInterval(', `  ${report};\n  setInterval(`));
    const workers = (output: string) =>
      [...output.matchAll(/^(\d) (\d+) (\w+)$/gm)].map(([, ...worker]) => worker);
    await service.printed(/(^\d \d+ true\n[\s\S]*){4}/m);
    const first = workers(await service.printed('true'));
    expect(first.map(([slot, , durable]) => `${slot} ${durable}`).sort()).toEqual([
      '0 true',
      '1 true',
      '2 true',
      '3 true',
    ]);
    const [slot = '', pid] = first[1] ?? [];
    process.kill(Number(pid), 'SIGKILL');
    const all = workers(await service.printed(/(^\d \d+ \w+\n[\s\S]*){5}/m));
    expect([all[4]?.[0], all[4]?.[2]]).toEqual([slot, 'true']);
    const spools = readdirSync(directory).filter((name) => !name.endsWith('.synced'));
    expect(spools.sort()).toEqual(['0', '1', '2', '3']);
    service.child.kill('SIGKILL');
    await Promise.all([...first, ...all].map(([, id]) => untilGone(Number(id))));
  });
});
