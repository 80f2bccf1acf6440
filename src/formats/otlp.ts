/**
 * OpenTelemetry's protocol: log records in JSON, over HTTP.
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/logs/v1/logs.proto
 */

import { z } from 'zod';
import type { JsonValue } from '../model/json.js';
import { isJsonValue, MAX_LEVELS } from '../model/json-value.js';
import { orDefault, text } from '../model/keys.js';
import type { Level } from '../model/level.js';
import { createFormat } from './create-format.js';
import { attributeList, attributesOf, bodyOf, eventNameOf, idOfRecord, traceOf } from './otlp-record.js';
import type { Verdict } from './verdict.js';

/**
 * Who tells of things, in OpenTelemetry's terms.
 * @see https://opentelemetry.io/docs/specs/otel/logs/data-model/
 */
export interface OtlpOptions {
  /** Attributes of the resource: `service.name`, and more. */
  readonly resource: Readonly<Record<string, JsonValue>>;
  /** Name and version of the part of it that logs. Default: this package's name. */
  readonly scope: OtlpScope;
}

/** What logs within a service. */
export interface OtlpScope {
  /** Its name, not empty. */
  readonly name: string;
  /** Its version. Default: `""`. */
  readonly version: string;
}

const VALUE = `text, a number, \`true\`, \`false\`, or a list or an object of these, at most ${MAX_LEVELS} levels deep`;

const attribute = z
  .unknown()
  .refine(isJsonValue, VALUE)
  .meta({ description: VALUE }) as unknown as z.ZodType<JsonValue>;

const DEFAULT_SCOPE: OtlpScope = { name: 'winston-log-targets', version: '' };
const scopeName = text('a name', (name) => name !== '');

const options = z.strictObject(
  {
    resource: z
      .object({ 'service.name': text('the name of the service', (name) => name !== '') }, 'an object')
      .catchall(attribute),
    scope: orDefault(
      z.strictObject({ name: scopeName, version: orDefault(text('a version'), '') }, 'an object with `name`'),
      DEFAULT_SCOPE,
    ),
  },
  'an object',
);

/** @see https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber */
const severityNumbers: Readonly<Record<Level, number>> = { DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17 };

/** Collectors, and whoever takes OTLP. */
export const otlp = createFormat<OtlpOptions, typeof options>(
  {
    contentType: 'application/json',
    options,
    write: (event) => {
      const nanoseconds = `${Date.parse(event.time)}000000`;
      const level = event.type === 'logging' ? event.level : 'INFO';
      const trace = traceOf(event);
      return JSON.stringify({
        timeUnixNano: nanoseconds,
        observedTimeUnixNano: nanoseconds,
        severityNumber: severityNumbers[level],
        severityText: level,
        eventName: eventNameOf(event),
        body: { stringValue: bodyOf(event) },
        attributes: attributesOf(event, trace),
        ...trace,
      });
    },
    frame: ({ resource = {}, scope = DEFAULT_SCOPE }: Partial<OtlpOptions>) => {
      const attributes = JSON.stringify(attributeList(Object.entries(resource)));
      return {
        open: `{"resourceLogs":[{"resource":{"attributes":${attributes}},"scopeLogs":[{"scope":${JSON.stringify(scope)},"logRecords":[`,
        separator: ',',
        close: ']}]}]}',
      };
    },
  },
  {
    bodyFormats: ['array', 'single'],
    bareBytes: 1536,
    // max_request_body_size of the collector's HTTP server is 20 MiB.
    limits: () => ({ bodyBytes: 20 * 2 ** 20 }),
    // In the attributes of the event, where nobody else puts one.
    idIn: idOfRecord,
    judge: { reads: (status) => status >= 200 && status < 300, judge },
  },
);

/**
 * Events may be refused in a 200: how many, but not which, and they must not be sent again. With none refused, the
 * message is a warning.
 * @see https://opentelemetry.io/docs/specs/otlp/#partial-success-1
 */
function judge(_status: number, body: string): Verdict | undefined {
  const { partialSuccess } = parse(body);
  const { rejectedLogRecords = 0, errorMessage = '' } = partialSuccess ?? {};
  // 64 bits are text in protobuf's JSON.
  const events = Number(rejectedLogRecords);
  const message = String(errorMessage);
  if (events > 0) return { kind: 'counted', events, message };
  return message === '' ? undefined : { kind: 'named', refused: [], warning: message };
}

interface ExportResponse {
  readonly partialSuccess?: { readonly rejectedLogRecords?: unknown; readonly errorMessage?: unknown } | null;
}

/** Some receivers answer with nothing at all. */
function parse(body: string): ExportResponse {
  try {
    return (JSON.parse(body) as ExportResponse | null) ?? {};
  } catch {
    return {};
  }
}
