/** The schema of the settings as JSON Schema, for editors and other languages. Written to a file by the build. */

import { z } from 'zod';
import { defaults, emptyValues, systemSettingsSchema } from './schema.js';

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
      }
      const optional = defaults.get(zodSchema);
      if (optional === undefined) return;
      const { $schema: _, ...inner } = toJsonSchema(optional.schema);
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema];
      Object.assign(jsonSchema, { anyOf: [inner, { enum: emptyValues }], default: optional.value });
    },
  });
}
