import { createCartStore } from '@lab/cart-pricing';
import { createStockStore } from '@lab/inventory-reservation';
import { migrate, openDatabase, transact } from '@lab/shared/database';
import { createMetrics } from '@lab/shared/observability';
import { onDatabase } from '@lab/testing';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { createCheckoutMetrics } from '../src/checkout-metrics.ts';
import { type ShopTables, shopMigrations } from '../src/index.ts';
import { expireOrders } from '../src/orders/expiry-sweeper.ts';
import { createOrders } from '../src/orders/orders.ts';
import { deps, plainCheckout, plainSteps, reservations } from './plain-checkout.ts';

onDatabase('sqlite', (engine) => {
  it('no statement of a checkout, an expiry or a sweep reads a whole table', async () => {
    const { url } = await engine.open();
    const statements = new Set<string>();
    const db = openDatabase<ShopTables>(url, {
      slowQueryMs: 0,
      onSlowQuery: (query) => statements.add(query.sql),
    });
    await migrate(db, shopMigrations);
    statements.clear();
    await createStockStore(db, { ...deps, reservations }).create([{ sku: 'ICE-CONE-12', quantity: 1 }]);
    await createCartStore(db, deps).add(1, { sku: 'ICE-CONE-12', quantity: 1, currency: 'USD' });
    await plainCheckout(db)(1, 'key');
    const tomorrow = () => new Date(Date.now() + 86_400_000);
    const metrics = createCheckoutMetrics(createMetrics());
    const orders = createOrders({ steps: plainSteps, now: tomorrow, metrics });
    expect(await expireOrders({ db, orders, now: tomorrow })).toBe(1);
    await transact(db, (trx) => reservations.expire(trx));
    await db.destroy();
    const plain = openDatabase<ShopTables>(url);
    const scans: string[] = [];
    for (const text of [...statements].filter((one) => /^(?:select|update|delete|with)/.test(one))) {
      const explain = sql<{ detail: string }>`explain query plan ${sql.raw(text.replaceAll('?', '1'))}`;
      for (const { detail } of (await explain.execute(plain)).rows)
        if (detail.startsWith('SCAN')) scans.push(`${detail}: ${text}`);
    }
    await plain.destroy();
    expect(statements.size).toBeGreaterThan(15);
    expect(scans).toEqual([]);
  });
});
