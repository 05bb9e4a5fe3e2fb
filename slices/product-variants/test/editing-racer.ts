/** Sends writes to a product or a category as one of two processes, and reports the statuses of the answers. */

import { randomUUIDv7 } from 'node:crypto';
import { once } from 'node:events';
import {
  createCategoryTree,
  createProductEditor,
  createStockTable,
  type VariantTables,
} from '@lab/product-variants';
import { openDatabase } from '@lab/shared/database';
import { ProblemError } from '@lab/shared/http';

const [url = '', name = '', work = '[]'] = process.argv.slice(2);
const db = openDatabase<VariantTables>(url, { statementTimeoutMs: 60_000 });
const editor = createProductEditor({
  db,
  stock: createStockTable(),
  now: () => new Date(),
  newId: randomUUIDv7,
});
const tree = createCategoryTree(db);

const price = { amount: '1.00', currency: 'USD' };
const writes: Readonly<Record<string, (...args: string[]) => Promise<unknown>>> = {
  change: (id = '', etag = '') => editor.change(id, etag, { name: `${name} ${etag}` }),
  vary: (id = '', etag = '') =>
    editor.replaceVariants(id, etag, [{ sku: `${id}-${name}`, attributes: { by: name }, stock: 1 }]),
  create: (sku = '') =>
    editor.create({ sku, name, category: 'drinks', price, variants: [{ sku: `${sku}-X`, attributes: {} }] }),
  remove: (id = '') => editor.remove(id),
  move: (id = '', parent = '') => tree.change(id, { parent }),
  addCategory: (id = '') => tree.add({ id, name, parent: 'snacks' }),
  removeCategory: (id = '') => tree.remove(id),
  createIn: (category = '') => editor.create({ sku: `in ${category}`, name, category, price }),
};

const outcomeOf = async ([kind = '', ...args]: readonly string[]): Promise<string> => {
  try {
    await writes[kind]?.(...args);
    return 'done';
  } catch (error) {
    if (error instanceof ProblemError) return error.type.code;
    throw error;
  }
};

const calls: string[][] = JSON.parse(work);
await db.selectFrom('products').select('id').limit(1).execute();
process.send?.('ready');
await once(process, 'message');
const outcomes: string[] = [];
for (const call of calls) outcomes.push(await outcomeOf(call));
process.send?.(outcomes);
await db.destroy();
process.disconnect();
