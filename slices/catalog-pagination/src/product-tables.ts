/** The tables of the catalog. */
export type CatalogTables = {
  categories: { id: string; parent_id: string | null; name: string };
  products: {
    id: string;
    sku: string;
    name: string;
    /** A category at any level of the tree. The sample only has products in the leaves. */
    category_id: string;
    currency: string;
    price_minor: number;
    in_stock: number;
    created_at: number;
  };
  /** Each product, once for its category and once for each ancestor of that category. */
  category_listings: CatalogTables['products'] & { listed_in: string };
};

export type ProductRow = CatalogTables['products'];
export type CategoryRow = CatalogTables['categories'];
