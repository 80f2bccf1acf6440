/** What becomes of events when a process ends, in processes of their own that use the package as it is published. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { freePort, startReceiver } from '../../helpers/receiver.js';

const service = fileURLToPath(new URL('../../e2e/fixtures/service.mjs', import.meta.url));
const expected = Array.from({ length: 100 }, (_, index) => String(index));

/** What is to be delivered is given the time that a slow machine takes for it. */
const patient = { shutdownTimeoutMs: 30_000 };

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs a scenario of the service to its end. */
function run(scenario: string, address: string, options = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [service, scenario, address, JSON.stringify(options)],
      { timeout: 50_000 },
      (_error, output, errors) => {
        resolve({ code: child.exitCode ?? -1, output, errors });
      },
    );
  });
}

/** What a service says when it ends: its status, and how long it took from its first log call. */
function lastWords({ output }: Ended) {
  const [line = ''] = output.trimEnd().split('\n').slice(-1);
  return JSON.parse(line) as { targets: object[]; ms: number };
}

describe('a service', () => {
  it('that ends its logger, awaits finish and exits has delivered all', async () => {
    const receiver = await startReceiver();
    expect(await run('ends and exits', receiver.address, patient)).toMatchObject({ code: 0, errors: '' });
    expect(receiver.names()).toEqual(expected);
  });

  it('that just returns delivers all before the process ends', async () => {
    const receiver = await startReceiver();
    expect(await run('just returns', receiver.address, patient)).toMatchObject({ code: 0, errors: '' });
    expect(receiver.names()).toEqual(expected);
  });

  it('that just returns delivers all though the receiver answers 503 for a moment', async () => {
    const receiver = await startReceiver((_request, response, index) => {
      response.writeHead(index < 2 ? 503 : 200).end();
    });
    expect(await run('just returns', receiver.address, patient)).toMatchObject({
      code: 0,
    });
    expect(receiver.names()).toEqual(expected);
  });

  it('that logs when the process is about to end delivers that too', async () => {
    const receiver = await startReceiver();
    expect(await run('logs when the process is about to end', receiver.address, patient)).toMatchObject({
      code: 0,
      errors: '',
    });
    expect(receiver.names()).toEqual(expected);
  });

  it('that leaves an operation behind has told of its last change, and does not wait for its time', async () => {
    const receiver = await startReceiver();
    const ended = await run('leaves an operation behind', receiver.address, patient);
    expect(ended).toMatchObject({ code: 0, errors: '' });
    expect(receiver.events().map(({ metadata }) => metadata.metadata)).toEqual([
      {},
      { progress: 2 },
      { progress: 3 },
    ]);
  });

  it.each(['just returns', 'ends and exits'])(
    'that %s waits for a dead target at most shutdownTimeoutMs, and counts what was lost',
    async (scenario) => {
      const ended = await run(scenario, `http://127.0.0.1:${await freePort()}/`);
      expect(ended.code).toBe(0);
      const { targets, ms } = lastWords(ended);
      // The default would be 10 s.
      expect(ms).toBeLessThan(9000);
      const [status] = targets;
      expect(status).toMatchObject({
        accepted: 100,
        delivered: 0,
        pending: { events: 0 },
        dropped: { shutdown: 100 },
      });
    },
  );

  it('that just returns waits for a hanging target at most shutdownTimeoutMs too', async () => {
    const hanging = await startReceiver(() => {});
    const ended = await run('just returns', hanging.address);
    expect(ended.code).toBe(0);
    expect(lastWords(ended).ms).toBeLessThan(9000);
    expect(lastWords(ended).targets[0]).toMatchObject({ dropped: { shutdown: 100 } });
  });

  it('that just returns does not wait for a target that wants nothing any more', async () => {
    const gone = await startReceiver(410);
    const ended = await run('just returns', gone.address, { shutdownTimeoutMs: 60_000 });
    expect(ended.code).toBe(0);
    expect(lastWords(ended).ms).toBeLessThan(40_000);
  });

  it('can await a ping with nothing else to do', async () => {
    const receiver = await startReceiver((_request, response) => {
      // Time enough for a process to end that nothing keeps alive.
      setTimeout(() => response.writeHead(200).end(), 300);
    });
    expect((await run('pings', receiver.address, patient)).output).toContain('ping true');
  });

  it('that is idle is not kept alive, and has no timer running', async () => {
    const receiver = await startReceiver();
    const ended = await run('is idle after delivery', receiver.address, patient);
    expect(ended.code).toBe(0);
    expect(lastWords(ended).ms).toBeLessThan(10_000);
    expect(ended.output).toContain('handles 0\n');
  });

  it('can await a flush to a dead target: the process stays alive for it', async () => {
    const ended = await run('awaits a flush', `http://127.0.0.1:${await freePort()}/`);
    expect(ended.output).toContain('false 100\n');
    expect(ended.code).toBe(0);
  });

  it.each([
    ['crashes', { ...patient, handleExceptions: true }, 'uncaughtException: crashed'],
    ['rejects', { ...patient, handleRejections: true }, 'unhandledRejection: rejected'],
  ])('that %s gets its last record out before winston exits', async (scenario, options, message) => {
    const receiver = await startReceiver();
    const ended = await run(scenario, receiver.address, options);
    expect(ended.code).toBe(1);
    const [event] = receiver.events();
    expect(event?.metadata.message).toMatch(new RegExp(`^${message}\n`));
    expect(event?.metadata).toMatchObject({
      level: 'ERROR',
      context: { stack: expect.stringContaining('Error: ') },
    });
  });
});

it('require() gives the same package', async () => {
  const script =
    "const { EventTransport } = require('winston-log-targets'); console.log(typeof EventTransport)";
  const output = await new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--no-warnings', '-e', script],
      { cwd: fileURLToPath(new URL('.', import.meta.url)) },
      (_error, stdout) => resolve(stdout),
    );
  });
  expect(output).toBe('function\n');
});
