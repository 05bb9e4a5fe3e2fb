import { openDatabase } from '@lab/shared/database';
import type { Kysely } from 'kysely';
import { type CatalogTables, createProductStore, type ProductRow } from '../src/index.ts';
import { productNumber, shelves } from './sample-shop.ts';

const LASTING = 60;
const TRANSIENT = 40;

const below = (random: () => number, count: number): number => Math.floor(random() * count);

/**
 * A shop in which other connections constantly add, remove, move and reprice products. The lasting products never
 * change.
 */
export const fillShop = async (db: Kysely<CatalogTables>, url: string, random: () => number) => {
  const products = createProductStore(db);
  const lasting = Array.from({ length: LASTING }, (_, index) => productNumber(2 * index));
  const transient = Array.from({ length: TRANSIENT }, (_, index) => productNumber(2 * index + 1));
  await products.upsert([...lasting, ...transient]);
  const others = [openDatabase<CatalogTables>(url), openDatabase<CatalogTables>(url)];
  let changes = 0;

  const anyOf = (rows: readonly ProductRow[]): string => rows[below(random, rows.length)]?.id ?? '';

  /** One committed change to a transient product, made by another connection. */
  const change = async (): Promise<void> => {
    changes += 1;
    const other = others[changes % others.length] ?? db;
    const kind = below(random, 3);
    if (kind === 0) {
      const row = transient[below(random, transient.length)];
      const shelf = shelves[below(random, shelves.length)];
      if (row && shelf) await createProductStore(other).upsert([{ ...row, category_id: shelf.id }]);
    } else if (kind === 1) {
      await other.deleteFrom('products').where('id', '=', anyOf(transient)).execute();
    } else {
      await createProductStore(other).change(anyOf(transient), { price_minor: 100 * below(random, 3) });
    }
  };

  return {
    lasting,
    change,
    changes: () => changes,
    close: async () => {
      for (const other of others) await other.destroy();
    },
  };
};
