export { catalogPaginationSettings, catalogSettings } from './config.ts';
export { type PageQuery, type Sort, sorts } from './keyset-pages.ts';
export { catalogMigrations } from './migrations.ts';
export { pageStatement } from './page-statements.ts';
export {
  createCatalogPriceList,
  createProductStore,
  type ListedPrice,
  type ProductStore,
  productOf,
} from './product-store.ts';
export type { CatalogTables, ProductRow } from './product-tables.ts';
export {
  type CatalogDeps,
  createCatalogRouters,
  createProductListRouter,
  createProductRouter,
  isKnown as isKnownEtag,
  type Product,
  productNotFound,
  productReply,
  productSchema,
  readProduct,
  toJson as productToJson,
} from './router.ts';
export { type LoadOptions, loadSample, prepareCatalog, sampleCategories } from './sample-catalog.ts';
