/** The spool in a script that was bundled: by esbuild in both module systems, and by rollup. */

import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build, type Format } from 'esbuild';
import { type Plugin, rollup } from 'rollup';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../../helpers/files.js';
import { startReceiver } from '../../helpers/receiver.js';

const run = promisify(execFile);
const root = new URL('../../..', import.meta.url).pathname;

const script = `
  import winston from 'winston';
  import { EventTransport } from 'winston-log-targets';
  const [address, directory, shutdownTimeoutMs] = process.argv.slice(2);
  const transport = new EventTransport({
    targets: [{ name: 'siem', address }],
    spool: { directory },
    shutdownTimeoutMs: Number(shutdownTimeoutMs),
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

/** Makes one file of the script; returns what it was warned of. */
type Bundle = (outfile: string) => Promise<readonly string[]>;

const withEsbuild =
  (format: Format): Bundle =>
  async (outfile) => {
    const { warnings } = await build({
      stdin: { contents: script, resolveDir: root },
      bundle: true,
      platform: 'node',
      format,
      outfile,
      logLevel: 'silent',
      // What winston needs of CommonJS.
      ...(format === 'esm' && {
        banner: {
          js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
        },
      }),
    });
    return warnings.map(({ text }) => text);
  };

/** Their types are those of CommonJS modules, which they are not. */
const pluginOf = (module: unknown) => (module as () => Plugin)();

const withRollup: Bundle = async (outfile) => {
  const warnings: string[] = [];
  const entry = join(root, 'bundled-service.mjs');
  const bundle = await rollup({
    input: entry,
    plugins: [
      // Beside the package's own `node_modules`, without a file there.
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? script : null),
      },
      nodeResolve({ preferBuiltins: true, exportConditions: ['node'] }),
      pluginOf(commonjs),
      pluginOf(json),
    ],
    onwarn: ({ message, code, ids, id }) => {
      // Of what is in other packages it is not for us to say.
      if (![...(ids ?? []), id ?? ''].some((path) => path.includes('node_modules')))
        warnings.push(`${code}: ${message}`);
    },
  });
  await bundle.write({ file: outfile, format: 'es', inlineDynamicImports: true });
  await bundle.close();
  return warnings;
};

it.each<[string, string, Bundle]>([
  ['a CommonJS bundle of esbuild', 'cjs', withEsbuild('cjs')],
  ['an ES bundle of esbuild', 'mjs', withEsbuild('esm')],
  ['a bundle of rollup', 'mjs', withRollup],
])('%s spools, and delivers after its restart', { timeout: 300_000 }, async (_name, extension, bundle) => {
  const directory = temporaryDirectory();
  const file = join(directory, `bundle.${extension}`);
  expect(await bundle(file)).toEqual([]);
  // Nothing is found beside it but what is in it.
  writeFileSync(join(directory, 'package.json'), '{}');
  const receiver = await startReceiver(503);
  const start = async (shutdownTimeoutMs: number) => {
    const args = [file, receiver.address, join(directory, 'spool'), String(shutdownTimeoutMs)];
    return JSON.parse((await run(process.execPath, args)).stdout);
  };
  expect(await start(500)).toEqual({ durable: true, recovered: 0 });
  receiver.answer = 200;
  expect(await start(30_000)).toEqual({ durable: true, recovered: 2 });
  expect(receiver.names()).toEqual(['bundled', 'bundled too', 'bundled', 'bundled too']);
});
