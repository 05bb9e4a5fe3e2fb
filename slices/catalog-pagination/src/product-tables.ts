/** The tables of the catalogue, of which each of its files has some. */
export type CatalogTables = {
  categories: { id: string; parent_id: string | null; name: string };
  products: {
    id: string;
    sku: string;
    name: string;
    /** Of any level of the tree; the sample has products in its leaves only. */
    category_id: string;
    currency: string;
    price_minor: number;
    in_stock: number;
    created_at: number;
  };
  /** Each product once for its category and once for each above it. */
  category_listings: CatalogTables['products'] & { listed_in: string };
};

export type ProductRow = CatalogTables['products'];
export type CategoryRow = CatalogTables['categories'];
