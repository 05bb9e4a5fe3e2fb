export { listProducts, lockCategoryTree } from './category-listings.ts';
export { catalogPaginationSettings, catalogSettings } from './config.ts';
export { isOneOf } from './is-one-of.ts';
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
export type { CatalogTables, CategoryRow, ProductRow } from './product-tables.ts';
export {
  type CatalogDeps,
  categoryId,
  createCatalogRouters,
  createProductListRouter,
  createProductRouter,
  etagOf,
  isKnown as isKnownEtag,
  type Product,
  productFilter,
  productListQuery,
  productNotFound,
  productReply,
  productSchema,
  readProduct,
  toJson as productToJson,
} from './router.ts';
export { type LoadOptions, loadSample, prepareCatalog, sampleCategories } from './sample-catalog.ts';
