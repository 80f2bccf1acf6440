/** Names that come to addresses of a test's choice. */

import dns from 'node:dns';
import { onTestFinished, vi } from 'vitest';

/** In place of DNS; what it is not told of is not there. */
export function answerNames(names: Readonly<Record<string, readonly string[]>>): void {
  const lookup = vi.spyOn(dns, 'lookup');
  onTestFinished(() => lookup.mockRestore());
  lookup.mockImplementation(((host: string, _options: unknown, callback: (...args: unknown[]) => void) => {
    const found = names[host]?.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    process.nextTick(
      callback,
      found ? null : Object.assign(new Error('no such host'), { code: 'ENOTFOUND' }),
      found,
    );
  }) as never);
}
