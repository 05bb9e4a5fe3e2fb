import { type Executor, type Param, prepareQuery } from '@lab/shared/database';

type GiftStatus = 'granted';

export type GiftTables = {
  gifts: {
    id: string;
    user_id: string;
    sku: string;
    message: string | null;
    status: GiftStatus;
    created_at: number;
  };
};

export interface Gift {
  readonly id: string;
  readonly userId: string;
  readonly sku: string;
  readonly message: string | null;
  readonly status: GiftStatus;
  readonly createdAt: Date;
}

const findGift = prepareQuery((db: Executor<GiftTables>, param: Param<{ id: string }>) =>
  db.selectFrom('gifts').selectAll().where('id', '=', param('id')),
);

/** Converts a row of the table `gifts`. */
export const fromRow = (row: GiftTables['gifts']): Gift => {
  const { id, user_id: userId, sku, message, status, created_at } = row;
  return { id, userId, sku, message, status, createdAt: new Date(created_at) };
};

/**
 * Grants and finds gifts, inside a transaction if given one. Calling `grant` twice grants two gifts; see idempotency.
 */
export const createGiftStore = (
  db: Executor<GiftTables>,
  { now, newId }: { readonly now: () => Date; readonly newId: () => string },
) => ({
  grant: async (wanted: Pick<Gift, 'userId' | 'sku' | 'message'>): Promise<Gift> => {
    const gift: Gift = { ...wanted, id: newId(), status: 'granted', createdAt: now() };
    const { userId: user_id, createdAt, ...row } = gift;
    const values = { ...row, user_id, created_at: createdAt.getTime() };
    await db.insertInto('gifts').values(values).execute();
    return gift;
  },

  /** Takes a gift back that has not been sent, as if it had never been granted. Repeating it changes nothing. */
  revoke: async (id: string): Promise<void> => {
    await db.deleteFrom('gifts').where('id', '=', id).execute();
  },

  find: async (id: string): Promise<Gift | undefined> => {
    const [row] = await findGift(db, { id });
    return row && fromRow(row);
  },
});
