import {
  columnTypes,
  createTable,
  type Executor,
  type Param,
  prepareQuery,
  type SliceMigrations,
} from '@lab/shared/database';
import { type Kysely, sql } from 'kysely';

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

/** A row of the table `gifts` as what it means. */
export const fromRow = (row: GiftTables['gifts']): Gift => {
  const { id, user_id: userId, sku, message, status, created_at } = row;
  return { id, userId, sku, message, status, createdAt: new Date(created_at) };
};

/** Gifts by id. Made on a transaction, it works inside of that one. Granting twice is two gifts: see idempotency. */
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

  find: async (id: string): Promise<Gift | undefined> => {
    const [row] = await findGift(db, { id });
    return row && fromRow(row);
  },
});

const createGifts = async (db: Kysely<GiftTables>): Promise<void> => {
  const { text, instant } = columnTypes(db);
  await createTable(db, 'gifts')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('user_id', text, (column) => column.notNull())
    .addColumn('sku', text, (column) => column.notNull())
    .addColumn('message', text)
    .addColumn('status', text, (column) => column.notNull())
    .addColumn('created_at', instant, (column) => column.notNull())
    .addCheckConstraint('gifts_status', sql`status in ('granted')`)
    .execute();
};

export const giftMigrations: SliceMigrations = { gift_grant_0001_gifts: { up: createGifts } };
