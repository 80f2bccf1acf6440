/** What `docs/getting-started.md` shows that needs nothing from elsewhere; `test/suites/trials` runs all of it. */

import { join } from 'node:path';
import { parseAst } from 'vite';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { temporaryDirectory } from '../helpers/files.js';
import { startReceiver } from '../helpers/receiver.js';
import { readPage, replaced, runSample, startSample } from '../helpers/samples.js';
import { versions } from '../suites/trials/versions.js';

const page = readPage('docs/getting-started.md');
const address = 'http://127.0.0.1:8099/1.0/log';

describe('getting started', () => {
  it.each([
    ['sample.mjs', 'from an ES module'],
    ['sample.cjs', 'from CommonJS'],
  ])('has a %s that runs', async (file, message) => {
    const receiver = await startReceiver();
    const code = replaced(page.sample(`'${message}'`), { [address]: receiver.address });
    expect(await runSample(code, { file })).toMatchObject({ exitCode: 0, errors: '' });
    expect(receiver.names()).toEqual([message]);
  });

  it('has a service of Express that delivers all before SIGTERM ends it', async () => {
    const receiver = await startReceiver();
    const code = replaced(page.sample("from 'express'"), { [address]: receiver.address });
    const service = startSample(code, { env: { PORT: '0' } });
    await receiver.until(() => receiver.names().includes('listening'));
    const port = receiver.events()[0]!.metadata.context!.port;
    const options = { method: 'DELETE', headers: { connection: 'close' } };
    expect((await fetch(`http://127.0.0.1:${port}/instances/c1`, options)).status).toBe(204);
    service.child.kill('SIGTERM');
    expect(await service.result).toMatchObject({ exitCode: 0, errors: '' });
    expect(receiver.names()).toEqual(['listening', 'instance-deleted', 'request']);
  });

  it('has a service that is not ready while it ends, and delivers all first', async () => {
    const receiver = await startReceiver();
    const service = startSample(page.sample('/livez'), {
      env: {
        PORT: '0',
        LOG_TARGET: receiver.address,
        SPOOL_DIRECTORY: join(temporaryDirectory(), 'spool'),
      },
    });
    await receiver.until(() => receiver.names().includes('listening'));
    const url = `http://127.0.0.1:${receiver.events()[0]!.metadata.context!.port}`;
    const headers = { connection: 'close' };
    expect((await fetch(`${url}/readyz`, { headers })).status).toBe(200);
    await (await fetch(`${url}/hello`, { headers })).text();
    service.child.kill('SIGTERM');
    expect(await service.result).toMatchObject({ exitCode: 0, errors: '' });
    expect(receiver.names()).toEqual(['listening', 'request']);
  });

  it('has a handler that has delivered when it answers', async () => {
    const receiver = await startReceiver();
    const code = replaced(page.sample('export async function handler'), { [address]: receiver.address });
    const call = "\nconsole.log(await handler({ id: 1 }));\nprocess.kill(process.pid, 'SIGKILL');";
    expect(await runSample(code + call)).toMatchObject({ signal: 'SIGKILL', errors: '' });
    expect(receiver.names()).toEqual(['called']);
  });

  it('has a silent transport whose calls all work', async () => {
    expect(page.text).toContain('`new EventTransport({ silent: true })`');
    const code = `
      import winston from 'winston';
      import { EventTransport } from 'winston-log-targets';
      const events = new EventTransport({ silent: true });
      const logger = winston.createLogger({ transports: [events] });
      logger.info('one');
      console.log(await logger.lifecycle('instance-started'), await events.flush(), await events.shutdown());`;
    const { output, errors, exitCode } = await runSample(code);
    expect({ errors, exitCode }).toEqual({ errors: '', exitCode: 0 });
    expect(output).toContain('delivered: true');
  });

  it('has blocks that are well-formed, all of them', () => {
    const parsers: Record<string, (code: string) => unknown> = {
      js: (code) => parseAst(code, { sourceType: 'module' }),
      // Decorators, types: `lang` tells.
      ts: (code) => parseAst(code, { lang: 'ts', sourceType: 'module' }),
      json: (code) => JSON.parse(code),
      yaml: (code) => parseYaml(code, { strict: true }),
    };
    const broken = page.fences.flatMap(({ language, code }) => {
      try {
        parsers[language]?.(code);
        return [];
      } catch (error) {
        return [{ code, error }];
      }
    });
    expect(broken).toEqual([]);
    const others = page.fences.map(({ language }) => language).filter((language) => !(language in parsers));
    // Commands and a unit file.
    expect([...new Set(others)].toSorted()).toEqual(['ini', 'sh']);
  });

  it('names the versions that are tried', () => {
    const rows = page.table('package').map(([name = '', version]) => [name, version]);
    expect(rows).toHaveLength(11);
    expect(versions).toMatchObject(Object.fromEntries(rows));
  });
});
