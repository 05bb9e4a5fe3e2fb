import type { Kysely } from 'kysely';

export type NaiveTables = { naive_payments: { id: string; status: string; refunded: number } };

/** Moves money at the provider. Rejects if there is no answer. */
export type Move = (id: string) => Promise<unknown>;

// #region heart
/** Charges, up to three times if there is no answer, and writes down how it went. */
export const naivePay = async (db: Kysely<NaiveTables>, charge: Move, id: string): Promise<void> => {
  let status = 'failed';
  for (let attempt = 1; attempt <= 3 && status === 'failed'; attempt += 1) {
    try {
      await charge(id);
      status = 'paid';
    } catch {
      // No answer: once more.
    }
  }
  await db.updateTable('naive_payments').set({ status }).where('id', '=', id).execute();
};
// #endregion

/** Writes down what the last event says. */
export const naiveEvent = async (db: Kysely<NaiveTables>, id: string, status: string): Promise<void> => {
  await db.updateTable('naive_payments').set({ status }).where('id', '=', id).execute();
};

/** Gives back, once more if there is no answer. */
export const naiveRefund = async (giveBack: Move, id: string): Promise<void> => {
  await giveBack(id).catch(() => giveBack(id));
};
