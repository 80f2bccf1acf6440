/** What `winston-log-targets/catalogs` exports. */

export type { ActionOf, Catalog, CatalogAction, ContextField, ContextOf } from '../model/catalog.js';
export { defineCatalog } from './define-catalog.js';
export { ibmResourceLifecycle } from './ibm-resource-lifecycle.js';
export { lxd } from './lxd.js';
export { migrationManager } from './migration-manager.js';
