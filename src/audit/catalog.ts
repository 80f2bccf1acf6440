/** What a catalog makes of `lifecycle()`: its typing, and what it refuses. */

import type { ActionOf, Catalog, CatalogAction, ContextOf, RequiredFieldOf } from '../model/catalog.js';
import type { LifecycleEvent } from '../model/event.js';
import type { Receipt } from '../targets/dispatcher.js';
import type { Lifecycle, LifecycleDetails } from './lifecycle.js';

/** Recorded by this package itself: part of every catalog. */
const ownActions = [
  'system-settings-modified',
  'log-target-dead-letters-read',
  'log-target-dead-letters-replayed',
  'log-target-dead-letters-discarded',
  'log-target-down',
  'log-target-recovered',
  'log-target-disabled',
  'log-target-dropping',
] as const;

/**
 * `lifecycle()` with the actions of a catalog. One that does not say which there are has them all.
 * @throws TypeError when the action is not in the catalog, a field of its context is missing or has another value than
 * the catalog allows, or something has a wrong type
 */
export type LifecycleOf<C extends Catalog> =
  string extends ActionOf<C>
    ? Lifecycle
    : <Action extends ActionOf<C> | (typeof ownActions)[number]>(
        action: Action,
        ...details: ArgumentsOf<C['actions'][Action]>
      ) => Promise<Receipt>;

/** Details can be left out where none of them is required. */
type ArgumentsOf<Action> = Action extends CatalogAction
  ? HasRequired<Action> extends true
    ? [details: DetailsOf<Action>]
    : [details?: DetailsOf<Action>]
  : [details?: LifecycleDetails];

/** The particulars of one action: those of every lifecycle event, with what the action asks for. */
export type DetailsOf<Action extends CatalogAction> = Omit<LifecycleDetails, 'context' | 'entities'> &
  (NamesEntities<Action> extends true
    ? Required<Pick<LifecycleDetails, 'entities'>>
    : Pick<LifecycleDetails, 'entities'>) &
  (HasRequiredContext<Action> extends true
    ? {
        /** The fields that the action asks for, and whatever else is put beside them. */
        readonly context: ContextOf<Action>;
      }
    : {
        /** The fields that the action knows, and whatever else is put beside them. Default: none. */
        readonly context?: ContextOf<Action>;
      });

type HasRequired<Action extends CatalogAction> = true extends
  | NamesEntities<Action>
  | HasRequiredContext<Action>
  ? true
  : false;

type NamesEntities<Action extends CatalogAction> = Action extends {
  readonly entities: readonly [string, ...string[]];
}
  ? true
  : false;

type HasRequiredContext<Action extends CatalogAction> = [RequiredFieldOf<Action>] extends [never]
  ? false
  : true;

/**
 * Refuses what is not in the catalog. That an event names no entities is left to the typing: it is better recorded
 * than not.
 * @throws TypeError that names action, catalog and field
 */
export function checkAgainstCatalog({ name, actions }: Catalog, { action, context }: LifecycleEvent): void {
  const entry = Object.hasOwn(actions, action) ? actions[action] : undefined;
  if (entry === undefined) {
    if (ownActions.some((own) => own === action)) return;
    throw new TypeError(`\`${action.slice(0, 80)}\` is not an action of the catalog \`${name}\``);
  }
  for (const [field, about] of Object.entries(entry.context ?? {})) {
    const { values, optional = false } = typeof about === 'string' ? {} : about;
    const value = context !== undefined && Object.hasOwn(context, field) ? context[field] : undefined;
    if (value === undefined) {
      if (optional) continue;
      throw new TypeError(`\`${action}\` of the catalog \`${name}\` needs \`context.${field}\``);
    }
    if (values !== undefined && !values.includes(value)) {
      const expected = values.map((each) => `\`${each}\``).join(' or ');
      throw new TypeError(
        `Expected \`context.${field}\` of \`${action}\` to be ${expected}, got \`${value.slice(0, 80)}\``,
      );
    }
  }
}
