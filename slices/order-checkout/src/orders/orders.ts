/**
 * Problem: a payment comes in while the order expires, a shopper cancels while staff ship, two operators press two
 * buttons. Whoever acts on the state that they saw may undo what has happened since.
 * Guarantees: each transition locks the row of the order, is allowed by the table of states from the state that the row
 * has then, and commits together with its effects and its event. Of two that meet, one wins, and the other is told what
 * is. A paid order never expires. Stock, discount and gift are given back once.
 * The order of locks is the same everywhere: order, promo code, reservation, stock.
 * Does NOT guarantee: that an order expires at the very end of its window. Until a sweep finds it, it can still be paid.
 */
import { afterCommit, type Executor } from '@lab/shared/database';
import type { CheckoutMetrics } from '../checkout-metrics.ts';
import { allowedFrom, effectOf, type OrderState } from '../order-states.ts';
import type { OrderTables } from '../order-tables.ts';
import type { CheckoutSteps, Trx } from '../steps/checkout-steps.ts';
import { findOrder, lockOrder, type Order } from './order-store.ts';

/** Who moves an order, and why. */
export interface Move {
  readonly to: OrderState;
  readonly actor: string;
  readonly reason?: string | undefined;
  /** Refuse unless the order has this version. */
  readonly expectedVersion?: number | undefined;
}

/** The order as it is now, or why it was not moved. */
export type MoveOutcome =
  | { readonly ok: true; readonly order: Order }
  | { readonly ok: false; readonly code: 'order_not_found' }
  | { readonly ok: false; readonly code: 'version_conflict'; readonly currentVersion: number }
  | {
      readonly ok: false;
      readonly code: 'illegal_transition';
      readonly from: OrderState;
      readonly allowed: readonly OrderState[];
    };

/** What became of a payment or refund: the order took it, or the state that it is in. */
export type PaymentOutcome = { readonly ok: true; readonly order: Order } | { readonly refused: OrderState };

type EventOf = Omit<Move, 'reason'> & { readonly reason?: string | null | undefined };

export interface OrdersDeps {
  readonly steps: Pick<CheckoutSteps, 'stock' | 'discount' | 'gift'>;
  readonly now: () => Date;
  readonly metrics: CheckoutMetrics;
  /** Called in the transaction that cancels a paid order, or marks it as refunded. Often there is nothing left to refund. */
  readonly onRefundWanted?: ((trx: Trx, order: Order) => Promise<unknown>) | undefined;
}

const illegal = (from: OrderState): MoveOutcome => ({
  ok: false,
  code: 'illegal_transition',
  from,
  allowed: allowedFrom(from),
});

/** Orders after their checkout. The functions join the transaction that they are given. */
export const createOrders = ({ steps, now, metrics, onRefundWanted }: OrdersDeps) => {
  const write = async (trx: Trx, order: Order, { to, actor, reason = null }: EventOf) => {
    const at = now().getTime();
    const changed = { status: to, version: order.version + 1, updated_at: at };
    const { numUpdatedRows } = await trx
      .updateTable('orders')
      .set(changed)
      .where('id', '=', order.id)
      .where('version', '=', order.version)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows !== 1n) throw new Error('a locked order has changed');
    await trx
      .insertInto('order_events')
      .values({
        ...{ order_id: order.id, version: changed.version, from_status: order.status, to_status: to },
        ...{ actor, reason, at },
      })
      .execute();
    await afterCommit(trx, () => metrics.count(to));
    return { ...order, ...changed };
  };

  const giveBackExtras = async (trx: Trx, { id, gift }: Order): Promise<void> => {
    await steps.discount.giveBack(trx, id);
    if (gift !== null) await steps.gift.takeBack(trx, gift);
  };

  /** False if goods that are to be sold are no longer held. */
  const carryOut = async (trx: Trx, order: Order, to: OrderState): Promise<boolean> => {
    const { number, reservation_id, lines } = order;
    switch (effectOf(order.status, to)) {
      case 'sell':
        return steps.stock.sell(trx, reservation_id);
      case 'give_back':
        await giveBackExtras(trx, order);
        await steps.stock.release(trx, reservation_id);
        return true;
      case 'take_back':
        await giveBackExtras(trx, order);
        await steps.stock.takeBack(trx, lines, `order ${number} cancelled`);
        await onRefundWanted?.(trx, order);
        return true;
      case 'refund':
        await onRefundWanted?.(trx, order);
        return true;
      default:
        return true;
    }
  };

  const move = async (trx: Trx, id: string, wanted: Move): Promise<MoveOutcome> => {
    const order = await lockOrder(trx, id);
    if (order === undefined) return { ok: false, code: 'order_not_found' };
    const { version, status } = order;
    if (wanted.expectedVersion !== undefined && wanted.expectedVersion !== version)
      return { ok: false, code: 'version_conflict', currentVersion: version };
    if (effectOf(status, wanted.to) === undefined) return illegal(status);
    if (await carryOut(trx, order, wanted.to)) return { ok: true, order: await write(trx, order, wanted) };
    // Nobody swept for so long that the goods were given to others. What is too late to be paid has expired.
    await carryOut(trx, order, 'expired');
    await write(trx, order, { to: 'expired', actor: 'system', reason: 'the goods were no longer held' });
    return illegal('expired');
  };

  const pay = async (trx: Trx, id: string, wanted: Move): Promise<PaymentOutcome> => {
    const outcome = await move(trx, id, wanted);
    if (outcome.ok) return outcome;
    if (outcome.code === 'illegal_transition') return { refused: outcome.from };
    throw new Error(`cannot pay or refund order ${id}: ${outcome.code}`);
  };

  return {
    find: (db: Executor<OrderTables>, id: string): Promise<Order | undefined> => findOrder(db, id),
    /** Finds an order and keeps others from changing it until the transaction ends. */
    lockForPayment: (trx: Trx, id: string): Promise<Order | undefined> => lockOrder(trx, id),
    move,
    /** The order is paid: its goods leave the stock. Refused unless it was pending. */
    paid: (trx: Trx, id: string, { reason }: { readonly reason?: string } = {}): Promise<PaymentOutcome> =>
      pay(trx, id, { to: 'payment_confirmed', actor: 'payment', reason }),
    /** All of its money is given back. Refused unless it was paid and is not cancelled. */
    refunded: (
      trx: Trx,
      id: string,
      { reason }: { readonly reason?: string } = {},
    ): Promise<PaymentOutcome> => pay(trx, id, { to: 'refunded', actor: 'payment', reason }),
  };
};

export type Orders = ReturnType<typeof createOrders>;
