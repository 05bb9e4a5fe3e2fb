/** A shop of shirts, the same in each run, and what a shopper can find in it. */
import { randomUUIDv7 } from 'node:crypto';
import { catalogMigrations, createProductStore } from '@lab/catalog-pagination';
import {
  createProductEditor,
  createStockTable,
  productVariantsMigrations,
  type VariantTables,
} from '@lab/product-variants';
import { migrate, openDatabase } from '@lab/shared/database';

export const colors = ['red', 'blue', 'green', 'black', 'white', 'ochre'];
export const sizes = ['S', 'M', 'L', 'XL'];
export const SHIRTS = 240;

export interface Shirt {
  readonly sku: string;
  /** What each variant is: a color in a size. */
  readonly variants: readonly { readonly color: string; readonly size: string }[];
}

const at = (items: readonly string[], index: number): string => items[index % items.length] ?? '';

/** Shirt number n comes in two or three colors, each in one size. */
export const shirt = (number: number): Shirt => ({
  sku: `SHIRT-${number}`,
  variants: Array.from({ length: 2 + (number % 2) }, (_, index) => ({
    color: at(colors, number + index * (1 + (number % 3))),
    size: at(sizes, number * 3 + index + (number % 5)),
  })),
});

export const shirts: readonly Shirt[] = Array.from({ length: SHIRTS }, (_, number) => shirt(number));

/** Opens an empty shop with a way to add and delete shirts. */
export const openShop = async () => {
  const db = openDatabase<VariantTables>('sqlite::memory:');
  await migrate(db, [catalogMigrations, productVariantsMigrations]);
  await createProductStore(db).addCategories([{ id: 'shirts', parent_id: null, name: 'Shirts' }]);
  let seconds = 0;
  const now = () => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds));
  const editor = createProductEditor({ db, stock: createStockTable(), now, newId: randomUUIDv7 });
  const add = async ({ sku, variants }: Shirt): Promise<string> => {
    seconds += 1;
    const { row } = await editor.create({
      sku,
      name: sku,
      category: 'shirts',
      price: { amount: '20.00', currency: 'USD' },
      variants: variants.map((attributes, index) => ({
        sku: `${sku}-${index}`,
        attributes: { ...attributes },
      })),
    });
    return row.id;
  };
  return { db, add, remove: editor.remove, close: () => db.destroy() };
};

export type Shop = Awaited<ReturnType<typeof openShop>>;
