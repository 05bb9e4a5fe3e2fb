/**
 * Problem: a charge is not SQL. It can happen although our transaction is lost, or not happen although we wait for it.
 * Guarantees: what we are about to ask the provider for is on record before we ask (`begin`), and what it answered is
 * applied once, whoever brings it (`settle`). Between the two the payment is `processing`, and no other attempt begins.
 * How: two transactions with the call in between, never a call inside of one.
 * Does NOT guarantee: an answer. The reconciler repeats the call, with the same key, until there is one.
 */
import { type Executor, forUpdate } from '@lab/shared/database';
import { type Selectable, sql, type Transaction } from 'kysely';
import type { Due, OrdersPort } from '../orders-port.ts';
import type { AttemptKind, PaymentTables } from '../payment-tables.ts';
import { findAttempt, insertAttempt } from './attempts.ts';
import { writeTransfer } from './ledger.ts';
import { canBegin, type Effect, effectOf, type News, type PaymentStatus } from './payment-states.ts';
import type { Refunds } from './refunds.ts';

type Trx = Transaction<PaymentTables>;

export type Payment = Selectable<PaymentTables['payments']>;

/** News with the details to keep. */
export type Told = News & {
  /** The provider's id of the charge, if the news name one. */
  readonly charge?: string | null;
  readonly declineCode?: string | undefined;
};

export type Beginning =
  | { readonly ok: true; readonly payment: Payment }
  | { readonly ok: false; readonly reason: 'not_found' | 'processing' | 'succeeded' | 'canceled' };

export interface PaymentDeps {
  readonly now: () => Date;
  readonly newId: () => string;
  readonly orders: Pick<OrdersPort, 'lock' | 'markPaid'>;
  readonly refunds: Refunds;
}

export interface PaymentOptions {
  /** How long an attempt has before the reconciler takes over, in milliseconds. */
  readonly checkAfterMs: number;
}

/** What became of the attempt, in the words of its row. */
const outcomeAfter = (status: PaymentStatus) => {
  if (status === 'requires_payment_method') return 'declined';
  if (status === 'processing') throw new Error('no news lead back to processing');
  return status;
};

