/** Small file systems of their own, which can be full: they need the right to mount one. */

import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

function mount(path: string, options: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], { stdio: 'pipe' });
}

const unmount = (path: string) => void execFileSync('umount', ['--lazy', path], { stdio: 'pipe' });

export function canMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'winston-log-targets-mount-'));
  try {
    mount(path, 'size=64k');
    unmount(path);
    return true;
  } catch {
    console.log('tmpfs cannot be mounted: the tests of full disks are skipped');
    return false;
  } finally {
    rmSync(path, { recursive: true });
  }
}

/** An empty file system that is gone after the test. */
export function smallDisk(size: string): string {
  const path = mkdtempSync(join(tmpdir(), 'winston-log-targets-disk-'));
  mount(path, `size=${size}`);
  onTestFinished(() => {
    unmount(path);
    rmSync(path, { recursive: true });
  });
  return path;
}

/** Fills a disk to the last byte. */
export function fill(disk: string): string {
  const ballast = join(disk, 'ballast');
  for (const size of [2 ** 18, 2 ** 12, 1]) {
    const chunk = Buffer.alloc(size, 'x');
    try {
      for (;;) appendFileSync(ballast, chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  return ballast;
}
