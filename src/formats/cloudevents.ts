/**
 * CloudEvents 1.0 in JSON.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */

import { z } from 'zod';
import { contextOf, type Event } from '../model/event.js';
import { idOf } from '../model/event-id.js';
import { orDefault, text } from '../model/keys.js';
import { type BodyFormat, type Envelope, jsonEnvelopes } from './envelope.js';
import { allTypes, type BuiltInFormat, type Encode, writeText } from './format.js';

/**
 * What CloudEvents say about where they come from.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#context-attributes
 */
export interface CloudEventsOptions {
  /** The `source` attribute: a URI reference. */
  readonly source: string;
  /** Reverse DNS name with which the `type` attribute begins: `com.example`. */
  readonly type_prefix: string;
  /** Extension attributes, the same for each event: text, booleans, integers of 32 bits. Default: none. */
  readonly extensions: CloudEventsExtensions;
}

/** Extension attributes by name: 1 to 20 lower-case letters and digits. */
export type CloudEventsExtensions = Readonly<Record<string, string | boolean | number>>;

/** @see https://www.rfc-editor.org/rfc/rfc3986#appendix-A */
const uriReference = (() => {
  const character = "[\\w.~!$&'()*+,;=@-]|%[\\dA-Fa-f]{2}";
  const authority = `\\/\\/(?:(?:${character}|:)*|\\[[\\dA-Fa-f:.]+\\](?::\\d*)?)(?=[/?#]|$)`;
  const path = `(?:${character}|[:/])*`;
  const relativePath = `(?:${character})*(?:\\/${path})?`;
  const tail = `(?:\\?(?:${character}|[:/?])*)?(?:#(?:${character}|[:/?])*)?`;
  return new RegExp(
    `^(?:[A-Za-z][A-Za-z\\d+.-]*:(?:${authority})?${path}|${authority}${path}|${relativePath})${tail}$`,
  );
})();

const source = text(
  'a URI reference, such as `https://example.com/service` or `/service`',
  (value) => value !== '' && uriReference.test(value),
);

const typePrefix = text('a reverse DNS name such as `com.example`', (value) =>
  /^[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/i.test(value),
);

/** Names of attributes that are the event's own, or its data. */
const coreAttributes: ReadonlySet<string> = new Set([
  'specversion',
  'id',
  'source',
  'type',
  'subject',
  'time',
  'datacontenttype',
  'dataschema',
  'data',
]);

const extensionName = text(
  '1 to 20 lower-case letters and digits, and no attribute that CloudEvents have anyway',
  (value) => /^[a-z\d]{1,20}$/.test(value) && !coreAttributes.has(value),
);

const EXTENSION = 'text without control characters, `true`, `false` or an integer of 32 bits';

const extension = z.union(
  [
    text(EXTENSION, (value) => value !== '' && !/[\p{Cc}\p{Noncharacter_Code_Point}]/u.test(value)),
    z.boolean(),
    z.int32(),
  ],
  EXTENSION,
);

const options = z.strictObject(
  {
    source,
    type_prefix: typePrefix,
    extensions: orDefault(z.record(extensionName, extension, 'an object').transform(inOrder), {}),
  },
  'an object',
);

/**
 * IBM Event Notifications takes 64 KB a notification. Whether that is 64,000 or 65,536 bytes is not said: what
 * keeps to the first keeps to both.
 */
const EVENT_NOTIFICATIONS_BYTES = 64_000;

/** CloudEvents. Lines of them are no content mode that the specification knows. */
export const cloudEvents = {
  types: allTypes,
  bodyFormats: ['array', 'single'],
  options,
  bareBytes: 1024,
  createWriter: (given) => writeText(createCloudEventsEncoder(given)),
  createEnvelope,
  limits: (given) => (isForEventNotifications(given) ? { bodyBytes: EVENT_NOTIFICATIONS_BYTES } : {}),
  idIn: (written) => JSON.parse(written).id,
} satisfies BuiltInFormat<CloudEventsOptions>;

/** Their own library does not know the type of a single one with a character set behind it, which JSON does not need either. */
function createEnvelope(bodyFormat: BodyFormat): Envelope {
  const contentType =
    bodyFormat === 'single'
      ? 'application/cloudevents+json'
      : 'application/cloudevents-batch+json; charset=UTF-8';
  return { ...jsonEnvelopes[bodyFormat], contentType };
}

/** Extension attributes in one order, so that the same ones are written down once. */
function inOrder(extensions: CloudEventsExtensions): CloudEventsExtensions {
  return Object.fromEntries(Object.entries(extensions).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The encoder for one `source`. What is the same for all its events is written down once. */
function createCloudEventsEncoder({ source, type_prefix, extensions }: CloudEventsOptions): Encode {
  const extensionMembers = Object.entries(extensions).map(
    ([name, value]) => `,"${name}":${JSON.stringify(value)}`,
  );
  const afterId = `","source":${JSON.stringify(source)},"type":`;
  const beforeData = `,"datacontenttype":"application/json"${extensionMembers.join('')},"data":`;
  return (event) => {
    const subject = subjectOf(event);
    return (
      `{"specversion":"1.0","id":"${idOf(event)}${afterId}${attribute(`${type_prefix}.${typeOf(event)}`)}` +
      `${subject ? `,"subject":${attribute(subject)}` : ''},"time":"${event.time}"` +
      `${beforeData}${JSON.stringify(dataOf(event))}}`
    );
  };
}

/** Whether extension attributes of IBM Event Notifications are among the options. */
function isForEventNotifications({ extensions }: CloudEventsOptions): boolean {
  return Object.keys(extensions).some((name) => name.startsWith('ibmen'));
}

function typeOf(event: Event): string {
  return event.type === 'lifecycle' ? `lifecycle.${event.action}` : event.type;
}

function subjectOf(event: Event): string | undefined {
  switch (event.type) {
    case 'logging':
      return undefined;
    case 'lifecycle':
      return event.entities[0];
    case 'operation':
      return `/1.0/operations/${event.operation.id}`;
  }
}

/** All that the event has beside what the attributes tell. */
function dataOf(event: Event): object {
  switch (event.type) {
    case 'logging': {
      const { message, level, location } = event;
      return { message, level, context: contextOf(event), location };
    }
    case 'lifecycle': {
      const { action, entities, requestor, metadata, context, name, project, outcome, message, location } =
        event;
      return {
        action,
        entities,
        requestor,
        metadata,
        context,
        name,
        project,
        outcome,
        message,
        location,
      };
    }
    case 'operation':
      return { ...event.operation, project: event.project };
  }
}

/** Attributes hold no control characters, surrogates or noncharacters; data may. */
function attribute(text: string): string {
  return JSON.stringify(text.replace(/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/gu, '\uFFFD'));
}
