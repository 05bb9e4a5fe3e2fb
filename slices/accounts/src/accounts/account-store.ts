import { type Executor, forUpdate, type Param, prepareQuery, transact } from '@lab/shared/database';
import type { Transaction } from 'kysely';
import type { AccountTables } from '../tables.ts';
import { type Role, roleSchema } from './roles.ts';

export interface Account {
  readonly id: number;
  readonly email: string;
  readonly name: string | null;
  readonly roles: readonly Role[];
  readonly createdAt: Date;
}

/** What a login compares a password with. */
export type Credentials =
  | { readonly state: 'verified'; readonly accountId: number; readonly passwordHash: string }
  | { readonly state: 'unverified'; readonly passwordHash: string }
  | { readonly state: 'unknown' };

/** What makes an address unique: its text in lower case. */
export const keyOf = (email: string): string => email.toLowerCase();

export interface NewAccount {
  readonly email: string;
  readonly name: string | null;
  readonly passwordHash: string;
  readonly roles?: readonly Role[];
  /** For samples, whose ids must not change. */
  readonly id?: number;
}

const isRole = (role: string): role is Role => roleSchema.safeParse(role).success;

/** The roles of these accounts, by account. */
export const readRoles = async (
  db: Executor<AccountTables>,
  ids: readonly number[],
): Promise<ReadonlyMap<number, readonly Role[]>> => {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('account_roles')
    .selectAll()
    .where('account_id', 'in', ids)
    .orderBy('role')
    .execute();
  const grouped = Map.groupBy(rows, (row) => row.account_id);
  return new Map([...grouped].map(([id, each]) => [id, each.map(({ role }) => role).filter(isRole)]));
};

const findPassword = prepareQuery((db: Executor<AccountTables>, param: Param<{ key: string }>) =>
  db.selectFrom('accounts').select(['id', 'password_hash']).where('email_key', '=', param('key')),
);

const findPendingPassword = prepareQuery(
  (db: Executor<AccountTables>, param: Param<{ key: string; now: number }>) =>
    db
      .selectFrom('account_registrations')
      .select('password_hash')
      .where('email_key', '=', param('key'))
      .where('expires_at', '>', param('now'))
      .orderBy('created_at', 'desc')
      .limit(1),
);

/** Accounts, inside a transaction if given one. */
export const createAccountStore = (db: Executor<AccountTables>, { now }: { readonly now: () => Date }) => ({
  find: async (id: number): Promise<Account | undefined> => {
    const row = await db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst();
    if (!row) return undefined;
    const roles = (await readRoles(db, [id])).get(id) ?? [];
    return { id, email: row.email, name: row.name, roles, createdAt: new Date(row.created_at) };
  },

  /** Both reads run for every address, so that the work does not depend on it. */
  credentialsOf: async (email: string): Promise<Credentials> => {
    const key = keyOf(email);
    const [account] = await findPassword(db, { key });
    const [pending] = await findPendingPassword(db, { key, now: now().getTime() });
    if (account) return { state: 'verified', accountId: account.id, passwordHash: account.password_hash };
    return pending ? { state: 'unverified', passwordHash: pending.password_hash } : { state: 'unknown' };
  },

  /** Adds an account; undefined if the address has one. */
  add: async ({ email, name, passwordHash, roles = ['customer'], id }: NewAccount) => {
    const row = { email, email_key: keyOf(email), name, password_hash: passwordHash };
    const inserted = await db
      .insertInto('accounts')
      .values({ ...row, created_at: now().getTime(), ...(id !== undefined && { id }) })
      .onConflict((conflict) => conflict.column('email_key').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!inserted) return undefined;
    const values = roles.map((role) => ({ account_id: inserted.id, role }));
    await db.insertInto('account_roles').values(values).execute();
    return { id: inserted.id, email };
  },

  rename: async (id: number, name: string | null): Promise<void> => {
    await transact(db, (trx) => trx.updateTable('accounts').set({ name }).where('id', '=', id).execute());
  },

  /** Replaces a password hash, unless it has changed since it was read. Resolves with whether it did. */
  replaceHash: async (id: number, before: string, after: string): Promise<boolean> => {
    const { numUpdatedRows } = await db
      .updateTable('accounts')
      .set({ password_hash: after })
      .where('id', '=', id)
      .where('password_hash', '=', before)
      .executeTakeFirstOrThrow();
    return numUpdatedRows === 1n;
  },
});

/**
 * Locks an account until the transaction ends, if its password hash is still this one. Whoever changes the password
 * waits, or has changed it, and then this resolves with false.
 */
export const lockWithHash = async (
  trx: Transaction<AccountTables>,
  id: number,
  passwordHash: string,
): Promise<boolean> => {
  const row = await trx
    .selectFrom('accounts')
    .select('id')
    .where('id', '=', id)
    .where('password_hash', '=', passwordHash)
    .$call(forUpdate(trx))
    .executeTakeFirst();
  return row !== undefined;
};

/** Locks an account until the transaction ends. Resolves with whether there is one. */
export const lockAccount = async (trx: Transaction<AccountTables>, id: number): Promise<boolean> => {
  const locked = trx.selectFrom('accounts').select('id').where('id', '=', id).$call(forUpdate(trx));
  return (await locked.executeTakeFirst()) !== undefined;
};

/**
 * Whether an account is the only admin. Locks the rows of all admins first, so that two of them who leave at once are
 * decided one after the other.
 */
export const isLastAdmin = async (trx: Transaction<AccountTables>, id: number): Promise<boolean> => {
  const admins = await trx
    .selectFrom('account_roles')
    .select('account_id')
    .where('role', '=', 'admin')
    .orderBy('account_id')
    .$call(forUpdate(trx))
    .execute();
  return admins.length === 1 && admins[0]?.account_id === id;
};
