import type { Executor } from '@lab/shared/database';
import type { Selectable, Transaction } from 'kysely';
import type { AttemptKind, PaymentTables } from '../payment-tables.ts';

export type PaymentAttempt = Selectable<PaymentTables['payment_attempts']>;

export const findAttempt = (
  db: Executor<PaymentTables>,
  id: string,
  number: number,
): Promise<PaymentAttempt | undefined> =>
  db
    .selectFrom('payment_attempts')
    .selectAll()
    .where('payment_id', '=', id)
    .where('number', '=', number)
    .executeTakeFirst();

/** A new attempt, whose outcome is unknown. */
export const insertAttempt = async (
  trx: Transaction<PaymentTables>,
  { id, attempt }: { readonly id: string; readonly attempt: number },
  {
    kind,
    paymentMethod,
    nowMs,
  }: { readonly kind: AttemptKind; readonly paymentMethod: string | null; readonly nowMs: number },
): Promise<void> => {
  await trx
    .insertInto('payment_attempts')
    .values({
      payment_id: id,
      number: attempt,
      kind,
      payment_method: paymentMethod,
      outcome: 'unknown',
      decline_code: null,
      begun_at: nowMs,
      ended_at: null,
    })
    .execute();
};
