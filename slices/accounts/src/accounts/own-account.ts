import { type Executor, transact } from '@lab/shared/database';
import type { PasswordHasher } from '../passwords/password-hasher.ts';
import type { PasswordPolicy, Weakness } from '../passwords/password-policy.ts';
import { createSessionStore } from '../sessions/session-store.ts';
import type { AccountTables, SessionTables } from '../tables.ts';
import { createAccountStore, isLastAdmin, lockWithHash } from './account-store.ts';

export interface OwnAccountDeps {
  readonly db: Executor<AccountTables & SessionTables>;
  readonly hasher: PasswordHasher;
  readonly policy: PasswordPolicy;
  readonly now: () => Date;
}

export interface PasswordChange {
  readonly current: string;
  readonly next: string;
  /** The session that stays. */
  readonly keepSession: string | undefined;
}

type Checked = { readonly state: 'unknown' | 'wrong_password' };

/** What the owner of an account does with the password at hand. */
export const createOwnAccount = ({ db, hasher, policy, now }: OwnAccountDeps) => {
  const check = async (id: number, password: string, signal: AbortSignal | undefined) => {
    const row = await db
      .selectFrom('accounts')
      .select(['email', 'password_hash'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (!row) return { state: 'unknown' } as const;
    const verdict = await hasher.verify(password, row.password_hash, signal);
    return verdict === 'wrong'
      ? ({ state: 'wrong_password' } as const)
      : ({ state: 'right', ...row } as const);
  };

  return {
    /** Sets another password, and ends every other session in the same transaction. */
    changePassword: async (
      id: number,
      { current, next, keepSession }: PasswordChange,
      signal?: AbortSignal,
    ): Promise<Checked | { state: 'weak'; reason: Weakness } | { state: 'changed'; email: string }> => {
      const checked = await check(id, current, signal);
      if (checked.state !== 'right') return checked;
      const reason = policy.weaknessOf(next, checked.email);
      if (reason) return { state: 'weak', reason };
      const passwordHash = await hasher.hash(next, signal);
      return transact(db, async (trx) => {
        const accounts = createAccountStore(trx, { now });
        const isReplaced = await accounts.replaceHash(id, checked.password_hash, passwordHash);
        if (!isReplaced) return { state: 'wrong_password' };
        await trx.deleteFrom('account_resets').where('account_id', '=', id).execute();
        await createSessionStore(trx).endAll(id, 'password_changed', now().getTime(), keepSession);
        return { state: 'changed', email: checked.email };
      });
    },

    /** Deletes an account with its sessions, roles and addresses. What others hold under its id stays. */
    remove: async (
      id: number,
      password: string,
      signal?: AbortSignal,
    ): Promise<Checked | { state: 'removed' | 'last_admin' }> => {
      const checked = await check(id, password, signal);
      if (checked.state !== 'right') return checked;
      return transact(db, async (trx) => {
        if (await isLastAdmin(trx, id)) return { state: 'last_admin' };
        if (!(await lockWithHash(trx, id, checked.password_hash))) return { state: 'wrong_password' };
        await trx.deleteFrom('accounts').where('id', '=', id).execute();
        return { state: 'removed' };
      });
    },
  };
};

export type OwnAccount = ReturnType<typeof createOwnAccount>;
