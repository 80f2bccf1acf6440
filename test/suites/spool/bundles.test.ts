/** The spool in a script that was bundled, in both module systems. */

import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../../helpers/files.js';
import { startReceiver } from '../../helpers/receiver.js';

const run = promisify(execFile);
const root = new URL('../../..', import.meta.url).pathname;

const script = `
  import winston from 'winston';
  import { EventTransport } from 'winston-log-targets';
  const [address, directory] = process.argv.slice(2);
  const transport = new EventTransport({
    targets: [{ name: 'siem', address }],
    spool: { directory },
    shutdownTimeoutMs: 500,
  });
  const logger = winston.createLogger({ transports: [transport] });
  transport.ready().then(async () => {
    logger.error('bundled');
    const { durable } = await logger.lifecycle('bundled too');
    console.log(JSON.stringify({ durable, recovered: transport.status().targets[0].recovered }));
    transport.on('finish', () => process.exit());
    logger.end();
  });
`;

it.each(['cjs', 'esm'] as const)(
  'a %s bundle of esbuild spools, and delivers after its restart',
  async (format) => {
    const directory = temporaryDirectory();
    const bundle = join(directory, `bundle.${format === 'cjs' ? 'cjs' : 'mjs'}`);
    const { warnings } = await build({
      stdin: { contents: script, resolveDir: root },
      bundle: true,
      platform: 'node',
      format,
      outfile: bundle,
      logLevel: 'silent',
      // What winston needs of CommonJS.
      ...(format === 'esm' && {
        banner: {
          js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
        },
      }),
    });
    expect(warnings).toEqual([]);
    // Nothing is found beside it but what is in it.
    writeFileSync(join(directory, 'package.json'), '{}');
    const receiver = await startReceiver(503);
    const start = () => run(process.execPath, [bundle, receiver.address, join(directory, 'spool')]);
    expect(JSON.parse((await start()).stdout)).toEqual({ durable: true, recovered: 0 });
    receiver.answer = 200;
    expect(JSON.parse((await start()).stdout)).toEqual({ durable: true, recovered: 2 });
    expect(receiver.names()).toEqual(['bundled', 'bundled too', 'bundled', 'bundled too']);
  },
);
