import { prepareInsert } from '@lab/shared/database';
import { FIRST_STATE } from '../order-states.ts';
import type { OrderTables } from '../order-tables.ts';
import type { Address, Gift, Trx } from '../steps/checkout-steps.ts';
import type { PricedOrder } from '../steps/price-order.ts';
import { type Order, toOrder } from './order-store.ts';

export interface NewOrder {
  readonly id: string;
  readonly userId: number;
  readonly actor: string;
  readonly priced: PricedOrder;
  readonly code: string | undefined;
  readonly gift: Gift | undefined;
  readonly shippingAddress: Address | undefined;
  readonly reservationId: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

const insertOrder = prepareInsert<OrderTables, 'orders', 'number'>('orders', 'number');
const insertLines = prepareInsert<OrderTables, 'order_lines'>('order_lines');
const insertEvent = prepareInsert<OrderTables, 'order_events'>('order_events');

const jsonOf = (value: object | undefined): string | null =>
  value === undefined ? null : JSON.stringify(value);

/** Writes an order with its lines and its first event. Everything is a copy: what it was made from may change. */
export const writeOrder = async (trx: Trx, order: NewOrder): Promise<Order> => {
  const { id, priced, actor } = order;
  const at = order.createdAt.getTime();
  const row = {
    id,
    user_id: order.userId,
    status: FIRST_STATE,
    version: 1,
    currency: priced.currency,
    ...priced.amounts,
    promo_code: order.code ?? null,
    gift: jsonOf(order.gift),
    shipping_address: jsonOf(order.shippingAddress),
    reservation_id: order.reservationId,
    expires_at: order.expiresAt.getTime(),
    created_at: at,
    updated_at: at,
  } as const;
  const [inserted] = await insertOrder(trx, [row]);
  if (inserted === undefined) throw new Error('an order was not inserted');
  const lines = priced.lines.map((line) => ({ ...line, order_id: id }));
  await insertLines(trx, lines);
  const event = {
    order_id: id,
    version: 1,
    from_status: null,
    to_status: FIRST_STATE,
    actor,
    reason: null,
    at,
  } as const;
  await insertEvent(trx, [event]);
  return toOrder({ ...row, ...inserted }, lines);
};
