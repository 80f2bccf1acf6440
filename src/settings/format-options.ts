/** The keys of `format_options`, for each event format. */

import { z } from 'zod';
import type { EventFormat, FormatOptionsOf } from '../model/event-format.js';
import { orDefault, text } from './keys.js';

/** Part of a CRN, where colons and slashes separate the parts. */
const crnPart = text(
  'text without `:`, `/` and control characters',
  (value) => value !== '' && !/[:/\p{Cc}]/u.test(value),
);

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

/** What each format takes as its options. No schema has a default of its own but for keys that are optional. */
export const formatOptions = {
  'migration-manager': z.strictObject({}, 'an object'),
  lxd: z.strictObject({}, 'an object'),
  'ibm-resource-lifecycle': z.strictObject(
    { account_id: crnPart, region_id: crnPart, service: crnPart },
    'an object',
  ),
  cloudevents: z.strictObject(
    {
      source,
      type_prefix: typePrefix,
      extensions: orDefault(z.record(extensionName, extension, 'an object'), {}),
    },
    'an object',
  ),
} satisfies { readonly [Format in EventFormat]: z.ZodType<FormatOptionsOf[Format]> };

/** Options of a format as they are written down. */
export type FormatOptionsInput =
  | Readonly<Record<string, never>>
  | FormatOptionsOf['ibm-resource-lifecycle']
  | (Omit<FormatOptionsOf['cloudevents'], 'extensions'> &
      Partial<Pick<FormatOptionsOf['cloudevents'], 'extensions'>>);
