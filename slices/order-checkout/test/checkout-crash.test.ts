import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { checkStock } from '@lab/inventory-reservation';
import { type DatabaseEngine, eachDatabase } from '@lab/testing';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { openPlainCheckout } from './plain-checkout.ts';
import { openShop } from './shop-app.ts';

// The full proof kills 200 times, at each statement in turn; the short one at a few of them.
const isFull = process.env.FULL_PROOF === '1';
const KILLS = isFull ? 200 : 3;
const SCRIPT = fileURLToPath(new URL('killed-checkout.ts', import.meta.url));
const run = promisify(execFile);

const finished = z.object({ count: z.int(), order: z.string() });

/** What the process said; undefined if it was killed. */
const checkOutAndDie = async (url: string, userId: number, statement: number) => {
  const ending = run(process.execPath, [SCRIPT, url, String(userId), String(statement)]);
  const { stdout } = await ending.catch((error: unknown) => {
    const { signal } = z.object({ signal: z.literal('SIGKILL') }).parse(error);
    return { stdout: '', signal };
  });
  return stdout === '' ? undefined : finished.parse(JSON.parse(stdout));
};

const open = async (engine: DatabaseEngine) => {
  const shop = await openShop(engine);
  await shop.stock.create([
    { sku: 'ICE-VANILLA-500', quantity: 10_000 },
    { sku: 'SNACK-FUDGE-250', quantity: 10_000 },
  ]);
  const fill = async (userId: number) => {
    for (const sku of ['SNACK-FUDGE-250', 'ICE-VANILLA-500'])
      await shop.carts.add(userId, { sku, quantity: 2, currency: 'USD' });
  };
  /** How much of everything that a whole order has there is. */
  const traces = async (userId: number) => {
    const { db } = shop;
    const orders = await db.selectFrom('orders').select('id').where('user_id', '=', userId).execute();
    const keys = db.selectFrom('idempotency_keys').select('key').where('key', '=', `key-${userId}`);
    const lines = db.selectFrom('cart_items').select('id').where('user_id', '=', userId);
    const ids = ['', ...orders.map(({ id }) => id)];
    const ordered = db.selectFrom('order_lines').select('sku').where('order_id', 'in', ids);
    const events = db.selectFrom('order_events').select('version').where('order_id', 'in', ids);
    const held = db
      .selectFrom('orders')
      .innerJoin('reservation_lines as l', 'l.reservation_id', 'orders.reservation_id')
      .select('l.sku')
      .where('user_id', '=', userId);
    const counts = await Promise.all([keys, lines, ordered, events, held].map((rows) => rows.execute()));
    return [orders.length, ...counts.map((rows) => rows.length)].join(' ');
  };
  const { db, buy } = openPlainCheckout(shop.url);
  return { ...shop, fill, traces, buy, close: () => db.destroy() };
};

const NOTHING = '0 0 2 0 0 0';
const WHOLE = '1 1 0 2 1 2';

eachDatabase((engine) => {
  it(`leaves a whole order or nothing after ${KILLS} kills during a checkout, and the retry makes it one`, async () => {
    const { db, url, fill, traces, buy, close } = await open(engine);
    await fill(1);
    const whole = await checkOutAndDie(url, 1, 0);
    expect(await traces(1)).toBe(WHOLE);
    const statements = whole?.count ?? 0;
    expect(statements).toBeGreaterThan(12);
    for (let kill = 0; kill < KILLS; kill += 1) {
      const userId = kill + 2;
      const statement = isFull ? 1 + (kill % statements) : Math.ceil(((kill + 1) * statements) / KILLS);
      await fill(userId);
      expect(await checkOutAndDie(url, userId, statement), `statement ${statement}`).toBeUndefined();
      expect([NOTHING, WHOLE], `killed at statement ${statement}`).toContain(await traces(userId));
      await buy(userId, `key-${userId}`);
      expect(await traces(userId), `retried after statement ${statement}`).toBe(WHOLE);
    }
    const held = await db.selectFrom('reservations').select('id').execute();
    expect(held).toHaveLength(KILLS + 1);
    expect((await checkStock(db)).faults).toEqual([]);
    await close();
  }, 900_000);
});
