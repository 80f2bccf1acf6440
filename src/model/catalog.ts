/** Catalogs of lifecycle actions: their shape, and what TypeScript makes of it. */

import { isObject } from './json.js';

/** A field that the context of an action has. */
export interface ContextField {
  /** What it says, for people. */
  readonly description: string;
  /** The texts that it can be. Default: any. */
  readonly values?: readonly string[];
  /** `json`: any value, written down as JSON. Default: `text`. */
  readonly type?: 'text' | 'json';
  /** Whether it can be left out. Default: false. */
  readonly optional?: boolean;
}

/** An action that can be recorded. */
export interface CatalogAction {
  /** What was done, for people. */
  readonly description: string;
  /** Kinds of entities that it names, at least one of each event. Default: not said. */
  readonly entities?: readonly string[];
  /** Fields of its context, by name; a text is the description of a required one. Others are allowed beside them. */
  readonly context?: Readonly<Record<string, ContextField | string>>;
}

/** The actions that a service records, by name. */
export interface Catalog {
  /** For the messages of errors. */
  readonly name: string;
  /** Every action, by name. */
  readonly actions: Readonly<Record<string, CatalogAction>>;
}

/** Names of the actions of a catalog. */
export type ActionOf<C extends Catalog> = keyof C['actions'] & string;

/** The context that an action asks for, beside whatever else is put in it. */
export type ContextOf<Action extends CatalogAction> = {
  readonly [Field in RequiredFieldOf<Action>]: ValueOf<FieldsOf<Action>[Field]>;
} & {
  readonly [Field in Exclude<keyof FieldsOf<Action>, RequiredFieldOf<Action>>]?: ValueOf<
    FieldsOf<Action>[Field]
  >;
} & Readonly<Record<string, unknown>>;

/** Names of the fields that cannot be left out. */
export type RequiredFieldOf<Action extends CatalogAction> = {
  [Field in keyof FieldsOf<Action>]: FieldsOf<Action>[Field] extends { readonly optional: true }
    ? never
    : Field;
}[keyof FieldsOf<Action>];

type FieldsOf<Action extends CatalogAction> = Action extends {
  readonly context: infer Fields extends Readonly<Record<string, ContextField | string>>;
}
  ? Fields
  : Readonly<Record<never, never>>;

type ValueOf<Field> = Field extends { readonly values: readonly (infer Value)[] }
  ? Value
  : Field extends { readonly type: 'json' }
    ? unknown
    : string;

/** @throws TypeError that names what is wrong, when `catalog` has not the shape of a catalog */
export function checkCatalog(catalog: Catalog): void {
  const { name, actions } = asObject('catalog', catalog);
  if (typeof name !== 'string' || name === '') throw new TypeError('Expected `catalog.name` to be text');
  for (const [action, given] of Object.entries(asObject('catalog.actions', actions))) {
    const path = `catalog.actions.${action}`;
    const { description, entities = [], context = {} } = asObject(path, given);
    if (typeof description !== 'string') throw new TypeError(`Expected \`${path}.description\` to be text`);
    if (!isListOfTexts(entities)) throw new TypeError(`Expected \`${path}.entities\` to be a list of texts`);
    for (const [field, about] of Object.entries(asObject(`${path}.context`, context))) {
      if (typeof about === 'string') continue;
      const { values = [] } = asObject(`${path}.context.${field}`, about);
      if (!isListOfTexts(values)) {
        throw new TypeError(`Expected \`${path}.context.${field}.values\` to be a list of texts`);
      }
    }
  }
}

function asObject(path: string, value: unknown): Readonly<Record<string, unknown>> {
  if (isObject(value)) return value;
  throw new TypeError(`Expected \`${path}\` to be an object`);
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
