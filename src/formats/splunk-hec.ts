/**
 * Splunk's HTTP Event Collector. Events stand one behind the other, each an object with its own index and source.
 * @see https://help.splunk.com/en/splunk-enterprise/get-data-in/collect-http-event-data/format-events-for-http-event-collector
 */

import { z } from 'zod';
import { orDefault, text } from '../model/keys.js';
import { createFormat } from './create-format.js';
import type { Verdict } from './verdict.js';

/**
 * What Splunk knows of an event beside the event.
 * @see https://help.splunk.com/en/splunk-enterprise/get-data-in/collect-http-event-data/format-events-for-http-event-collector
 */
export interface SplunkHecOptions {
  /** Name of the index. Default: that of the token. */
  readonly index: string;
  /** Where events come from. Default: that of the token. */
  readonly source: string;
  /** What kind of data they are. Default: that of the token. */
  readonly sourcetype: string;
  /** Default: the transport's `location`. */
  readonly host: string;
}

const name = orDefault(text('text'), '');
const options = z.strictObject({ index: name, source: name, sourcetype: name, host: name }, 'an object');

/** Splunk, on one's own machines or as a cloud. */
export const splunkHec = createFormat<SplunkHecOptions, typeof options>(
  {
    contentType: 'application/json',
    options,
    write: (event, { options: { index, source, sourcetype, host } }) => {
      const { id, time, ...rest } = event;
      return JSON.stringify({
        time: Date.parse(time) / 1000,
        host: host || event.location,
        source: source || undefined,
        sourcetype: sourcetype || undefined,
        index: index || undefined,
        event: { id, ...rest },
      });
    },
    frame: { open: '', separator: '\n', close: '' },
  },
  {
    bareBytes: 1024,
    // What Splunk Cloud takes in one request; max_content_length of one's own Splunk is much larger.
    limits: () => ({ bodyBytes: 1_000_000 }),
    idIn: (written) => JSON.parse(written).event.id,
    judge: { reads: (status) => status === 400, judge },
  },
);

/**
 * Splunk reads a body from its beginning, and stops at the first event that it does not take.
 * @see https://help.splunk.com/en/splunk-enterprise/get-data-in/collect-http-event-data/troubleshoot-http-event-collector
 */
function judge(_status: number, body: string, count: number): Verdict | undefined {
  const answer = parse(body);
  const index = answer['invalid-event-number'];
  if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= count) return undefined;
  const message = `${String(answer.text ?? 'refused')} (code ${String(answer.code)})`;
  return { kind: 'named', refused: [{ index, retryable: false, message }], unreadFrom: index + 1 };
}

function parse(body: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(body) as Readonly<Record<string, unknown>> | null) ?? {};
  } catch {
    return {};
  }
}
