import { type Executor, transact } from '@lab/shared/database';
import type { AccountTables } from '../tables.ts';
import { lockAccount } from './account-store.ts';

const MOST_ADDRESSES = 20;

export interface Address {
  readonly id: string;
  readonly name: string;
  readonly line1: string;
  readonly line2: string | null;
  readonly postal_code: string;
  readonly city: string;
  readonly country: string;
  readonly phone: string | null;
}

export type AddressChange = { readonly [Field in keyof Omit<Address, 'id'>]?: Address[Field] | undefined };

const columns = ['id', 'name', 'line1', 'line2', 'postal_code', 'city', 'country', 'phone'] as const;

interface Deps {
  readonly now: () => Date;
  readonly newId: () => string;
}

/** The addresses of accounts. One account does not see those of another. */
export const createAddressStore = (db: Executor<AccountTables>, { now, newId }: Deps) => ({
  list: (accountId: number): Promise<Address[]> =>
    db
      .selectFrom('account_addresses')
      .select(columns)
      .where('account_id', '=', accountId)
      .orderBy('created_at')
      .orderBy('id')
      .execute(),

  find: (accountId: number, id: string): Promise<Address | undefined> =>
    db
      .selectFrom('account_addresses')
      .select(columns)
      .where('account_id', '=', accountId)
      .where('id', '=', id)
      .executeTakeFirst(),

  /** The row of the account is locked, so that two additions at once do not both take the last place. */
  add: (accountId: number, given: Omit<Address, 'id'>): Promise<Address | 'full' | 'no_account'> =>
    transact(db, async (trx) => {
      if (!(await lockAccount(trx, accountId))) return 'no_account';
      const held = trx.selectFrom('account_addresses').select('id').where('account_id', '=', accountId);
      if ((await held.execute()).length >= MOST_ADDRESSES) return 'full';
      const row = { ...given, id: newId(), account_id: accountId, created_at: now().getTime() };
      return trx.insertInto('account_addresses').values(row).returning(columns).executeTakeFirstOrThrow();
    }),

  change: async (accountId: number, id: string, change: AddressChange): Promise<Address | undefined> => {
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    return transact(db, (trx) =>
      trx
        .updateTable('account_addresses')
        .set({ id, ...given })
        .where('account_id', '=', accountId)
        .where('id', '=', id)
        .returning(columns)
        .executeTakeFirst(),
    );
  },

  /** Resolves with whether there was one. */
  remove: async (accountId: number, id: string): Promise<boolean> => {
    const { numDeletedRows } = await transact(db, (trx) =>
      trx
        .deleteFrom('account_addresses')
        .where('account_id', '=', accountId)
        .where('id', '=', id)
        .executeTakeFirstOrThrow(),
    );
    return numDeletedRows === 1n;
  },
});

export type AddressStore = ReturnType<typeof createAddressStore>;
