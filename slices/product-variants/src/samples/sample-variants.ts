import {
  catalogMigrations,
  createProductStore,
  type ProductRow,
  prepareCatalog,
  productOf,
} from '@lab/catalog-pagination';
import { type Executor, runSetup } from '@lab/shared/database';
import { parseMoney, toMinorUnits } from '@lab/shared/money';
import type { Kysely, Transaction } from 'kysely';
import { listAttributes } from '../editing/attribute-listings.ts';
import { refreshInStock, type Stock } from '../editing/stock.ts';
import { productVariantsMigrations } from '../migrations.ts';
import type { VariantTables } from '../variant-tables.ts';
import { offeredAt, type ShowcaseProduct, shopId, shopVariantId, showcase } from './showcase.ts';

const moneyOf = (amount: string, currency = 'USD') => parseMoney({ amount, currency });

const rowOf = ({ number, sku, name, amount, currency, category }: ShowcaseProduct): ProductRow =>
  productOf(
    { sku, name, unitPrice: moneyOf(amount, currency) },
    { id: shopId(number), category, createdAt: offeredAt(number) },
  );

/** Adds what the showcase has on a product that the catalog already has. */
const dress = async (
  trx: Transaction<VariantTables>,
  stock: Stock,
  product: ShowcaseProduct,
): Promise<void> => {
  const { number, sku, description, attributes, currency } = product;
  const rows = await trx.selectFrom('products').select('id').where('sku', '=', sku).execute();
  const [row] = rows;
  if (row === undefined) return;
  const details = { product_id: row.id, description, attributes: JSON.stringify(attributes) };
  await trx.insertInto('product_details').values(details).execute();
  const variants = product.variants.map(({ suffix, amount, ...variant }, position) => ({
    id: shopVariantId(number, position),
    product_id: row.id,
    position,
    sku: `${sku}-${suffix}`,
    price_minor: amount === undefined ? null : toMinorUnits(moneyOf(amount, currency)),
    attributes: JSON.stringify(variant.attributes),
  }));
  const claims = [sku, ...variants.map((variant) => variant.sku)].map((each) => ({
    sku: each,
    product_id: row.id,
  }));
  await trx.insertInto('product_skus').values(claims).execute();
  await trx.insertInto('product_variants').values(variants).execute();
  await stock.set(
    trx,
    product.variants.map(({ suffix, stock: available }) => ({ sku: `${sku}-${suffix}`, available })),
  );
  await listAttributes(trx, row.id);
  await refreshInStock(trx, stock, [sku]);
};

const PACKS = ['single', 'to share', 'family'];
const MOST_DESCRIBED = 10_000;
const ROWS_PER_STATEMENT = 1_000;

/** What the name of a sample product says: `Classic peanuts Elm 351`. */
const sampleAttributes = (name: string): Record<string, string> => {
  const words = name.toLowerCase().split(' ');
  const model = Number(words.at(-1));
  return { range: words[0] ?? '', maker: words.at(-2) ?? '', pack: PACKS[model % PACKS.length] ?? '' };
};

/** Gives the first sample products of the catalog their attributes. */
const describeSample = async (trx: Transaction<VariantTables>): Promise<void> => {
  const sample = trx
    .selectFrom('products')
    .select(['id', 'name'])
    .where('sku', '>=', 'LAB-')
    .where('sku', '<', 'LAB-:');
  const products = await sample.orderBy('sku').limit(MOST_DESCRIBED).execute();
  const described = products.map(({ id, name }) => ({ id, attributes: sampleAttributes(name) }));
  for (let done = 0; done < described.length; done += ROWS_PER_STATEMENT) {
    const batch = described.slice(done, done + ROWS_PER_STATEMENT);
    const details = batch.map(({ id, attributes }) => ({
      product_id: id,
      description: null,
      attributes: JSON.stringify(attributes),
    }));
    const listings = batch.flatMap(({ id, attributes }) =>
      Object.entries(attributes).map(([name, value]) => ({ product_id: id, variant_id: '', name, value })),
    );
    await trx.insertInto('product_details').values(details).execute();
    await trx.insertInto('attribute_listings').values(listings).execute();
  }
};

/**
 * Runs at the start of a server, after the catalog is there: where no product has details yet, it adds the products of
 * the showcase with their variants and stock, and describes up to 10,000 sample products. Later starts change nothing.
 */
export const prepareVariants = (db: Executor<VariantTables>, stock: Stock): Promise<void> =>
  runSetup(db, async (trx) => {
    const some = await trx.selectFrom('product_details').select('product_id').limit(1).execute();
    if (some.length > 0) return;
    await createProductStore(trx).addMissing(showcase.map(rowOf));
    for (const product of showcase) await dress(trx, stock, product);
    await describeSample(trx);
  });

/** The tables of the catalog and of this slice, in the order in which they are made. */
export const shopMigrations = [catalogMigrations, productVariantsMigrations];

/** What a server of its own starts with: the sample catalog, and the showcase. */
export const prepareShop =
  (stock: Stock, settings: { readonly SEED_PRODUCTS: number }) =>
  async (db: Kysely<VariantTables>): Promise<void> => {
    await prepareCatalog(db, settings.SEED_PRODUCTS);
    await prepareVariants(db, stock);
  };
