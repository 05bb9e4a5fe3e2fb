import { type Executor, transact } from '@lab/shared/database';
import { type Keyset, keysetAfter, keysetOrder, type Position } from '@lab/shared/pagination';
import { createSessionStore } from '../sessions/session-store.ts';
import type { AccountTables, SessionTables } from '../tables.ts';
import {
  type Account,
  createAccountStore,
  isLastAdmin,
  keyOf,
  lockAccount,
  readRoles,
} from './account-store.ts';
import type { Role } from './roles.ts';

export interface AccountFilters {
  readonly email?: string | undefined;
  readonly role?: Role | undefined;
}

/** In order of registration. */
export const oldestFirst = [{ column: 'id', direction: 'asc' }] as const satisfies Keyset;

/** What staff may see and change of accounts. */
export const createStaffStore = (
  db: Executor<AccountTables & SessionTables>,
  { now }: { readonly now: () => Date },
) => ({
  page: async (
    { email, role }: AccountFilters,
    count: number,
    after: Position | undefined,
  ): Promise<readonly Account[]> => {
    let page = db.selectFrom('accounts').selectAll().orderBy(keysetOrder(oldestFirst)).limit(count);
    if (email !== undefined) page = page.where('email_key', '=', keyOf(email));
    if (role !== undefined)
      page = page.where((row) =>
        row.exists(
          row
            .selectFrom('account_roles')
            .select('role')
            .whereRef('account_roles.account_id', '=', 'accounts.id')
            .where('role', '=', role),
        ),
      );
    if (after !== undefined) page = page.where(keysetAfter(oldestFirst, after));
    const rows = await page.execute();
    const roles = await readRoles(
      db,
      rows.map(({ id }) => id),
    );
    return rows.map((row) => ({
      id: row.id,
      email: row.email,
      name: row.name,
      roles: roles.get(row.id) ?? [],
      createdAt: new Date(row.created_at),
    }));
  },

  /** Sets the roles of an account. Whoever reads a session afterwards finds them. */
  setRoles: (id: number, roles: readonly Role[]): Promise<Account | 'no_account' | 'last_admin'> =>
    transact(db, async (trx) => {
      if (!roles.includes('admin') && (await isLastAdmin(trx, id))) return 'last_admin';
      if (!(await lockAccount(trx, id))) return 'no_account';
      await trx.deleteFrom('account_roles').where('account_id', '=', id).execute();
      const values = roles.map((role) => ({ account_id: id, role }));
      await trx.insertInto('account_roles').values(values).execute();
      return (await createAccountStore(trx, { now }).find(id)) ?? 'no_account';
    }),

  /** Ends all sessions of an account. Resolves with whether there is one. */
  endSessions: (id: number): Promise<boolean> =>
    transact(db, async (trx) => {
      if (!(await lockAccount(trx, id))) return false;
      await createSessionStore(trx).endAll(id, 'ended_by_staff', now().getTime());
      return true;
    }),
});

export type StaffStore = ReturnType<typeof createStaffStore>;
