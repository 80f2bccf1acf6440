/** How a body says what it is. */

import type { Batch } from '../queue/batch.js';

/**
 * `content-type` of a batch, whose events are all of one format. CloudEvents' own library does not know the type of a
 * single one with a character set behind it, which JSON does not need either.
 */
export function contentTypeOf({ format, events }: Batch): string {
  if (format === 'ndjson') return 'application/x-ndjson';
  if (events[0]?.format !== 'cloudevents') return 'application/json';
  return format === 'array'
    ? 'application/cloudevents-batch+json; charset=UTF-8'
    : 'application/cloudevents+json';
}
