/** What TypeScript knows of `logger.lifecycle()` and `logger.operation()`. */

// Augmented below: TypeScript wants it imported.
import type {} from 'winston';
import type { LifecycleOf } from '../audit/catalog.js';
import type { StartOperation } from '../audit/operation.js';
import type { Catalog } from '../model/catalog.js';

/**
 * For a service to say which catalog its loggers keep to, once for all of them:
 * `declare module 'winston-log-targets' { interface Register { catalog: typeof lxd } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: to be augmented
export interface Register {}

/** The catalog that was registered; without one, any action. */
export type RegisteredCatalog = Register extends {
  /** The catalog. */
  readonly catalog: infer C extends Catalog;
}
  ? C
  : Catalog;

declare module 'winston' {
  interface Logger {
    /** Records an audit event; there once an `EventTransport` has been added to the logger. */
    lifecycle: LifecycleOf<RegisteredCatalog>;
    /** Tells of a background operation; there once an `EventTransport` has been added to the logger. */
    operation: StartOperation;
  }
}
