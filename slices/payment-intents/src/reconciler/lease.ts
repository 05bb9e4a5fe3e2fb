/**
 * Problem: a loop runs in every process, and each would ask the provider the same questions.
 * Guarantees: one holder at a time, by the database's row and the holders' clocks. A holder that dies loses it when its
 * time is over.
 * Does NOT guarantee: that a holder that was stopped for a while knows it. What is done under a lease must do no harm when
 * two do it.
 */
import type { Executor } from '@lab/shared/database';
import type { PaymentTables } from '../payment-tables.ts';

/** Takes the lease, or renews it. False if another holder has it. */
export const takeLease = async (
  db: Executor<PaymentTables>,
  {
    name,
    holder,
    now,
    ttlMs,
  }: { readonly name: string; readonly holder: string; readonly now: Date; readonly ttlMs: number },
): Promise<boolean> => {
  const expiresAt = now.getTime() + ttlMs;
  const taken = await db
    .insertInto('payment_leases')
    .values({ name, holder, expires_at: expiresAt })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({ holder, expires_at: expiresAt })
        .where((row) =>
          row.or([
            row('payment_leases.holder', '=', holder),
            row('payment_leases.expires_at', '<=', now.getTime()),
          ]),
        ),
    )
    .returning('name')
    .executeTakeFirst();
  return taken !== undefined;
};

/** Lets others have it at once. */
export const returnLease = async (
  db: Executor<PaymentTables>,
  { name, holder }: { readonly name: string; readonly holder: string },
): Promise<void> => {
  await db.deleteFrom('payment_leases').where('name', '=', name).where('holder', '=', holder).execute();
};
