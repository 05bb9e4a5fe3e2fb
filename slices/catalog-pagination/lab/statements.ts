/**
 * Prints, as JSON, the statements with their values that the store runs for the first page and for one product, in the
 * database of `DATABASE_URL`.
 */
import { openDatabase } from '@lab/shared/database';
import { type CatalogTables, createProductStore, pageStatement } from '../src/index.ts';

const ran: string[] = [];
const db = openDatabase<CatalogTables>(process.env.DATABASE_URL ?? '', {
  slowQueryMs: 0,
  onSlowQuery: ({ sql }) => ran.push(sql),
});
const products = createProductStore(db);

const query = { sort: 'newest', currency: 'USD', count: 21 } as const;
const page = pageStatement(db, query).compile();
const [first] = await products.page(query);
const id = first?.id ?? '';
await products.find(id);
await db.destroy();

const [ofPage, ofProduct] = ran;
if (ofPage !== page.sql) throw new Error(`the store ran ${ofPage} instead of ${page.sql}`);
const statements = [
  { path: '/products', sql: page.sql, parameters: page.parameters },
  { path: `/products/${id}`, sql: ofProduct, parameters: [id] },
];
console.log(JSON.stringify(statements));
