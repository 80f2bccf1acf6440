/** Reads the JSON Schema of the settings as a list of fields for a form. */

import type { Settings } from './types.js';

/** What a stored secret reads as; written back, it keeps the secret. */
export const MASK = '********';

type Json = Readonly<Record<string, unknown>>;

type Kind =
  | 'text'
  | 'long'
  | 'secret'
  | 'long-secret'
  | 'secrets'
  | 'number'
  | 'switch'
  | 'choice'
  | 'choices'
  | 'lines'
  | 'map'
  | 'secret-map'
  | 'group'
  | 'json';

/** One key of the settings. */
export interface Field {
  readonly key: string;
  readonly kind: Kind;
  readonly isRequired: boolean;
  readonly standard: unknown;
  /** What it takes, in words. */
  readonly hint: string | undefined;
  readonly choices: readonly string[];
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** Of a group. */
  readonly fields: readonly Field[];
}

export interface SettingsSchema {
  /** Of the settings, without the targets. */
  readonly settings: readonly Field[];
  /** Of a target with this event format. */
  target(eventFormat: string): readonly Field[];
}

const secretKinds: Readonly<Record<string, Kind>> = {
  password: 'secret',
  bearer_token: 'secret',
  proxy_password: 'secret',
  client_key: 'long-secret',
  signing_secrets: 'secrets',
  headers: 'secret-map',
};

const longKeys: ReadonlySet<string> = new Set(['ca_cert', 'client_cert']);

export function parseSchema(root: Json): SettingsSchema {
  const target = at(core(at(root, 'properties', 'log_targets')), 'items');
  const settings = fieldsOf(root).filter(({ key }) => key !== 'log_targets' && key !== '$schema');
  return {
    settings,
    target: (eventFormat) => fieldsOf(target, optionsOf(target, eventFormat)),
  };
}

function fieldsOf(schema: Json, formatOptions?: Json): Field[] {
  const required = list(schema.required);
  return Object.entries(at(schema, 'properties')).flatMap(([key, given]) => {
    const outer = given as Json;
    const inner = key === 'format_options' && formatOptions ? formatOptions : core(outer);
    // Nothing to choose from, nothing to show.
    if (inner.type === 'object' && inner.additionalProperties === false && isBare(inner)) return [];
    const kind = kindOf(key, inner);
    return {
      key,
      kind,
      isRequired: required.includes(key),
      standard: outer.default,
      hint: hintOf(key, inner),
      choices: choicesOf(inner),
      min: numberOr(inner.minimum),
      max: numberOr(inner.maximum),
      fields: kind === 'group' ? fieldsOf(inner) : [],
    };
  });
}

/** What a key takes, without the empty values that stand for its default. */
function core(schema: Json): Json {
  const choices = schema.anyOf as readonly Json[] | undefined;
  return choices?.find((each) => !(Array.isArray(each.enum) && each.enum.includes(null))) ?? schema;
}

/** The options that a format has are told by a rule of their own. */
function optionsOf(target: Json, eventFormat: string): Json | undefined {
  const rules = (target.allOf ?? []) as readonly Json[];
  const rule = rules.find((each) => {
    const condition = at(each, 'if', 'properties', 'event_format');
    const all = [condition, ...((condition.anyOf ?? []) as readonly Json[])];
    return all.some((one) => one.const === eventFormat);
  });
  return rule && core(at(rule, 'then', 'properties', 'format_options'));
}

function kindOf(key: string, schema: Json): Kind {
  if (secretKinds[key]) return secretKinds[key];
  if (longKeys.has(key)) return 'long';
  if (choicesOf(schema).length > 0) return schema.type === 'array' ? 'choices' : 'choice';
  switch (schema.type) {
    case 'boolean':
      return 'switch';
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
      return 'text';
    case 'array':
      return 'lines';
    case 'object':
      if (!isBare(schema)) return 'group';
      return at(schema, 'additionalProperties').type === 'string' ? 'map' : 'json';
    default:
      return 'json';
  }
}

/** A text that takes any letter case tells its choices in words only. */
function choicesOf(schema: Json): readonly string[] {
  const values = schema.type === 'array' ? at(schema, 'items').enum : schema.enum;
  if (Array.isArray(values)) return values.filter((each) => typeof each === 'string' && each !== '');
  const told = typeof schema.description === 'string' && /^one of (`[^`]+`(, )?)+$/.test(schema.description);
  return told ? [...String(schema.description).matchAll(/`([^`]+)`/g)].map(([, choice]) => choice ?? '') : [];
}

function hintOf(key: string, schema: Json): string | undefined {
  const items = at(schema, 'items');
  const told = schema.description ?? items.description;
  if (secretKinds[key] && key !== 'headers') return undefined;
  if (typeof told === 'string') return choicesOf(schema).length > 0 ? undefined : told;
  const [min, max] = [numberOr(schema.minimum), numberOr(schema.maximum)];
  if (min === undefined) return undefined;
  return max === undefined || max >= Number.MAX_SAFE_INTEGER ? `at least ${min}` : `from ${min} to ${max}`;
}

function isBare(schema: Json): boolean {
  return Object.keys(at(schema, 'properties')).length === 0;
}

function numberOr(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function at(schema: unknown, ...keys: readonly string[]): Json {
  const found = keys.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Json)[key] : undefined),
    schema,
  );
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Json) : {};
}

/** The defaults of a new target. */
export function standardsOf(fields: readonly Field[]): Settings {
  return Object.fromEntries(fields.map(({ key, standard }) => [key, standard ?? '']));
}

/** How a key is called in a form: `retry_timeout` is "Retry timeout". */
export function labelOf(key: string): string {
  const words = key.replaceAll('_', ' ').replace(/\b(ca|tls|id|ecs)\b/g, (word) => word.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}
