/** A service as containers, systemd and Kubernetes start and end it; a cluster; a function that is called. */

import { chmodSync, chownSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Receiver, startReceiver } from '../../helpers/receiver.js';
import { replaced } from '../../helpers/samples.js';
import { sampleOf, sampleTo } from './page.js';
import { createProject, run, start } from './projects.js';

/** Who may write to nothing that is not theirs; when root runs the trials, else whoever does. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** A folder that the service can read only, and a volume in it that is its own. */
function createImage(): { image: string; volume: string } {
  const image = createProject({ 'service.js': sampleOf('/livez') });
  const volume = join(image, 'volume');
  mkdirSync(volume, { mode: 0o700 });
  if (nobody.uid !== undefined) chownSync(volume, nobody.uid, nobody.gid);
  chmodSync(image, 0o555);
  return { image, volume };
}

function startService(image: string, receiver: Receiver, spool: string) {
  const env = { LOG_TARGET: receiver.address, SPOOL_DIRECTORY: spool, HOSTNAME: 'svc-0' };
  return start(image, ['service.js'], { ...nobody, env });
}

/** The port of the `count`-th start of the service. */
async function loggedPort(receiver: Receiver, count = 1): Promise<string> {
  const started = () => receiver.events().filter(({ metadata }) => metadata.message === 'listening');
  await receiver.until(() => started().length >= count);
  return started()[count - 1]!.metadata.context!.port!;
}

export function tryPlaces(): void {
  it('a service with a read-only root answers probes, and delivers all before SIGTERM ends it', async () => {
    const { image, volume } = createImage();
    const before = readdirSync(image);
    const receiver = await startReceiver();
    const service = startService(image, receiver, join(volume, 'spool'));
    const url = `http://127.0.0.1:${await loggedPort(receiver)}`;
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    await (await fetch(`${url}/hello`)).text();
    service.child.kill('SIGTERM');
    expect((await service.result).exitCode).toBe(0);
    expect(receiver.names()).toEqual(['listening', 'request']);
    expect(readdirSync(image)).toEqual(before);
  });

  it('what its receiver did not take before SIGTERM waits in the volume for the next start', async () => {
    const { image, volume } = createImage();
    const receiver = await startReceiver();
    const first = startService(image, receiver, join(volume, 'spool'));
    const port = await loggedPort(receiver);
    receiver.answer = 503;
    await (await fetch(`http://127.0.0.1:${port}/kept`)).text();
    first.child.kill('SIGTERM');
    const { exitCode, output } = await first.result;
    expect({ exitCode, output }).toEqual({
      exitCode: 0,
      output: expect.stringContaining('1 events wait in the spool'),
    });

    receiver.answer = 200;
    const second = startService(image, receiver, join(volume, 'spool'));
    await loggedPort(receiver, 2);
    second.child.kill('SIGTERM');
    expect((await second.result).exitCode).toBe(0);
    expect(receiver.names()).toEqual(['listening', 'request', 'listening']);
  });

  it.skipIf(process.getuid?.() !== 0)('a spool where it cannot write is told at the start', async () => {
    const { image } = createImage();
    const receiver = await startReceiver();
    const { exitCode, output } = await startService(image, receiver, join(image, 'spool')).result;
    expect(exitCode).toBe(1);
    expect(output).toMatch(/SpoolError: .*EACCES/);
  });

  it('the manifest is YAML whose names and times agree', () => {
    const { kind, spec } = parse(sampleOf('kind: StatefulSet', 'yaml'));
    const pod = spec.template.spec;
    const [container] = pod.containers;
    const directory = container.env.find(({ name }: { name: string }) => name === 'SPOOL_DIRECTORY').value;
    const [claim] = spec.volumeClaimTemplates;
    const [mount] = container.volumeMounts;
    expect({ kind, mount: mount.name }).toEqual({ kind: 'StatefulSet', mount: claim.metadata.name });
    expect(spec.selector.matchLabels).toEqual(spec.template.metadata.labels);
    expect(directory.startsWith(`${mount.mountPath}/`)).toBe(true);
    // Requests and events have five seconds each.
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(10);
    const service = sampleOf('/livez');
    for (const probe of [container.livenessProbe, container.readinessProbe]) {
      expect(service).toContain(`'${probe.httpGet.path}'`);
    }
  });

  it('a cluster, each worker with its spool', async () => {
    const receiver = await startReceiver();
    const project = createProject({});
    const code = replaced(sampleTo(receiver.address, 'startWorker(slot)'), {
      '/var/lib/svc/spool': join(project, 'spool'),
    });
    writeFileSync(join(project, 'cluster.mjs'), code);
    const { child, result } = start(project, ['cluster.mjs']);
    await receiver.until(() => receiver.names().length === 2);
    child.kill('SIGTERM');
    expect(await result).toMatchObject({ exitCode: 0, output: '' });
    expect(receiver.names().toSorted()).toEqual([
      'worker 0 ends',
      'worker 0 started',
      'worker 1 ends',
      'worker 1 started',
    ]);
    expect(readdirSync(join(project, 'spool')).toSorted()).toEqual(expect.arrayContaining(['0', '1']));
  });

  it('a function has delivered when it answers', async () => {
    const receiver = await startReceiver();
    const project = createProject({
      'handler.mjs': sampleTo(receiver.address, 'export async function handler'),
      'platform.mjs': `
        import { handler } from './handler.mjs';
        await handler({ id: 1 });
        await handler({ id: 2 });
        process.kill(process.pid, 'SIGKILL'); // frozen, and never used again
      `,
    });
    expect(await start(project, ['platform.mjs']).result).toMatchObject({ signal: 'SIGKILL', output: '' });
    expect(receiver.events().map(({ metadata }) => metadata.context)).toEqual([{ id: '1' }, { id: '2' }]);
  });

  it('a script ends by itself with a receiver that is not there, and says so', async () => {
    const project = createProject({ 'a.mjs': sampleTo('http://127.0.0.1:9/', "'from an ES module'") });
    expect(await run(project, ['a.mjs'])).toContain('LogTargetsWarning');
  });
}
