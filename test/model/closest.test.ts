import { expect, it } from 'vitest';
import { closestName } from '../../src/model/closest.js';

const names = ['targets', 'shutdownTimeoutMs', 'maxEvents', 'maxBytes', 'retry_count', 'ca_cert', 'spool'];

it.each([
  ['target', 'targets'],
  ['Targets', 'targets'],
  ['shutdown_timeout_ms', 'shutdownTimeoutMs'],
  ['shutdownTimeout', 'shutdownTimeoutMs'],
  ['maxEvent', 'maxEvents'],
  ['retryCount', 'retry_count'],
  ['ca-cert', 'ca_cert'],
  ['spol', 'spool'],
])('%s is close to %s', (name, meant) => {
  expect(closestName(name, names)).toBe(meant);
});

it.each(['', 'agent', 'pool of targets', '_'.repeat(1e6), 'max', 'constructor'])(
  '%.20s is close to none',
  (name) => {
    expect(closestName(name, names)).toBeUndefined();
  },
);
