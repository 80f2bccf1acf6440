/** What the spool's files look like from outside: who may read them, and what is not in them. */

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createCertificate } from '../helpers/certificates.js';
import { temporaryDirectory } from '../helpers/files.js';
import { freePort, startReceiver } from '../helpers/receiver.js';
import { createSpooledTransport, filesIn, spoolDirectory, spoolErrorClass } from '../helpers/spool.js';
import { fixturePath } from '../helpers/spool-service.js';
import { quickTarget } from '../helpers/transport.js';

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('the files of a spool', () => {
  it('are 0600 in a 0700 directory, from the start and after restarts', async () => {
    const receiver = await startReceiver(503);
    const directory = spoolDirectory();
    for (let start = 0; start < 3; start++) {
      const { transport, logger, close } = createSpooledTransport([quickTarget(receiver.address)], {
        directory,
      });
      await transport.ready();
      for (let number = 0; number < 100; number++) logger.error(String(number));
      await transport.lifecycle('one');
      for (const when of ['open', 'closed']) {
        if (when === 'closed') await close();
        expect(modeOf(directory)).toBe('700');
        const files = filesIn(directory);
        expect(files).not.toEqual([]);
        for (const file of files) {
          expect(`${file}, ${when}: ${modeOf(join(directory, file))}`).toBe(`${file}, ${when}: 600`);
          const folder = dirname(join(directory, file));
          expect(modeOf(folder)).toBe('700');
        }
      }
    }
  });

  it.each(['0000', '0277', '0777'])('are so with a umask of %s', async (umask) => {
    const directory = join(spoolDirectory(), 'below');
    const options = {
      targets: [quickTarget('http://127.0.0.1:9/')],
      spool: { directory },
      shutdownTimeoutMs: 0,
    };
    const args = [
      process.execPath,
      fixturePath('spool-script.mjs'),
      'ends and exits',
      JSON.stringify(options),
    ];
    await promisify(execFile)('sh', ['-c', `umask ${umask}; exec "$@"`, 'sh', ...args]);
    const files = filesIn(dirname(directory));
    expect(files).toContain('below.synced');
    expect(files.filter((file) => file.startsWith('below/logging-'))).toHaveLength(1);
    for (const file of files)
      expect(`${file}: ${modeOf(join(dirname(directory), file))}`).toBe(`${file}: 600`);
    expect(modeOf(directory)).toBe('700');
    expect(modeOf(dirname(directory))).toBe('700');
  });

  it('hold no credentials', async () => {
    const receiver = await startReceiver((_request, response) => response.writeHead(422).end('no'));
    const { cert, key } = await createCertificate();
    // Random, so that no compression of the store can hide a repetition.
    const [password = '', token = '', header = ''] = [1, 2, 3].map(() =>
      randomBytes(24).toString('base64url'),
    );
    const signingKey = randomBytes(32);
    const common = { level: 'DEBUG' as const, batch_wait: '5ms', retry_timeout: '10ms' };
    const secrets = [
      password,
      Buffer.from(`us3r:${password}`).toString('base64'),
      token,
      header,
      signingKey,
      signingKey.toString('base64'),
      // A line of the key's own, so that a changed line end hides nothing.
      String(key.split('\n')[1]).trim(),
    ];
    expect(secrets.at(-1)?.length).toBeGreaterThan(40);
    const targets = [
      {
        ...common,
        name: 'basic',
        address: receiver.address,
        username: 'us3r',
        password,
        signing_secrets: [`whsec_${signingKey.toString('base64')}`],
      },
      {
        ...common,
        name: 'bearer',
        address: `https://127.0.0.1:${await freePort()}/`,
        bearer_token: token,
        headers: { 'x-api-key': header },
        client_cert: cert,
        client_key: key,
      },
    ];
    const directory = spoolDirectory();
    for (let start = 0; start < 3; start++) {
      const { transport, logger, report, close } = createSpooledTransport(targets, { directory });
      await transport.ready();
      for (let number = 0; number < 100; number++) logger.error(`to be found ${number}`);
      await transport.lifecycle('one');
      await report('batchRetried', ({ target }) => target === 'bearer');
      await close();
    }
    const bytes = Buffer.concat(filesIn(directory).map((file) => readFileSync(join(directory, file))));
    expect(bytes.includes('to be found'), 'events can be found this way').toBe(true);
    expect(secrets.filter((secret) => bytes.includes(secret))).toEqual([]);
  });
});

describe('a directory that cannot be used', () => {
  it.each([
    ['is a file', (parent: string) => parent],
    ['is below a file', (parent: string) => join(parent, 'spool')],
    ['is where none can be made', () => '/proc/winston-log-targets'],
  ])('because it %s is a SpoolError of the constructor', (_name, place) => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    const directory = place(file);
    let error: unknown;
    try {
      createSpooledTransport([], { directory });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(spoolErrorClass());
    expect(error).toMatchObject({ name: 'SpoolError', code: 'SPOOL_UNAVAILABLE', directory });
    expect((error as Error).message).toContain(directory);
  });

  it('is made with its parents when that is all it takes', async () => {
    const directory = join(spoolDirectory(), 'with', 'parents');
    const { transport } = createSpooledTransport([], { directory });
    await expect(transport.ready()).resolves.toBeUndefined();
    expect(modeOf(directory)).toBe('700');
  });
});

describe('a wrong option', () => {
  it.each([
    ['spool', 'spool', '/var/spool'],
    ['spool.directory', 'directory', {}],
    ['spool.directory', 'directory', { directory: '' }],
    ['spool.directory', 'directory', { directory: 7 }],
    ['spool.maxBytes', 'maxBytes', { maxBytes: -1 }],
    ['spool.maxBytes', 'maxBytes', { maxBytes: Number.NaN }],
    ['spool.maxBytes', 'maxBytes', { maxBytes: '1g' }],
    ['spool.maxAge', 'maxAge', { maxAge: -1 }],
    ['spool.maxAge', 'maxAge', { maxAge: Number.NaN }],
    ['spool.maxAge', 'maxAge', { maxAge: 'an hour' }],
  ])('%s is a TypeError that names it: %s %j', (_name, key, given) => {
    const needsDirectory = typeof given === 'object' && key !== 'directory';
    const spool = needsDirectory ? { directory: spoolDirectory(), ...(given as object) } : given;
    const create = () => createSpooledTransport([], spool as never);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(key);
  });
});
