/** The schema of the settings as JSON Schema, for editors and other languages. Written to a file by the build. */

import { z } from 'zod';
import { carriedTypes, type EventFormat, eventFormats } from '../model/event-format.js';
import { formatOptions } from './format-options.js';
import { defaults, emptyValues } from './keys.js';
import { defaultTarget, logTargetSchema, systemSettingsSchema } from './schema.js';

/**
 * JSON Schema (draft 2020-12) of the settings as they are written down. It knows types, ranges and choices; what
 * only code can check (PEM, durations, header names) is told in descriptions.
 */
export function settingsJsonSchema(): object {
  return {
    $id: 'https://unpkg.com/winston-log-targets/dist/settings.schema.json',
    title: 'Settings of winston-log-targets',
    ...toJsonSchema(systemSettingsSchema),
  };
}

function toJsonSchema(schema: z.ZodType): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema instanceof z.ZodObject) {
        const { shape } = zodSchema;
        if (zodSchema === systemSettingsSchema) {
          jsonSchema.properties = { $schema: { type: 'string' }, ...jsonSchema.properties };
        }
        jsonSchema.required = Object.keys(shape).filter((key) => !defaults.has(shape[key]));
        if (zodSchema === logTargetSchema) Object.assign(jsonSchema, { allOf: eventFormats.map(formatRule) });
      }
      const optional = defaults.get(zodSchema);
      if (optional === undefined) return;
      const { $schema: _, ...inner } = toJsonSchema(optional.schema);
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema];
      Object.assign(jsonSchema, { anyOf: [inner, { enum: emptyValues }], default: optional.value });
    },
  });
}

/** What a target of a format must keep to beside what holds for all. */
function formatRule(format: EventFormat): object {
  const { $schema: _, ...options } = toJsonSchema(formatOptions[format]);
  const isDefault = format === defaultTarget.event_format;
  const orEmpty = (schema: object) => ({ anyOf: [schema, { enum: emptyValues }] });
  return {
    if: {
      properties: { event_format: isDefault ? orEmpty({ const: format }) : { const: format } },
      ...(!isDefault && { required: ['event_format'] }),
    },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: {
      properties: {
        format_options: options.required?.length ? options : orEmpty(options),
        scopes: orEmpty({ items: { enum: carriedTypes[format] } }),
        ...(format === 'cloudevents' && { body_format: { not: { const: 'ndjson' } } }),
      },
      ...(options.required?.length && { required: ['format_options'] }),
    },
  };
}
