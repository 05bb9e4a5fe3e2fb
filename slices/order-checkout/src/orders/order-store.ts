import { type Executor, forUpdate } from '@lab/shared/database';
import { type Keyset, keysetAfter, keysetOrder, type Position } from '@lab/shared/pagination';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import type { OrderState } from '../order-states.ts';
import type { OrderTables } from '../order-tables.ts';
import type { Gift, Trx } from '../steps/checkout-steps.ts';

type OrderRow = Selectable<OrderTables['orders']>;
type LineRow = OrderTables['order_lines'];
export type OrderEvent = OrderTables['order_events'];

/** An order with its lines. Amounts are in minor units of its currency. */
export type Order = Omit<OrderRow, 'gift' | 'shipping_address'> & {
  readonly gift: Gift | null;
  /** As it was written. */
  readonly shipping_address: unknown;
  readonly lines: readonly LineRow[];
};

const giftSchema = z.object({ id: z.string(), sku: z.string() });

export const newestFirst = [
  { column: 'created_at', direction: 'desc' },
  { column: 'id', direction: 'desc' },
] as const satisfies Keyset;

const parsed = (json: string | null): unknown => (json === null ? null : JSON.parse(json));

export const toOrder = (row: OrderRow, lines: readonly LineRow[]): Order => ({
  ...row,
  gift: row.gift === null ? null : giftSchema.parse(JSON.parse(row.gift)),
  shipping_address: parsed(row.shipping_address),
  lines,
});

const linesOf = async (
  db: Executor<OrderTables>,
  ids: readonly string[],
): Promise<Map<string, LineRow[]>> => {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('order_lines')
    .selectAll()
    .where('order_id', 'in', ids)
    .orderBy('position')
    .execute();
  return Map.groupBy(rows, ({ order_id }) => order_id);
};

const withLines = async (db: Executor<OrderTables>, rows: readonly OrderRow[]): Promise<Order[]> => {
  const lines = await linesOf(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => toOrder(row, lines.get(row.id) ?? []));
};

export const findOrder = async (db: Executor<OrderTables>, id: string): Promise<Order | undefined> => {
  const rows = await db.selectFrom('orders').selectAll().where('id', '=', id).execute();
  return (await withLines(db, rows))[0];
};

/** Finds an order and keeps others from changing it until the transaction ends. */
export const lockOrder = async (trx: Trx, id: string): Promise<Order | undefined> => {
  const row = trx.selectFrom('orders').selectAll().where('id', '=', id);
  return (await withLines(trx, await row.$call(forUpdate(trx)).execute()))[0];
};

export interface OrderFilters {
  readonly userId?: number | undefined;
  readonly status?: OrderState | undefined;
}

export const orderPage = async (
  db: Executor<OrderTables>,
  { userId, status }: OrderFilters,
  { count, after }: { readonly count: number; readonly after?: Position | undefined },
): Promise<Order[]> => {
  let page = db.selectFrom('orders').selectAll().orderBy(keysetOrder(newestFirst)).limit(count);
  if (userId !== undefined) page = page.where('user_id', '=', userId);
  if (status !== undefined) page = page.where('status', '=', status);
  if (after !== undefined) page = page.where(keysetAfter(newestFirst, after));
  return withLines(db, await page.execute());
};

export const eventsOf = (db: Executor<OrderTables>, orderId: string): Promise<OrderEvent[]> =>
  db.selectFrom('order_events').selectAll().where('order_id', '=', orderId).orderBy('version').execute();
