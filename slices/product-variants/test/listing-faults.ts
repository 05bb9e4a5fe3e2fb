import type { Kysely } from 'kysely';
import type { VariantTables } from '../src/index.ts';

/** Listings that are missing, doubled, or of something that is no longer so, under categories and attributes. */
export const listingFaults = async (db: Kysely<VariantTables>): Promise<string[]> => {
  const categories = await db.selectFrom('categories').selectAll().execute();
  const parents = new Map(categories.map(({ id, parent_id }) => [id, parent_id]));
  const lineOf = (id: string | null): string[] =>
    id === null ? [] : [id, ...lineOf(parents.get(id) ?? null)];
  const products = await db.selectFrom('products').selectAll().execute();
  const asText = (listed_in: string, row: object): string =>
    JSON.stringify(Object.entries({ ...row, listed_in }).toSorted());
  const wanted = products.flatMap((row) => lineOf(row.category_id).map((line) => asText(line, row)));
  const listings = await db.selectFrom('category_listings').selectAll().execute();
  const there = listings.map(({ listed_in, ...row }) => asText(listed_in, row));

  const details = await db.selectFrom('product_details').selectAll().execute();
  const variants = await db.selectFrom('product_variants').selectAll().execute();
  const ofItem = (product_id: string, variant_id: string, attributes: object) =>
    Object.entries(attributes).map(([name, value]) =>
      JSON.stringify({ product_id, name, variant_id, value }),
    );
  const wantedAttributes = details.flatMap(({ product_id, attributes }) => {
    const own = variants.filter((variant) => variant.product_id === product_id);
    const parsed: object = JSON.parse(attributes);
    return own.length === 0
      ? ofItem(product_id, '', parsed)
      : own.flatMap(({ id, attributes: more }) => ofItem(product_id, id, { ...parsed, ...JSON.parse(more) }));
  });
  const attributes = await db.selectFrom('attribute_listings').selectAll().execute();
  const thereAttributes = attributes.map(({ product_id, name, variant_id, value }) =>
    JSON.stringify({ product_id, name, variant_id, value }),
  );
  const difference = (left: readonly string[], right: readonly string[]) => {
    const others = new Set(right);
    return left.filter((text) => !others.has(text));
  };
  return [
    ...difference(wanted, there).map((text) => `missing ${text}`),
    ...difference(there, wanted).map((text) => `stale ${text}`),
    ...difference(wantedAttributes, thereAttributes).map((text) => `missing ${text}`),
    ...difference(thereAttributes, wantedAttributes).map((text) => `stale ${text}`),
  ];
};
