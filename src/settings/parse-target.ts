/** Reads a log target quickly: what is not given costs nothing, and of a thousand targets most is not. */

import { z } from 'zod';
import { defaults, isEmpty } from '../model/keys.js';
import { defaultTarget, type LogTargetSettings, logTargetSchema } from './schema.js';

const schemas: Readonly<Record<string, z.ZodType>> = logTargetSchema.shape;

/** What each key takes beside what stands for its default. */
const givenSchema = z.strictObject(
  Object.fromEntries(
    Object.entries(schemas).map(([key, schema]) => [key, defaults.get(schema)?.schema.optional() ?? schema]),
  ),
  'an object',
);

/** All keys in their order, with defaults that no target can change for the others. */
const standard: object = Object.fromEntries(
  Object.keys(schemas).map((key) => {
    const value: unknown = defaultTarget[key as keyof typeof defaultTarget];
    return [key, typeof value === 'object' ? Object.freeze(value) : value];
  }),
);

/** As `logTargetSchema.safeParse`, which asks each key for its default. */
export function parseTarget(target: unknown): z.ZodSafeParseResult<LogTargetSettings> {
  if (!isPlain(target)) return logTargetSchema.safeParse(target);
  const given = Object.fromEntries(Object.entries(target).filter(([key, value]) => !isLeftOut(key, value)));
  const result = givenSchema.safeParse(given);
  if (!result.success) return result as z.ZodSafeParseError<never>;
  return { success: true, data: { ...standard, ...result.data } as LogTargetSettings };
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isLeftOut(key: string, value: unknown): boolean {
  const schema = Object.hasOwn(schemas, key) ? schemas[key] : undefined;
  return schema !== undefined && isEmpty(value) && (value === undefined || defaults.has(schema));
}
