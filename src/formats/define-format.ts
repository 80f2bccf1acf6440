/** The door by which the formats of users come in: what is wrong with one is told when it is defined. */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import { describe } from '../model/describe.js';
import { createFormat, type FormatDefinition, FRAME, isFrame, isHeader } from './create-format.js';
import type { Format } from './format.js';

/** A format made by `defineFormat`. */
export type DefinedFormat = Format;

const defined = new WeakSet<Format>();

/** Whether a value was made by `defineFormat`. */
export function isDefined(value: unknown): value is DefinedFormat {
  return defined.has(value as Format);
}

/**
 * A format of one's own, for the option `formats` of a transport and of a `SettingsStore`.
 * @throws TypeError that names what of the definition is wrong
 */
export function defineFormat<Options extends object = Readonly<Record<string, never>>>(
  definition: FormatDefinition<Options>,
): DefinedFormat {
  checkDefinition(definition);
  const format: Format = createFormat(definition);
  defined.add(format);
  return format;
}

const keys: Readonly<Record<keyof FormatDefinition, (value: unknown) => boolean>> = {
  contentType: (value) => typeof value === 'string' && isHeader('content-type', value),
  write: isFunction,
  frame: (value) => isFunction(value) || isFrame(value),
  options: (value) => value === undefined || isStandardSchema(value),
  headers: (value) => value === undefined || isFunction(value),
  refused: (value) => value === undefined || isFunction(value),
};

const expectations: Readonly<Record<keyof FormatDefinition, string>> = {
  contentType: 'text that a header can hold',
  write: 'a function',
  frame: `${FRAME}, or a function that returns them`,
  options: 'a Standard Schema',
  headers: 'a function',
  refused: 'a function',
};

function checkDefinition(definition: unknown): void {
  if (typeof definition !== 'object' || definition === null) {
    throw new TypeError(`Expected the definition of a format to be an object, got ${describe(definition)}`);
  }
  const unknown = Object.keys(definition).find((key) => !Object.hasOwn(keys, key));
  if (unknown !== undefined) throw new TypeError(`\`${unknown}\` is not a key of a format's definition`);
  for (const key of Object.keys(keys) as (keyof FormatDefinition)[]) {
    const value = (definition as Partial<FormatDefinition>)[key];
    if (keys[key](value)) continue;
    throw new TypeError(`Expected \`${key}\` of a format to be ${expectations[key]}, got ${describe(value)}`);
  }
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

function isStandardSchema(value: unknown): boolean {
  return isFunction((value as Partial<StandardSchemaV1> | null)?.['~standard']?.validate);
}
