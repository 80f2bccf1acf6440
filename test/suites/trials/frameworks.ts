/** Services in frameworks: a request's events arrive, and SIGTERM ends the service with the last of them delivered. */

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freePort, type Receiver, startReceiver } from '../../helpers/receiver.js';
import { fileOf, sampleTo } from './page.js';
import { command, createProject, run, start, workspace } from './projects.js';

/** The port that the service logged when it began to listen. */
async function loggedPort(receiver: Receiver): Promise<string> {
  const find = () => receiver.events().find(({ metadata }) => metadata.message?.startsWith('listening'));
  await receiver.until(() => find() !== undefined);
  const { message, context } = find()!.metadata;
  return context?.port ?? new URL(message!.replace('listening at ', '')).port;
}

/** Asks the service for something and ends it at once: what it logged is not lost by that. */
async function askAndEnd(service: ReturnType<typeof start>, port: string, path: string, method = 'GET') {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { connection: 'close' },
  });
  await response.text();
  service.child.kill('SIGTERM');
  return { status: response.status, ...(await service.result) };
}

export function tryFrameworks(): void {
  it('Express', async () => {
    const receiver = await startReceiver();
    const project = createProject({ 'service.js': sampleTo(receiver.address, "from 'express'") });
    const service = start(project, ['service.js']);
    const end = await askAndEnd(service, await loggedPort(receiver), '/instances/c1', 'DELETE');
    expect(end).toMatchObject({ status: 204, exitCode: 0, output: '' });
    expect(receiver.names()).toEqual(['listening', 'instance-deleted', 'request']);
    expect(receiver.events().at(-1)?.metadata.context).toEqual({
      method: 'DELETE',
      path: '/instances/c1',
      status: '204',
    });
  });

  it('Fastify', async () => {
    const receiver = await startReceiver();
    const project = createProject({ 'service.js': sampleTo(receiver.address, "from 'fastify'") });
    const service = start(project, ['service.js']);
    const end = await askAndEnd(service, await loggedPort(receiver), '/hello');
    expect(end).toMatchObject({ status: 200, exitCode: 0, output: '' });
    expect(receiver.names()).toEqual(['listening', 'request']);
  });

  it('Fastify with a logger of Winston sends raw requests, as the page warns', async () => {
    const receiver = await startReceiver();
    const project = createProject({
      'service.js': `
        import Fastify from 'fastify';
        import winston from 'winston';
        import { EventTransport } from 'winston-log-targets';
        const events = new EventTransport({ targets: [{ name: 'a', address: '${receiver.address}', level: 'DEBUG' }] });
        const levels = { fatal: 0, error: 1, warn: 2, info: 3, debug: 4, trace: 5 };
        const app = Fastify({ loggerInstance: winston.createLogger({ levels, transports: [events] }) });
        app.get('/', async () => 'hello');
        await app.inject({ url: '/', headers: { authorization: 'Bearer of-a-user' } });
        try {
          Fastify({ loggerInstance: winston.createLogger() });
        } catch (error) {
          console.log(error.message);
        }`,
    });
    expect(await run(project, ['service.js'])).toContain("'fatal,trace'");
    expect(receiver.names()[0]).toContain('Bearer of-a-user');
  });

  it('NestJS with nest-winston', async () => {
    const receiver = await startReceiver();
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2022',
      strict: true,
      skipLibCheck: true,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    };
    const project = createProject({
      'main.ts': sampleTo(receiver.address, 'nest-winston', 'ts'),
      'tsconfig.json': JSON.stringify({ compilerOptions, files: ['main.ts'] }),
    });
    await run(project, [command('typescript/bin/tsc')]);
    const service = start(project, ['main.js']);
    const end = await askAndEnd(service, await loggedPort(receiver), '/hello');
    expect(end).toMatchObject({ status: 200, signal: 'SIGTERM' });
    expect(receiver.names()).toContain('hello from Nest');
  });

  it('Next.js', async () => {
    const receiver = await startReceiver();
    const files = [
      'lib/logger.js',
      'app/api/hello/route.js',
      'instrumentation.js',
      'instrumentation-node.js',
    ];
    const project = createProject({
      ...Object.fromEntries(files.map((name) => [name, fileOf(name)])),
      // The packages are one folder up.
      'next.config.mjs': `export default { turbopack: { root: ${JSON.stringify(workspace)} } };`,
      'app/layout.jsx':
        'export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html>; }',
    });
    writeFileSync(join(project, 'lib/logger.js'), sampleTo(receiver.address, 'globalThis.logging'));
    const next = command('next/dist/bin/next');
    await run(project, [next, 'build'], { NEXT_TELEMETRY_DISABLED: '1' });

    const port = String(await freePort());
    const env = { PORT: port, NEXT_TELEMETRY_DISABLED: '1', NEXT_MANUAL_SIG_HANDLE: 'true' };
    const service = start(project, [next, 'start'], { env });
    await untilPrinted(service.child.stdout!, 'Ready in');
    expect(await askAndEnd(service, port, '/api/hello')).toMatchObject({ status: 200, exitCode: 0 });
    expect(receiver.names()).toEqual(['request']);
  }, 180_000);
}

async function untilPrinted(stream: NodeJS.ReadableStream, text: string): Promise<void> {
  let output = '';
  while (!output.includes(text)) output += (await once(stream, 'data'))[0];
}
