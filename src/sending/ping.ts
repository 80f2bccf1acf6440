/** Tries a target out with a test event of its own, beside its queue. */

import { randomUUID } from 'node:crypto';
import { builtIn, type Formats } from '../formats/formats.js';
import { JsonWriter } from '../formats/json-writer.js';
import type { Event } from '../model/event.js';
import { createBatch } from '../queue/batch.js';
import type { DeliveryError } from '../report.js';
import type { LogTargetSettings } from '../settings/schema.js';
import { defaultOutbound } from './outbound.js';
import type { Timings } from './outcome.js';
import { viaOf } from './proxy.js';
import { HttpSender } from './sender.js';

/** What a ping found out. */
export interface PingResult {
  /** Whether the receiver answered 2xx. */
  readonly ok: boolean;
  /** The HTTP status, when there was an answer. */
  readonly status?: number;
  /** How long it took, in milliseconds. */
  readonly ms: number;
  /** Of its phases, when there was an answer. */
  readonly timings?: Timings;
  /** The proxy on the way, where there is one. */
  readonly via?: string;
  /** What went wrong, unless `ok`. */
  readonly error?: DeliveryError;
}

/**
 * Sends one event with `ping` in its context (a logging event, or the lifecycle event `ping` in a format that has no
 * place for those), and a `webhook-id` that begins with `ping_`, in one attempt, on a connection of its own.
 * @param outbound what the transport prescribes for it. Default: nothing
 */
export async function ping(
  settings: LogTargetSettings,
  outbound = defaultOutbound,
  formats = builtIn,
): Promise<PingResult> {
  const now = Date.now();
  const event = testEvent(settings, formats, new Date(now).toISOString());
  const json = new JsonWriter(0);
  formats.createWriter(settings)(event, json);
  const encoded = {
    seq: 0,
    type: event.type,
    format: settings.event_format,
    acceptedAtMs: now,
    ...json.end(),
  };
  const sender = new HttpSender(settings, outbound, true);
  const startedAt = performance.now();
  const envelope = formats.createEnvelope(settings, settings.body_format);
  const batch = createBatch([encoded], settings.body_format, `ping_${randomUUID()}`, envelope);
  const outcome = await sender.send(batch);
  const ms = performance.now() - startedAt;
  sender.end();
  const { timings } = outcome;
  const via = viaOf(settings, outbound.proxy);
  const took = { ms, ...(timings && { timings }), ...(via !== undefined && { via }) };
  if (outcome.kind === 'delivered') return { ok: true, status: outcome.status, ...took };
  const { status, error } = outcome;
  return { ok: false, ...(status !== undefined && { status }), ...took, error };
}

function testEvent({ name, event_format }: LogTargetSettings, formats: Formats, time: string): Event {
  const message = `Test event for log target ${name}`;
  return formats.get(event_format)?.types.includes('logging')
    ? { type: 'logging', time, message, level: 'INFO', entries: ['ping', 'true'] }
    : { type: 'lifecycle', time, action: 'ping', entities: [], message, context: { ping: 'true' } };
}
