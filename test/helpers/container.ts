/** Containers as an engine makes them, of what Linux brings along: namespaces of their own, a volume that they share. */

import { type ChildProcess, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { temporaryDirectory } from './files.js';
import { eventually } from './spool.js';
import { type Service, type ServiceOptions, startService } from './spool-service.js';

interface ContainerOptions {
  /** Its host name. */
  readonly host: string;
  /** Path of the volume outside, where no container finds it. */
  readonly volume: string;
  /** Where the container finds the volume, below a folder that is its own. */
  readonly mountedAt: string;
  /** `own`: nothing can be reached, not even the loopback. `host`: that of the machine, as `--network host` gives it. */
  readonly network: 'own' | 'host';
  /** Something else is process 1, and the container outlives the service. */
  readonly hasInit?: boolean;
}

/** `kill` ends the process of Node, and that one alone. */
export interface ContainedService extends Service {
  /** Of that process, outside. */
  pid(): number | undefined;
}

export interface Container {
  /** The volume, as the container sees it. */
  readonly volume: string;
  /** Runs what comes behind it in the container. */
  readonly launcher: readonly string[];
  start(options: ServiceOptions): ContainedService;
}

/** util-linux 2.38 says `sigprocmask unblock failed` when what it runs is killed; it does no harm. */
const always = ['--pid', '--fork', '--kill-child', '--mount', '--mount-proc', '--ipc', '--uts'];

/** In its namespaces: names the host, mounts the volume, hides where it comes from, and runs the rest. */
const enter = `set -e
hostname "$1"
mount --bind "$2" "$3"
mount -t tmpfs tmpfs "$2"
shift 3
`;

/** Node becomes process 1, or the child of a process 1 that stays for as long as there is a test that listens. */
const runs = { alone: 'exec "$@"', withInit: '"$@" || exec cat <&3' };

/** With root as it is, and as the root of a user namespace, which is an ordinary user outside. */
const kinds = [[], ['--user', '--map-root-user']].filter(works);
let made = 0;

/** Whether there can be containers here; says so where not. */
export function canContain(): boolean {
  if (kinds.length === 0)
    console.log('unshare makes no namespaces here: the tests of containers are skipped');
  return kinds.length > 0;
}

function works(kind: readonly string[]): boolean {
  // How a process in a container is found from outside.
  if (!existsSync(childrenFile(process.pid))) return false;
  const [volume, inside] = [1, 2].map(() => mkdtempSync(join(tmpdir(), 'winston-log-targets-probe-')));
  const [program = '', ...args] = launcherOf(
    kind,
    { host: 'probe', volume: volume!, network: 'own' },
    inside!,
  );
  const { status } = spawnSync(program, [...args, 'true'], { stdio: 'ignore' });
  for (const path of [volume, inside]) rmSync(path!, { recursive: true });
  return status === 0;
}

function launcherOf(
  kind: readonly string[],
  { host, volume, network, hasInit = false }: Omit<ContainerOptions, 'mountedAt'>,
  mountpoint: string,
): string[] {
  const namespaces = [...always, ...kind, ...(network === 'own' ? ['--net'] : [])];
  const script = enter + (hasInit ? runs.withInit : runs.alone);
  return ['unshare', ...namespaces, 'sh', '-c', script, host, host, volume, mountpoint];
}

/** Where both are possible, every other container has a user namespace of its own. */
export function createContainer(options: ContainerOptions): Container {
  const mountpoint = join(temporaryDirectory(), options.mountedAt);
  mkdirSync(mountpoint, { recursive: true });
  const launcher = launcherOf(kinds[made++ % kinds.length]!, options, mountpoint);
  return {
    volume: mountpoint,
    launcher,
    start(serviceOptions) {
      const service = startService(serviceOptions, 0, [...launcher, process.execPath]);
      const pid = () => innermost(service.child);
      // Before `unshare` is: nobody would wait for what it leaves behind.
      onTestFinished(() => kill(pid()));
      return { ...service, pid, kill: () => kill(pid()) };
    },
  };
}

/** Process id, outside, of the innermost process of a container; `undefined`: it has ended. */
function innermost(unshare: ChildProcess): number | undefined {
  let found: number | undefined;
  for (let pid = unshare.pid; pid !== undefined; ) {
    const [child] = childrenOf(pid);
    found = child ?? found;
    pid = child;
  }
  return found;
}

function childrenFile(pid: number): string {
  return `/proc/${pid}/task/${pid}/children`;
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(childrenFile(pid), 'utf8').trim().split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** SIGKILL; resolves when the process is gone, with all that it had open. */
async function kill(pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  process.kill(pid, 'SIGKILL');
  await eventually(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'));
}
