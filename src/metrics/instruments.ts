/** Every metric but the histogram: its name, its labels, and how it is read. */

import type { TargetState } from '../delivery/status.js';
import { version } from '../model/version.js';
import type { TargetMeasures } from '../targets/measures.js';
import type { Reading } from './reading.js';

/** Labels and what is measured under them. */
interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A counter or a gauge. */
export interface Instrument {
  readonly kind: 'counter' | 'gauge';
  /** As Prometheus has it. */
  readonly name: string;
  readonly help: string;
  /** In UCUM, as OpenTelemetry has it. */
  readonly unit?: 's' | 'By';
  readonly labels: readonly string[];
  readonly read: (reading: Reading) => readonly Sample[];
}

const states: readonly TargetState[] = ['idle', 'sending', 'retrying', 'down', 'disabled', 'draining'];

/** The duration of requests. */
export const requestDuration = {
  name: 'log_targets_request_duration_seconds',
  help: 'Seconds from the start of a request to its status line, or to its failure',
  /** Upper bounds of the buckets, in seconds: the longest is the default `timeout` of a target. */
  bounds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
} as const;

/** In the order in which they are shown. */
export const instruments: readonly Instrument[] = [
  {
    kind: 'counter',
    name: 'log_targets_accepted_events_total',
    help: 'Events that a target was meant to get, by type; `recovered`: found in the spool at the start',
    labels: ['target', 'type'],
    read: perTarget(({ acceptedByType, status: { recovered } }) => [
      ...split('type', acceptedByType),
      ...(recovered > 0 ? split('type', { recovered }) : []),
    ]),
  },
  {
    kind: 'counter',
    name: 'log_targets_delivered_events_total',
    help: 'Events that a target has taken',
    labels: ['target'],
    read: perTarget(({ status }) => one(status.delivered)),
  },
  {
    kind: 'counter',
    name: 'log_targets_dropped_events_total',
    help: 'Events that were lost, by reason',
    labels: ['target', 'reason'],
    read: perTarget(({ status }) => split('reason', status.dropped)),
  },
  {
    kind: 'counter',
    name: 'log_targets_requests_total',
    help: 'Requests, by what came of them',
    labels: ['target', 'outcome'],
    read: perTarget(({ requests }) => split('outcome', requests)),
  },
  {
    kind: 'counter',
    name: 'log_targets_sent_bytes_total',
    help: 'Bytes of request bodies as they went out, compressed or not',
    unit: 'By',
    labels: ['target'],
    read: perTarget(({ sentBytes }) => one(sentBytes)),
  },
  {
    kind: 'counter',
    name: 'log_targets_truncated_events_total',
    help: 'Events that were cut down to fit into a body',
    labels: ['target'],
    read: perTarget(({ truncated }) => one(truncated)),
  },
  {
    kind: 'counter',
    name: 'log_targets_reloads_total',
    help: 'Reloads of the targets, by result; `failure`: settings were refused, and what ran goes on',
    labels: ['result'],
    read: ({ reloads }) => split('result', reloads),
  },
  {
    kind: 'counter',
    name: 'log_targets_stream_listeners_dropped_total',
    help: 'Listeners of the event stream that were sent away, by reason',
    labels: ['reason'],
    read: ({ listenersDropped }) => split('reason', Object.fromEntries(listenersDropped)),
  },
  {
    kind: 'gauge',
    name: 'log_targets_queue_events',
    help: 'Events that wait for a target or are on their way',
    labels: ['target'],
    read: perTarget(({ status }) => one(status.pending.events)),
  },
  {
    kind: 'gauge',
    name: 'log_targets_queue_bytes',
    help: 'Bytes of those events',
    unit: 'By',
    labels: ['target'],
    read: perTarget(({ status }) => one(status.pending.bytes)),
  },
  {
    kind: 'gauge',
    name: 'log_targets_queue_limit_events',
    help: 'Most events that a queue in memory holds; a spool has no such limit',
    labels: ['target'],
    read: perTarget((_, { limits }) => (limits.events === undefined ? [] : one(limits.events))),
  },
  {
    kind: 'gauge',
    name: 'log_targets_queue_limit_bytes',
    help: 'Most bytes that a queue holds; with a spool, most bytes of the spool',
    unit: 'By',
    labels: ['target'],
    read: perTarget((_, { limits }) => one(limits.bytes)),
  },
  {
    kind: 'gauge',
    name: 'log_targets_dead_letter_events',
    help: 'Events that a target refused and that are kept',
    labels: ['target'],
    read: perTarget(({ status }) => one(status.dead)),
  },
  {
    kind: 'gauge',
    name: 'log_targets_oldest_event_age_seconds',
    help: 'Age of the oldest event that waits; 0 when none does',
    unit: 's',
    labels: ['target'],
    read: perTarget(({ status }, { nowMs }) => one(ageSeconds(status.oldestPendingAt, nowMs))),
  },
  {
    kind: 'gauge',
    name: 'log_targets_target_state',
    help: '1 for the state that a target is in, 0 for the others',
    labels: ['target', 'state'],
    read: perTarget(({ status }) =>
      states.map((state) => ({ labels: { state }, value: status.state === state ? 1 : 0 })),
    ),
  },
  {
    kind: 'gauge',
    name: 'log_targets_last_delivery_timestamp_seconds',
    help: 'When a target last took events, as Unix time; absent until it does',
    unit: 's',
    labels: ['target'],
    read: perTarget(({ status: { lastDeliveryAt } }) =>
      lastDeliveryAt === undefined ? [] : one(Date.parse(lastDeliveryAt) / 1000),
    ),
  },
  {
    kind: 'gauge',
    name: 'log_targets_config_last_reload_successful',
    help: '0 after settings were refused, until others are taken',
    labels: [],
    read: ({ isLastReloadSuccessful }) => one(isLastReloadSuccessful ? 1 : 0),
  },
  {
    kind: 'gauge',
    name: 'log_targets_spool_bytes',
    help: 'Bytes of the events that wait in the spool, each counted once; without its dead letters',
    unit: 'By',
    labels: [],
    read: ({ spool }) => (spool ? one(spool.bytes) : []),
  },
  {
    kind: 'gauge',
    name: 'log_targets_spool_available',
    help: '0 while the spool can be neither written nor read: events stay in memory',
    labels: [],
    read: ({ spool }) => (spool ? one(spool.isAvailable ? 1 : 0) : []),
  },
  {
    kind: 'gauge',
    name: 'log_targets_stream_listeners',
    help: 'Clients that listen to the event stream',
    labels: [],
    read: ({ listeners }) => one(listeners),
  },
  {
    kind: 'gauge',
    name: 'log_targets_info',
    help: 'Always 1; the version of winston-log-targets',
    labels: ['version'],
    read: () => [{ labels: { version }, value: 1 }],
  },
];

/** Whether there can be anything to show of an instrument, for this transport. */
export function isFor(instrument: Instrument, { spool }: Reading): boolean {
  return spool !== undefined || !instrument.name.startsWith('log_targets_spool_');
}

function perTarget(read: (measures: TargetMeasures, reading: Reading) => readonly Sample[]) {
  return (reading: Reading): readonly Sample[] =>
    reading.targets.flatMap((measures) =>
      read(measures, reading).map(({ labels, value }) => ({
        labels: { target: measures.status.name, ...labels },
        value,
      })),
    );
}

function one(value: number): readonly Sample[] {
  return [{ labels: {}, value }];
}

function split(label: string, values: Readonly<Record<string, number>>): readonly Sample[] {
  return Object.entries(values).map(([key, value]) => ({ labels: { [label]: key }, value }));
}

/** A clock that was set back makes no event younger than now. */
function ageSeconds(since: string | undefined, nowMs: number): number {
  return since === undefined ? 0 : Math.max(nowMs - Date.parse(since), 0) / 1000;
}
