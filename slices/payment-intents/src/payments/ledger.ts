/**
 * Problem: a balance that is overwritten cannot be checked. Nobody can tell how it came about.
 * Guarantees: each transfer is a pair of entries that add up to zero, is written once (the primary key), in the
 * transaction of what it records, and never changed (triggers).
 * Does NOT guarantee: that the money is there. The reconciler compares with the provider (provider-audit.ts).
 */
import type { Transaction } from 'kysely';
import type { PaymentTables } from '../payment-tables.ts';

export interface Transfer {
  readonly kind: 'capture' | 'refund';
  /** Of the payment that was captured, or of the refund. */
  readonly id: string;
  readonly paymentId: string;
  readonly amount: number;
  readonly currency: string;
  readonly at: Date;
}

/** Writes the pair of a transfer: what the provider owes us, and what we have sold. A refund has the opposite signs. */
export const writeTransfer = async (
  trx: Transaction<PaymentTables>,
  { kind, id, paymentId, amount, currency, at }: Transfer,
): Promise<void> => {
  const entry = {
    transfer: `${kind}:${id}`,
    payment_id: paymentId,
    kind,
    currency,
    at: at.getTime(),
  };
  const owed = kind === 'capture' ? amount : -amount;
  await trx
    .insertInto('payment_ledger')
    .values([
      { ...entry, account: 'provider', amount: owed },
      { ...entry, account: 'sales', amount: -owed },
    ])
    .execute();
};
