/** What is measured, of whom, and how often. */

import { peers } from './contenders/index.mjs';

/** Yields to the event loop after every 1000 records. */
const burst = { records: 200_000, chunk: 1000, bytes: 0 };
const paced = { records: 50_000, perSecond: 5000, bytes: 0 };

/**
 * `rounds` are at least five where a case is short. In the long ones the peers have `peerRounds`, so that a run of
 * everything stays under ten minutes.
 */
export const cases = [
  {
    name: 'burst',
    title: '200,000 records with five small fields, as fast as they come',
    note: 'winston-http and axiom take a record a turn late, so that their work is in the CPU and not in the log call; so does the worker of pino-loki.',
    load: burst,
    rounds: 5,
    contenders: [
      'winston-noop',
      'winston-noop-passthrough',
      'raw-http',
      'forty-lines',
      ...peers,
      'ours',
      'ours-passthrough',
      'ours-4-targets',
      'ours-tls',
      'ours-gzip',
      'ours-signed',
      'ours-spool',
    ],
    columns: [
      'nsPerCall',
      'cpuNsPerEvent',
      'perSecond',
      'lost',
      'doubled',
      'outOfOrder',
      'requests',
      'memoryMb',
    ],
  },
  {
    name: 'burst-2m',
    title: '2,000,000 such records',
    load: { ...burst, records: 2_000_000 },
    rounds: 3,
    contenders: ['ours'],
    columns: ['nsPerCall', 'cpuNsPerEvent', 'perSecond', 'lost', 'memoryMb', 'growth'],
  },
  {
    name: 'audit',
    title: '2,000 lifecycle events, each awaited before the next',
    note: 'With the spool, each is on disk by then: one fsync for each.',
    load: { records: 2000, audits: true },
    rounds: 5,
    contenders: ['ours', 'ours-spool'],
    columns: ['auditUs', 'auditP99Us', 'lost'],
  },
  {
    name: 'paced',
    title: '5,000 such records a second for 10 s',
    note: 'The CPU includes what measuring the delay takes, a timer each millisecond; the delay does not include that millisecond.',
    load: paced,
    rounds: 3,
    peerRounds: 1,
    contenders: ['winston-noop', ...peers, 'ours'],
    columns: ['nsPerCall', 'cpuNsPerEvent', 'delayMs', 'lost', 'requests', 'memoryMb'],
  },
  {
    name: 'outage',
    title:
      'the same, with the receiver down from 2.5 s to 7.5 s; what comes later than 10 s after that is lost',
    load: paced,
    outage: { fromMs: 2500, toMs: 7500 },
    rounds: 3,
    peerRounds: 1,
    contenders: [...peers, 'ours'],
    columns: ['cpuNsPerEvent', 'delayMs', 'lost', 'doubled', 'outOfOrder', 'recoveryMs', 'memoryMb'],
  },
  {
    name: 'large',
    title: '3,000 records of 20 KB, as fast as they come, yielding after every 50',
    load: { records: 3000, chunk: 50, bytes: 20_000 },
    rounds: 5,
    contenders: ['forty-lines', ...peers, 'ours'],
    columns: ['nsPerCall', 'cpuNsPerEvent', 'perSecond', 'lost', 'requests', 'memoryMb'],
  },
  {
    name: 'dead-beside-live',
    title:
      'the burst, with one target: alone, beside one that refuses connections, beside one that never answers',
    load: burst,
    rounds: 5,
    contenders: ['ours', 'ours-beside-refusing', 'ours-beside-silent'],
    columns: ['nsPerCall', 'cpuNsPerEvent', 'perSecond', 'lost', 'memoryMb'],
  },
];
