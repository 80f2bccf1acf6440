/**
 * Elasticsearch's bulk API, which OpenSearch has as well. Each event is created under its own id: sent a second
 * time, it is there already, which is told as a conflict.
 * @see https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk
 */

import { z } from 'zod';
import { isObject } from '../model/json.js';
import { orDefault, text } from '../model/keys.js';
import { createFormat } from './create-format.js';
import { ecsOf } from './ecs.js';
import type { RefusedEvent } from './verdict.js';

/**
 * Where documents go, and in what shape.
 * @see https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk
 */
export interface ElasticsearchOptions {
  /** Index or data stream. Default: that of the address. */
  readonly index: string;
  /** Whether documents have the fields of the Elastic Common Schema. Default: true; otherwise those of the event. */
  readonly ecs: boolean;
}

/** @see https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-indices-create */
const index = text(
  'the name of an index or a data stream: lower-case, at most 255 bytes, without any of \\ / * ? " < > | , # : and white space',
  (value) =>
    value === value.toLowerCase() &&
    Buffer.byteLength(value) <= 255 &&
    !/^[-_+]|^\.{1,2}$|[\\/*?"<>|,#:\s]/.test(value),
);

const options = z.strictObject(
  { index: orDefault(index, ''), ecs: orDefault(z.boolean('true or false'), true) },
  'an object',
);

/** Elasticsearch and OpenSearch. */
export const elasticsearch = createFormat<ElasticsearchOptions, typeof options>(
  {
    contentType: 'application/x-ndjson',
    options,
    write: (event, { options: { index: _index, ecs } }) => {
      const { time, ...rest } = event;
      const action = { create: { ...(_index !== '' && { _index }), _id: event.id } };
      const document = ecs ? ecsOf(event) : { '@timestamp': time, ...rest };
      return `${JSON.stringify(action)}\n${JSON.stringify(document)}`;
    },
    frame: { open: '', separator: '\n', close: '\n' },
    refused,
  },
  {
    bareBytes: 1024,
    // The answer has up to a kilobyte for each event, and 1 MiB of it is read. OpenSearch as a service takes 10 MiB
    // in a request where its machines are small.
    limits: () => ({ events: 1000, bodyBytes: 10 * 2 ** 20 }),
    idIn: (written) => JSON.parse(written.slice(0, written.indexOf('\n'))).create._id,
  },
);

const CONFLICT = 409;

/** @throws Error when the answer is not that of a bulk request */
function refused(_status: number, body: string, count: number): RefusedEvent[] {
  const { errors, items } = parse(body);
  if (errors === false) return [];
  if (errors !== true || !Array.isArray(items)) throw new Error('its answer is not that of a bulk request');
  if (items.length !== count) throw new Error(`it tells of ${items.length} of ${count} events`);
  return items.flatMap((item: unknown, place) => {
    const [result] = isObject(item) ? Object.values(item) : [];
    const { status, error } = isObject(result) ? result : {};
    if (typeof status !== 'number') throw new Error(`it does not tell what became of event ${place}`);
    if (status < 300 || status === CONFLICT) return [];
    const retryable = status === 429 || status >= 500;
    return [{ index: place, retryable, message: messageOf(error), status }];
  });
}

function messageOf(error: unknown): string {
  if (!isObject(error)) return String(error ?? '');
  return [error.type, error.reason].filter((part) => typeof part === 'string').join(': ');
}

function parse(body: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body);
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}
