import { eachDatabase } from '@lab/testing';
import { type Kysely, sql } from 'kysely';
import { expect, it } from 'vitest';
import { z } from 'zod';
import type { DemoTables } from '../src/index.ts';
import { alice, operator, startDemo } from './demo-app.ts';

const SKU = 'TEE-OF-THE-DELETION-TEST';
const password = 'correct horse battery staple';
const created = z.object({ id: z.string() });
const tokens = z.object({ access_token: z.string() });

/** How many rows of each table hold one of these texts, in whichever column. */
const rowsNaming = async (db: Kysely<DemoTables>, texts: readonly string[]) => {
  const tables = await db.introspection.getTables();
  const counts: [string, number][] = [];
  for (const { name } of tables) {
    const { rows } = await sql<object>`select * from ${sql.table(name)}`.execute(db);
    const naming = rows.filter((row) => texts.some((text) => JSON.stringify(row).includes(text)));
    // An entry of the audit trail moves from one of its tables to the other.
    if (naming.length > 0) counts.push([name.replace(/^audit_.*/, 'audit'), naming.length]);
  }
  return Object.fromEntries(counts);
};

/** The rows of an account, by the columns that hold its id. */
const rowsOfAccount = async (db: Kysely<DemoTables>, id: number) => {
  const tables = await db.introspection.getTables();
  const counts: [string, number][] = [];
  for (const { name, columns } of tables) {
    const column = columns.find((each) => ['account_id', 'user_id'].includes(each.name))?.name;
    if (column === undefined) continue;
    const owned = sql<{ rows: number }>`select count(*) as rows from ${sql.table(name)}
      where cast(${sql.ref(column)} as text) = ${String(id)}`;
    const rows = Number((await owned.execute(db)).rows[0]?.rows);
    if (rows > 0) counts.push([name, rows]);
  }
  return Object.fromEntries(counts);
};

eachDatabase((engine) => {
  it('deleting a product leaves only what others keep of it: their own copies, by sku', async () => {
    const { db, request } = await startDemo(engine);
    const json = {
      ...{ sku: SKU, name: 'Tee', category: 'snacks', price: { amount: '20.00', currency: 'USD' } },
      attributes: { material: 'cotton' },
      variants: [
        { sku: `${SKU}-RED`, attributes: { color: 'red' }, stock: 5 },
        { sku: `${SKU}-BLUE`, attributes: { color: 'blue' }, stock: 5 },
      ],
    };
    const made = await request('POST', '/products', { headers: operator, json });
    expect(made.status).toBe(201);
    const { id } = created.parse(made.body);
    const kept = [
      await request('POST', '/carts/me/items', { headers: alice, json: { sku: `${SKU}-RED`, quantity: 2 } }),
      await request('POST', '/gift', {
        headers: { ...operator, 'Idempotency-Key': 'gift-of-the-deletion-test' },
        json: { user_id: '1', sku: `${SKU}-BLUE` },
      }),
      await request('POST', '/reservations', {
        headers: { ...operator, 'Idempotency-Key': 'hold-of-the-deletion-test' },
        json: { lines: [{ sku: `${SKU}-BLUE`, quantity: 1 }] },
      }),
    ];
    expect(kept.map(({ status }) => status)).toEqual([201, 201, 201]);
    const before = await rowsNaming(db, [SKU, id]);
    expect((await request('DELETE', `/products/${id}`, { headers: operator })).status).toBe(204);
    const after = await rowsNaming(db, [SKU, id]);

    const gone = Object.keys(before).filter((table) => after[table] === undefined);
    expect(gone.toSorted()).toEqual([
      'attribute_listings',
      'category_listings',
      'product_details',
      'product_skus',
      'product_variants',
      'products',
    ]);
    // What someone else has: a cart line, a gift, a hold and its stock. The others are records of what happened.
    expect(Object.keys(after).toSorted()).toEqual([
      ...['audit', 'cart_items', 'gifts', 'idempotency_keys', 'reservation_lines', 'stock', 'stock_ledger'],
    ]);
    if (engine.name === 'sqlite') {
      expect((await sql`pragma foreign_key_check`.execute(db)).rows).toEqual([]);
    }
    expect((await request('GET', `/products/${id}`)).status).toBe(404);
    for (const color of ['RED', 'BLUE']) {
      const stock = await request('GET', `/stock/${SKU}-${color}`, { headers: operator });
      expect(stock.body).toMatchObject({ available: 0 });
    }
  });

  it('deleting an account leaves no row of it but what it was given and what happened', async () => {
    const { db, request } = await startDemo(engine);
    const logIn = await request('POST', '/sessions', { json: { email: 'demo-bob@example.com', password } });
    const headers = { Authorization: `Bearer ${tokens.parse(logIn.body).access_token}` };
    const address = { name: 'Bob', line1: '1 St', postal_code: '1', city: 'London', country: 'GB' };
    await request('POST', '/accounts/me/addresses', { headers, json: address });
    await request('POST', '/password-resets', { json: { email: 'demo-bob@example.com' } });
    await request('POST', '/carts/me/items', { headers, json: { sku: 'ICE-VANILLA-500', quantity: 1 } });
    await request('POST', '/gift', {
      headers: { ...operator, 'Idempotency-Key': 'gift-to-bob' },
      json: { user_id: '2', sku: 'ICE-VANILLA-500' },
    });
    const before = await rowsOfAccount(db, 2);
    const { status } = await request('DELETE', '/accounts/me', { headers, json: { password } });
    expect(status).toBe(204);
    const after = await rowsOfAccount(db, 2);
    const gone = Object.keys(before).filter((table) => after[table] === undefined);
    expect(gone.toSorted()).toEqual([
      'account_addresses',
      'account_resets',
      'account_roles',
      'account_sessions',
    ]);
    expect(Object.keys(after).toSorted()).toEqual(['cart_items', 'carts', 'gifts']);
    // The address itself is left only in the list of mails, which production does not have.
    expect(Object.keys(await rowsNaming(db, ['demo-bob@example.com']))).toEqual(['account_dev_mails']);
  });
});
