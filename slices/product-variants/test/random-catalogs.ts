import { transact } from '@lab/shared/database';
import { formatMinorUnits } from '@lab/shared/money';
import type { Kysely } from 'kysely';
import { createProductEditor, type VariantDeps, type VariantTables } from '../src/index.ts';
import type { KnownProduct, Wanted } from './search-oracle.ts';

const names = ['color', 'size', 'material'];
const values = ['a', 'b', 'c'] as const;
const lines: Readonly<Record<string, readonly string[]>> = {
  snacks: ['snacks'],
  'snacks.nuts': ['snacks.nuts', 'snacks'],
  'snacks.nuts.walnuts': ['snacks.nuts.walnuts', 'snacks.nuts', 'snacks'],
  drinks: ['drinks'],
};

const categories = ['snacks', 'snacks.nuts', 'snacks.nuts.walnuts', 'drinks'] as const;
const PRODUCTS = 14;

/** Random catalogs and queries. Each catalog has a currency of its own, so that one database holds all of them. */
export const createCatalogs = (
  deps: Omit<VariantDeps, 'db'> & { readonly db: Kysely<VariantTables> },
  random: () => number,
) => {
  const below = (count: number): number => Math.floor(random() * count);
  const pick = <Item>(items: readonly [Item, ...Item[]]): Item => items[below(items.length)] ?? items[0];
  const some = <Item>(items: readonly Item[], chance: number) => items.filter(() => random() < chance);
  const assign = (chosen: readonly string[]) =>
    Object.fromEntries(chosen.map((name) => [name, pick(values)]));

  const draftOf = (sku: string, currency: string) => {
    const varying = some(names, 0.5);
    const variants = new Map<string, Record<string, string>>();
    for (let tries = below(4); tries > 0; tries -= 1) {
      const attributes = assign(varying);
      variants.set(JSON.stringify(attributes), attributes);
    }
    return {
      sku,
      name: pick(['Oak', 'Elm', 'Ash']),
      category: pick(categories),
      price: formatMinorUnits(100 * (1 + below(4)), currency),
      attributes: assign(some(names, 0.5)),
      variants: [...variants.values()].map((attributes, index) => ({
        sku: `${sku}-${index}`,
        attributes,
        stock: below(2),
      })),
    };
  };

  return {
    /** Fills a catalog through the editor, in one transaction. */
    fill: (currency: string): Promise<readonly KnownProduct[]> =>
      transact(deps.db, async (trx) => {
        const editor = createProductEditor({ ...deps, db: trx });
        const products: KnownProduct[] = [];
        for (let number = 0; number < PRODUCTS; number += 1) {
          const draft = draftOf(`${currency}-${number}`, currency);
          const { row } = await editor.create(draft);
          const items = draft.variants.map(({ attributes }) => ({ ...draft.attributes, ...attributes }));
          products.push({
            row,
            items: items.length > 0 ? items : [draft.attributes],
            categories: lines[draft.category] ?? [],
          });
        }
        return products;
      }),

    query: (currency: string): Wanted => ({
      sort: pick(['newest', 'price_asc', 'price_desc', 'name_asc'] as const),
      currency,
      category: pick([undefined, undefined, ...categories]),
      minPriceMinor: pick([undefined, undefined, 200]),
      maxPriceMinor: pick([undefined, undefined, 300]),
      inStock: pick([undefined, undefined, true, false]),
      attributes: some(names, 0.6)
        .map((name) => ({ name, values: some([...values, 'unknown'], 0.6) }))
        .filter((each) => each.values.length > 0),
    }),

    facets: (): readonly string[] => [...some(names, 0.7), 'unknown'],
  };
};
