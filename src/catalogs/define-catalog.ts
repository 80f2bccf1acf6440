/** Catalogs of one's own. */

import { type Catalog, checkCatalog } from '../model/catalog.js';

/**
 * A catalog whose actions and fields TypeScript knows by name. The same object is returned.
 * @throws TypeError when it has not the shape of a catalog
 */
export function defineCatalog<const C extends Catalog>(catalog: C): C {
  checkCatalog(catalog);
  return catalog;
}
