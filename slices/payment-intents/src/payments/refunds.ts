/**
 * Problem: two refunds at once each see that enough is left, and together give back more than was paid.
 * Guarantees: pending and done refunds of a payment never add up to more than was captured. The condition is part of the
 * UPDATE, so the database checks it on the row that it changes, before the provider is asked for anything.
 * Does NOT guarantee: that a pending refund succeeds. If the provider refuses it, the amount can be refunded again, and
 * ledger-check.ts lists the payment until someone does.
 */
import { type Executor, forUpdate } from '@lab/shared/database';
import { type Selectable, sql, type Transaction } from 'kysely';
import type { OrdersPort } from '../orders-port.ts';
import type { PaymentTables } from '../payment-tables.ts';
import { writeTransfer } from './ledger.ts';

type Trx = Transaction<PaymentTables>;

export type Refund = Selectable<PaymentTables['payment_refunds']>;

export type RefundRequest =
  | { readonly ok: true; readonly refund: Refund }
  | { readonly ok: false; readonly reason: 'not_found' }
  | { readonly ok: false; readonly reason: 'not_captured' }
  | { readonly ok: false; readonly reason: 'exceeds'; readonly left: number; readonly currency: string };

export interface RefundDeps {
  readonly now: () => Date;
  readonly newId: () => string;
  readonly orders: Pick<OrdersPort, 'lock' | 'markRefunded'>;
  /** How long the caller who asked for a refund has before the reconciler takes over, in milliseconds. */
  readonly checkAfterMs: number;
}

/** Refunds of payments. The functions that write join the transaction that they are given. */
export const createRefunds = ({ now, newId, orders, checkAfterMs }: RefundDeps) => {
  /** Sets the amount aside, if that much is left. */
  const setAside = async (trx: Trx, paymentId: string, amount: number): Promise<boolean> => {
    const { numUpdatedRows } = await trx
      .updateTable('payments')
      .set({ refunded: sql`refunded + ${amount}`, updated_at: now().getTime() })
      .where('id', '=', paymentId)
      .where('status', '=', 'succeeded')
      .where(sql<boolean>`captured - refunded >= ${amount}`)
      .executeTakeFirstOrThrow();
    return numUpdatedRows > 0n;
  };

  const insert = (trx: Trx, paymentId: string, amount: number, checkAt: number): Promise<Refund> =>
    trx
      .insertInto('payment_refunds')
      .values({
        id: newId(),
        payment_id: paymentId,
        amount,
        status: 'pending',
        provider_ref: null,
        check_at: checkAt,
        created_at: now().getTime(),
        updated_at: now().getTime(),
      })
      .returningAll()
      .executeTakeFirstOrThrow();

  const find = (db: Executor<PaymentTables>, id: string): Promise<Refund | undefined> =>
    db.selectFrom('payment_refunds').selectAll().where('id', '=', id).executeTakeFirst();

  /** Locked, so that "all that is left" is still that when it is set aside. */
  const lockPayment = (trx: Trx, id: string) =>
    trx.selectFrom('payments').selectAll().where('id', '=', id).$call(forUpdate(trx)).executeTakeFirst();

  /** Tells the order how much has gone back in all. */
  const tellOrder = async (trx: Trx, paymentId: string): Promise<void> => {
    const payment = await lockPayment(trx, paymentId);
    if (payment === undefined) throw new Error('a refund has no payment');
    const { done } = await trx
      .selectFrom('payment_refunds')
      .select(({ fn }) => fn.sum<number>('amount').as('done'))
      .where('payment_id', '=', paymentId)
      .where('status', '=', 'succeeded')
      .executeTakeFirstOrThrow();
    const refunded = Number(done);
    const isWhole = refunded === payment.captured;
    await orders.markRefunded(trx, payment.reference, { paymentId, refunded, isWhole });
  };

  /** The order of a refund, before its payment. */
  const lockOrder = async (trx: Trx, id: string): Promise<void> => {
    const paid = await trx
      .selectFrom('payment_refunds as r')
      .innerJoin('payments as p', 'p.id', 'r.payment_id')
      .select('p.reference')
      .where('r.id', '=', id)
      .executeTakeFirst();
    if (paid) await orders.lock(trx, paid.reference);
  };

  return {
    find,
    /**
     * Begins a refund, of all that is left if no amount is given. The provider is asked after the commit: by whoever
     * began it, or by the reconciler from `checkAfterMs` on (default: the option; 0 for as soon as possible).
     */
    request: async (
      trx: Trx,
      paymentId: string,
      amount: number | undefined,
      { checkAfterMs: afterMs = checkAfterMs }: { readonly checkAfterMs?: number } = {},
    ): Promise<RefundRequest> => {
      const payment = await lockPayment(trx, paymentId);
      if (payment === undefined) return { ok: false, reason: 'not_found' };
      if (payment.status !== 'succeeded') return { ok: false, reason: 'not_captured' };
      const left = payment.captured - payment.refunded;
      const wanted = amount ?? left;
      if (wanted === 0 || !(await setAside(trx, paymentId, wanted)))
        return { ok: false, reason: 'exceeds', left, currency: payment.currency };
      return { ok: true, refund: await insert(trx, paymentId, wanted, now().getTime() + afterMs) };
    },

    /** What the provider said. A refund leaves `pending` once, so its entries and the amount set aside change once. */
    settle: async (
      trx: Trx,
      id: string,
      { status, ref }: { readonly status: 'succeeded' | 'failed'; readonly ref: string | null },
    ): Promise<boolean> => {
      const at = now();
      await lockOrder(trx, id);
      const settled = await trx
        .updateTable('payment_refunds')
        .set({ status, provider_ref: ref, check_at: null, updated_at: at.getTime() })
        .where('id', '=', id)
        .where('status', '=', 'pending')
        .returningAll()
        .executeTakeFirst();
      if (settled === undefined) return false;
      const { amount, payment_id: paymentId } = settled;
      const { currency } = await trx
        .updateTable('payments')
        .set({ refunded: sql`refunded - ${status === 'failed' ? amount : 0}`, updated_at: at.getTime() })
        .where('id', '=', paymentId)
        .returning('currency')
        .executeTakeFirstOrThrow();
      if (status === 'failed') return true;
      await writeTransfer(trx, { kind: 'refund', id, paymentId, amount, currency, at });
      await tellOrder(trx, paymentId);
      return true;
    },
  };
};

export type Refunds = ReturnType<typeof createRefunds>;