/** Payments and their attempts. The functions that write join the transaction that they are given. */
export const createPayments = ({ now, newId, orders, refunds }: PaymentDeps, options: PaymentOptions) => {
  const find = (db: Executor<PaymentTables>, id: string): Promise<Payment | undefined> =>
    db.selectFrom('payments').selectAll().where('id', '=', id).executeTakeFirst();

  /** Moves the payment and its attempts. The row is locked. */
  const move = async (trx: Trx, { id, amount }: Payment, to: PaymentStatus, told: Told): Promise<Payment> => {
    const nowMs = now().getTime();
    const moved = await trx
      .updateTable('payments')
      .set({
        status: to,
        captured: to === 'succeeded' ? amount : 0,
        check_at: to === 'requires_action' ? nowMs + options.checkAfterMs : null,
        updated_at: nowMs,
        ...(told.charge !== undefined && { last_charge: told.charge }),
      })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    await trx
      .updateTable('payment_attempts')
      .set({ outcome: outcomeAfter(to), decline_code: told.declineCode ?? null, ended_at: nowMs })
      .where('payment_id', '=', id)
      .where((row) => row.or([row('number', '=', moved.attempt), row('outcome', '=', 'unknown')]))
      .execute();
    return moved;
  };

  const capture = async (trx: Trx, { id, amount, currency, reference }: Payment): Promise<void> => {
    await writeTransfer(trx, { kind: 'capture', id, paymentId: id, amount, currency, at: now() });
    const verdict = await orders.markPaid(trx, reference, { paymentId: id });
    if (verdict === 'refund') await refunds.request(trx, id, undefined, { checkAfterMs: 0 });
  };

  return {
    find,
    findAttempt,

    /** The payment of a reference that is under way or has succeeded. There is one at most. */
    findLive: (
      db: Executor<PaymentTables>,
      { userId, reference }: { readonly userId: number; readonly reference: string },
    ): Promise<Payment | undefined> =>
      db
        .selectFrom('payments')
        .selectAll()
        .where('user_id', '=', userId)
        .where('reference', '=', reference)
        .where('status', '<>', 'canceled')
        .executeTakeFirst(),

    /**
     * A new payment; undefined if the reference has a live one. If nothing is due, it has succeeded already, and no money
     * moves; or it is canceled, if the order cannot be paid any more.
     */
    create: async (
      trx: Trx,
      { userId, reference, due }: { readonly userId: number; readonly reference: string; readonly due: Due },
    ): Promise<Payment | undefined> => {
      const nowMs = now().getTime();
      const isFree = due.amount === 0;
      const payment = await trx
        .insertInto('payments')
        .values({
          id: newId(),
          user_id: userId,
          reference,
          status: isFree ? 'succeeded' : 'requires_payment_method',
          ...due,
          captured: 0,
          refunded: 0,
          provider_ref: null,
          attempt: 0,
          last_charge: null,
          check_at: null,
          created_at: nowMs,
          updated_at: nowMs,
        })
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst();
      if (payment === undefined || !isFree) return payment;
      const verdict = await orders.markPaid(trx, reference, { paymentId: payment.id });
      return verdict === 'paid' ? payment : move(trx, payment, 'canceled', { kind: 'canceled' });
    },

    /** Puts on record what the provider will be asked for after the commit. */
    begin: async (
      trx: Trx,
      id: string,
      { kind, paymentMethod = null }: { readonly kind: AttemptKind; readonly paymentMethod?: string | null },
    ): Promise<Beginning> => {
      const payment = await trx
        .selectFrom('payments')
        .selectAll()
        .where('id', '=', id)
        .$call(forUpdate(trx))
        .executeTakeFirst();
      if (payment === undefined) return { ok: false, reason: 'not_found' };
      const { status } = payment;
      if (status === 'processing' || status === 'succeeded' || status === 'canceled')
        return { ok: false, reason: status };
      if (!canBegin(status)) throw new Error(`an attempt cannot begin in ${status}`);
      const nowMs = now().getTime();
      const begun = await trx
        .updateTable('payments')
        .set({
          status: 'processing',
          attempt: sql`attempt + 1`,
          check_at: nowMs + options.checkAfterMs,
          updated_at: nowMs,
        })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow();
      await insertAttempt(trx, begun, { kind, paymentMethod, nowMs });
      return { ok: true, payment: begun };
    },

    /** Asks for a cancellation instead of an outcome that has stayed unknown for too long. */
    giveUp: async (trx: Trx, { id, attempt }: Payment): Promise<Payment | undefined> => {
      const nowMs = now().getTime();
      const begun = await trx
        .updateTable('payments')
        .set({ attempt: sql`attempt + 1`, updated_at: nowMs })
        .where('id', '=', id)
        .where('status', '=', 'processing')
        .where('attempt', '=', attempt)
        .returningAll()
        .executeTakeFirst();
      if (begun) await insertAttempt(trx, begun, { kind: 'cancel', paymentMethod: null, nowMs });
      return begun;
    },

    /** Keeps the provider's id. Resolves with the one that is kept, should two have been made. */
    keepRef: async (db: Executor<PaymentTables>, id: string, ref: string): Promise<string> => {
      const { provider_ref } = await db
        .updateTable('payments')
        .set({ provider_ref: sql`coalesce(provider_ref, ${ref})` })
        .where('id', '=', id)
        .returning('provider_ref')
        .executeTakeFirstOrThrow();
      return provider_ref ?? ref;
    },

    /** Applies what the provider told. Success is booked, and the order told, in the same transaction. */
    settle: async (
      trx: Trx,
      id: string,
      told: Told,
    ): Promise<{ readonly effect: Effect; readonly payment: Payment }> => {
      const { reference } = await trx
        .selectFrom('payments')
        .select('reference')
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      if (told.kind === 'succeeded') await orders.lock(trx, reference);
      const payment = await trx
        .selectFrom('payments')
        .selectAll()
        .where('id', '=', id)
        .$call(forUpdate(trx))
        .executeTakeFirstOrThrow();
      const effect = effectOf(payment, told);
      if (typeof effect === 'string') return { effect, payment };
      const moved = await move(trx, payment, effect.to, told);
      if (effect.to === 'succeeded') await capture(trx, moved);
      return { effect, payment: moved };
    },
  };
};

export type Payments = ReturnType<typeof createPayments>;
