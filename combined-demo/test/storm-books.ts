/** What the shop and the provider have in their books at the end of a storm. */
import { checkStock } from '@lab/inventory-reservation';
import { checkLedger, type startSmallProvider } from '@lab/payment-intents';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { DemoTables } from '../src/index.ts';
import { CODE, SKU } from './storm.ts';

type Provider = Awaited<ReturnType<typeof startSmallProvider>>;

const giftOf = z
  .string()
  .nullable()
  .transform((json) => json && z.object({ id: z.string() }).parse(JSON.parse(json)).id);

/** What the provider has taken for each payment and not given back. */
const chargesAt = async ({ db }: Provider) => {
  const intent = z.looseObject({ amount_received: z.number(), metadata: z.record(z.string(), z.string()) });
  const rows = await db.selectFrom('provider_intents').select(['body', 'refunded']).execute();
  return rows.map(({ body, refunded }) => {
    const { amount_received, metadata } = intent.parse(JSON.parse(body));
    return { payment: metadata.payment_id, charged: amount_received - refunded };
  });
};

const sumOf = <Row>(rows: readonly Row[], amountOf: (row: Row) => number): number =>
  rows.reduce((sum, row) => sum + amountOf(row), 0);

const rowsOf = async (db: Kysely<DemoTables>) => ({
  orders: await db.selectFrom('orders').selectAll().execute(),
  reservations: await db.selectFrom('reservations').select(['id', 'status']).execute(),
  payments: await db.selectFrom('payments').select(['id', 'reference', 'captured', 'refunded']).execute(),
  gifts: await db.selectFrom('gifts').select('id').execute(),
  codes: await db
    .selectFrom('promo_redemptions')
    .select('order_id')
    .where('status', '=', 'redeemed')
    .execute(),
});

/** Each order with what belongs to it, as a text; and the totals, in which also shows what belongs to no order. */
export const readBooks = async (db: Kysely<DemoTables>, provider: Provider) => {
  const { orders, reservations, payments, gifts, codes } = await rowsOf(db);
  const charges = await chargesAt(provider);
  const described = orders.map((order) => {
    const goods = reservations.find(({ id }) => id === order.reservation_id)?.status;
    const own = payments.filter(({ reference }) => reference === order.id);
    const paid = sumOf(own, ({ captured, refunded }) => captured - refunded);
    const charged = sumOf(
      charges.filter(({ payment }) => own.some(({ id }) => id === payment)),
      (charge) => charge.charged,
    );
    const used = codes.filter(({ order_id }) => order_id === order.id).length;
    const given = gifts.filter(({ id }) => id === giftOf.parse(order.gift)).length;
    return `${order.status}: goods ${goods}, paid ${paid}, charged ${charged}, ${used} codes, ${given} gifts`;
  });
  const stock = await db
    .selectFrom('stock')
    .select(['on_hand', 'reserved'])
    .where('sku', '=', SKU)
    .executeTakeFirstOrThrow();
  const code = await db
    .selectFrom('promo_codes')
    .select('redeemed')
    .where('code', '=', CODE)
    .executeTakeFirstOrThrow();
  const { ok, sum } = await checkLedger(db);
  return {
    orders: described,
    totals: {
      ...{ ...stock, codes: code.redeemed, redemptions: codes.length, gifts: gifts.length },
      charged: sumOf(charges, ({ charged }) => charged),
      orphans: reservations.length - orders.length,
      ...{ faults: (await checkStock(db)).faults, ledger: { ok, sum } },
    },
  };
};
