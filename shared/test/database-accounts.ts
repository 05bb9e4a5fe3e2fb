import { type Kysely, sql } from 'kysely';

export interface AccountTables {
  accounts: { id: number; balance: number };
}

export const openAccounts = async (db: Kysely<AccountTables>) => {
  await sql`create table accounts (id integer primary key, balance integer not null)`.execute(db);
  await db
    .insertInto('accounts')
    .values([1, 2].map((id) => ({ id, balance: 0 })))
    .execute();
};

export const balanceOf = async (db: Kysely<AccountTables>, id = 1) => {
  const row = await db
    .selectFrom('accounts')
    .select('balance')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return row.balance;
};

export const setBalance = (db: Kysely<AccountTables>, balance: number, id = 1) =>
  db.updateTable('accounts').set({ balance }).where('id', '=', id).execute();
