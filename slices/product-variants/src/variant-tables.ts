import type { CatalogTables } from '@lab/catalog-pagination';

/** The tables of this slice. Whatever a product owns is deleted with it. */
export type VariantTables = CatalogTables & {
  /** What a product has besides its row in the catalog. Products without a row have no attributes. */
  product_details: {
    product_id: string;
    description: string | null;
    /** JSON object of strings. */
    attributes: string;
  };
  product_variants: {
    id: string;
    product_id: string;
    position: number;
    sku: string;
    /** Null: the price of the product. In the product's currency. */
    price_minor: number | null;
    /** JSON object of strings. */
    attributes: string;
  };
  /** Each sku that this slice has given out, to a product or to a variant: its primary key admits one owner. */
  product_skus: { sku: string; product_id: string };
  /**
   * One row for each attribute of each thing that can be bought: each variant with its own attributes and those of its
   * product, or the product itself (`variant_id` is empty) if it has no variants.
   */
  attribute_listings: { product_id: string; name: string; variant_id: string; value: string };
  /** Stock, where no inventory is plugged in. */
  variant_stock: { sku: string; available: number };
  /** Categories whose products have yet to be listed anew, up to the product that was listed last. */
  category_relistings: { category_id: string; after_id: string };
};

export type Attributes = Readonly<Record<string, string>>;
