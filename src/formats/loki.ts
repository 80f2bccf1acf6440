/**
 * Grafana Loki's push API. Labels are few, and the same for many events; what differs is structured metadata.
 *
 * Each event is a stream of one line: Loki puts those of the same labels together. It drops a line that it has
 * already, with the same labels, time and text, so that events of the same millisecond need times of their own; and
 * it takes valid lines of a request that it answers with a 400.
 * @see https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs
 */

import { z } from 'zod';
import { headerText, orDefault, text } from '../model/keys.js';
import { createFormat } from './create-format.js';
import { lineAndMetadata } from './loki-line.js';
import type { ShownEvent } from './shown-event.js';

/**
 * What Loki needs beside the event.
 * @see https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs
 */
export interface LokiOptions {
  /** The same for each event. At most 12: Loki takes 15 in all. Default: none. */
  readonly labels: Readonly<Record<string, string>>;
  /** Whether Loki takes structured metadata; otherwise it stands in the line, as JSON. Default: true. */
  readonly structured_metadata: boolean;
  /** Value of `X-Scope-OrgID`. Default: none. */
  readonly tenant: string;
}

/** @see https://grafana.com/docs/loki/latest/configure/#limits_config max_label_names_per_series, and our own three */
const MAX_LABELS = 12;
/** max_label_value_length */
const MAX_LABEL_BYTES = 2048;

/** Those that events bring along. */
const ownLabels: ReadonlySet<string> = new Set(['type', 'level', 'location']);

const LABELS = `an object of at most ${MAX_LABELS} labels`;

const labelName = text(
  'letters, digits and `_`, no digit or `__` at the beginning, and not `type`, `level` or `location`',
  (name) => /^(?!__)[A-Za-z_]\w*$/.test(name) && !ownLabels.has(name),
);

const labelValue = text(
  `text of 1 to ${MAX_LABEL_BYTES} bytes`,
  (value) => value !== '' && Buffer.byteLength(value) <= MAX_LABEL_BYTES,
);

const options = z.strictObject(
  {
    labels: orDefault(
      z
        .record(labelName, labelValue, LABELS)
        .refine((labels) => Object.keys(labels).length <= MAX_LABELS, LABELS)
        .meta({ maxProperties: MAX_LABELS }),
      {},
    ),
    structured_metadata: orDefault(z.boolean('true or false'), true),
    tenant: orDefault(headerText, ''),
  },
  'an object',
);

/** Loki, also as a part of Grafana Cloud. */
export const loki = createFormat<LokiOptions, typeof options>(
  {
    contentType: 'application/json',
    options,
    write: (event, { options: { labels, structured_metadata } }) => {
      const { line, metadata } = lineAndMetadata(event, structured_metadata);
      const values = [[nanosecondsOf(event.time), line, ...(metadata ? [metadata] : [])]];
      return JSON.stringify({ stream: { ...labels, ...labelsOf(event) }, values });
    },
    frame: { open: '{"streams":[', separator: ',', close: ']}' },
    headers: ({ tenant }) => (tenant === '' ? {} : { 'x-scope-orgid': tenant }),
  },
  {
    bodyFormats: ['array', 'single'],
    bareBytes: 1024,
    // max_line_size is 256 KB; twice that many bytes in a second are more than ingestion_burst_size_mb, 6 MB, has room for.
    limits: () => ({ bodyBytes: 4 * 2 ** 20, eventBytes: 256 * 1000 }),
  },
);

/** None of them has a value for each event: each combination of labels is a stream with its own place on disk. */
function labelsOf(event: ShownEvent): Record<string, string> {
  const { type, location } = event;
  return {
    type,
    ...(type === 'logging' && { level: event.level }),
    ...(location && { location }),
  };
}

const NANOSECONDS_IN_A_MILLISECOND = 1_000_000;
let written = 0;
let lastTime = '';

/**
 * As text, since numbers in JSON are not that precise. They grow within a millisecond, in the order of events: what
 * is behind the milliseconds is a count of all that was written.
 */
function nanosecondsOf(time: string): string {
  // Begun anew between two milliseconds, with room for more than one millisecond can bring.
  if (time !== lastTime && written > NANOSECONDS_IN_A_MILLISECOND / 2) written = 0;
  lastTime = time;
  written = (written + 1) % NANOSECONDS_IN_A_MILLISECOND;
  return `${Date.parse(time)}${String(written).padStart(6, '0')}`;
}
