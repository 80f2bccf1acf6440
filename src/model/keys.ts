/** How keys of the settings are described to the schema: what they take, and what stands for their default. */

import { validateHeaderValue } from 'node:http';
import { z } from 'zod';

/**
 * Missing keys, `null`, `""`, `0` and `[]` mean the default, as in Migration Manager, whose command line sends
 * every field.
 */
export function orDefault<Schema extends z.ZodType>(schema: Schema, value: z.output<Schema>) {
  const withDefault = z.preprocess((given) => (isEmpty(given) ? value : given), schema);
  defaults.set(withDefault, { schema, value });
  return withDefault as unknown as z.ZodDefault<Schema>;
}

/** What each optional key takes beside the empty values, and which value those stand for. */
export const defaults = new WeakMap<
  z.core.$ZodType,
  { readonly schema: z.ZodType; readonly value: unknown }
>();

/** Text that can be the value of a header. */
export const headerText = text('text that a header can hold', (value) => {
  try {
    validateHeaderValue('x', value);
    return true;
  } catch {
    return false;
  }
});

/** What stands for the default of a key. */
export const emptyValues = [null, '', 0, []] as const;

/** Whether a value stands for the default of its key. */
export function isEmpty(given: unknown): boolean {
  return given === undefined || given === null || given === '' || given === 0 || isEmptyList(given);
}

function isEmptyList(given: unknown): boolean {
  return Array.isArray(given) && given.length === 0;
}

/**
 * A schema whose every failure reads as `expectation`: "Expected `key` to be <expectation>, got ...". Half of a
 * surrogate pair is no text: a file could not hold it.
 */
export function text(expectation: string, accepts: (value: string) => boolean = () => true) {
  return z
    .string(expectation)
    .refine((value) => value.isWellFormed() && accepts(value), expectation)
    .meta({ description: expectation });
}
