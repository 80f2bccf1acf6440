/** What an operation is told when it begins, and what of it is wrong. */

import { isObject, type JsonValue, ownKeys, readProperty, setOwn, toJson } from '../model/json.js';
import { type OperationClass, operationClasses } from '../model/operation.js';
import { choiceOf, objectOf, refuseUnknown, textOf, textsOf, wrongType } from './arguments.js';

/** What is known of an operation when it begins. */
export interface OperationOptions {
  /** For people: what it does. */
  readonly description: string;
  /** Default: `task`. */
  readonly class?: OperationClass;
  /** URLs of what it is about, by kind; one text means a list of one. Default: none. */
  readonly resources?: Readonly<Record<string, string | readonly string[]>>;
  /** Anything, sent as JSON. Default: none. */
  readonly metadata?: object;
  /** Whether it can be cancelled, as `may_cancel` says. Default: whether there is an `onCancel`. `false`: `cancel()` does not, either. */
  readonly mayCancel?: boolean;
  /** Stops the work. The operation is cancelled when it returns, or its promise resolves; what it throws fails it. */
  readonly onCancel?: () => unknown;
  /** Default: none. */
  readonly project?: string;
  /** Name of the member on which it runs. Default: that of the transport, else `none`. */
  readonly location?: string;
}

/** Options with their defaults; texts and JSON as they will be sent. */
interface CheckedOptions {
  readonly description: string;
  readonly class: OperationClass;
  readonly resources: Readonly<Record<string, readonly string[]>>;
  readonly metadata: Readonly<Record<string, JsonValue>>;
  readonly mayCancel: boolean;
  /** Somebody said that it cannot be cancelled. */
  readonly isUncancellable: boolean;
  readonly onCancel: (() => unknown) | undefined;
  readonly project: string | undefined;
  readonly location: string | undefined;
}

/** @throws TypeError that names the option which is unknown or of a wrong type */
export function checkOptions(options: OperationOptions): CheckedOptions {
  objectOf('options', options);
  const { description, resources, metadata, mayCancel, onCancel, project, location, ...others } = options;
  const { class: operationClass, ...rest } = others;
  refuseUnknown(rest, 'an option of an operation');
  if (typeof description !== 'string' || description === '') {
    throw wrongType('description', 'text that is not empty', description);
  }
  if (onCancel !== undefined && typeof onCancel !== 'function') {
    throw wrongType('onCancel', 'a function', onCancel);
  }
  if (mayCancel !== undefined && typeof mayCancel !== 'boolean') {
    throw wrongType('mayCancel', 'true or false', mayCancel);
  }
  return {
    description,
    class: choiceOf('class', operationClasses, operationClass) ?? 'task',
    resources: resourcesOf(resources),
    metadata: metadata === undefined ? {} : metadataOf(metadata),
    mayCancel: mayCancel ?? onCancel !== undefined,
    isUncancellable: mayCancel === false,
    onCancel,
    project: textOf('project', project),
    location: textOf('location', location),
  };
}

function resourcesOf(resources: OperationOptions['resources']): Record<string, readonly string[]> {
  const lists: Record<string, readonly string[]> = {};
  if (resources === undefined) return lists;
  objectOf('resources', resources);
  for (const kind of ownKeys(resources)) {
    setOwn(lists, kind, textsOf(`resources.${kind}`, readProperty(resources, kind)));
  }
  return lists;
}

/**
 * Metadata as it will be sent.
 * @throws TypeError when it is no object
 */
export function metadataOf(metadata: object): Readonly<Record<string, JsonValue>> {
  const json = toJson(metadata);
  if (typeof metadata === 'object' && isObject(json)) return json as Readonly<Record<string, JsonValue>>;
  throw wrongType('metadata', 'an object', metadata);
}
