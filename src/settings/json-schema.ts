/** The schema of the settings as JSON Schema, for editors and other languages. Written to a file by the build. */

import { z } from 'zod';
import { bodyFormats } from '../formats/envelope.js';
import type { BuiltInFormat } from '../formats/format.js';
import { builtInFormats } from '../formats/table.js';
import { defaults, emptyValues } from '../model/keys.js';
import { settingsDescriptions, targetDescriptions } from './descriptions.js';
import {
  defaultSettings,
  defaultTarget,
  eventFormat,
  logTargetSchema,
  systemSettingsSchema,
} from './schema.js';

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
        describe(zodSchema, jsonSchema);
        jsonSchema.required = Object.keys(shape).filter((key) => !defaults.has(shape[key]));
        if (zodSchema === logTargetSchema) {
          Object.assign(jsonSchema, { allOf: [...builtInFormats].map(formatRule) });
        }
      }
      if ((zodSchema as z.core.$ZodType) === eventFormat) jsonSchema.enum = [...builtInFormats.keys()];
      const optional = defaults.get(zodSchema);
      if (optional === undefined) return;
      const { $schema: _, ...inner } = toJsonSchema(optional.schema);
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema];
      Object.assign(jsonSchema, { anyOf: [inner, { enum: emptyValues }], default: optional.value });
    },
  });
}

/** Says of each key what it does, and its default. */
function describe(zodSchema: z.ZodType, { properties = {} }: z.core.JSONSchema.BaseSchema): void {
  if (zodSchema === systemSettingsSchema) describeKeys(properties, settingsDescriptions, defaultSettings);
  if (zodSchema === logTargetSchema) describeKeys(properties, targetDescriptions, defaultTarget);
}

function describeKeys(
  properties: Readonly<Record<string, unknown>>,
  descriptions: Readonly<Record<string, string>>,
  values: Readonly<Record<string, unknown>>,
): void {
  for (const [key, description] of Object.entries(descriptions)) {
    const value = values[key];
    const shown = typeof value === 'string' && value !== '' ? value : JSON.stringify(value);
    const text = value === undefined ? description : `${description} Default: \`${shown}\`.`;
    Object.assign(properties[key] ?? {}, { description: text });
  }
}

/** What a target of a format must keep to beside what holds for all. */
function formatRule([name, format]: [string, BuiltInFormat]): object {
  const { $schema: _, ...options } = toJsonSchema(format.options);
  const isDefault = name === defaultTarget.event_format;
  const unknownBodies = bodyFormats.filter((each) => !format.bodyFormats.includes(each));
  const orEmpty = (schema: object) => ({ anyOf: [schema, { enum: emptyValues }] });
  return {
    if: {
      properties: { event_format: isDefault ? orEmpty({ const: name }) : { const: name } },
      ...(!isDefault && { required: ['event_format'] }),
    },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: {
      properties: {
        format_options: options.required?.length ? options : orEmpty(options),
        scopes: orEmpty({ items: { enum: format.types } }),
        ...(unknownBodies.length > 0 && { body_format: { not: { enum: unknownBodies } } }),
      },
      ...(options.required?.length && { required: ['format_options'] }),
    },
  };
}
