import { type Executor, transact } from '@lab/shared/database';
import type { PasswordHasher } from '../passwords/password-hasher.ts';
import type { BegunSession, Sessions } from '../sessions/session.ts';
import type { AccountTables, SessionTables } from '../tables.ts';
import { createAccountStore, lockWithHash } from './account-store.ts';

/** Sessions on a transaction. Resolved before one is open, because their secret may have to be made first. */
type SessionsOn = () => Promise<(db: Executor<SessionTables>) => Pick<Sessions, 'begin'>>;

export interface LogInDeps {
  readonly db: Executor<AccountTables & SessionTables>;
  readonly hasher: PasswordHasher;
  readonly sessionsOn: SessionsOn;
  readonly now: () => Date;
}

export interface LogInAttempt {
  readonly email: string;
  readonly password: string;
  readonly userAgent: string | null;
}

export type LogInOutcome =
  | ({ readonly state: 'succeeded' } & BegunSession)
  | { readonly state: 'invalid_credentials' }
  | { readonly state: 'email_not_verified' };

/**
 * Checks a password with exactly one hash computation, whatever the address, and begins a session. A hash of outdated
 * parameters is replaced. If the password changes while it is checked, the login fails: a session that begins with an
 * old password would outlive the change.
 */
export const createLogIn =
  ({ db, hasher, sessionsOn, now }: LogInDeps) =>
  async ({ email, password, userAgent }: LogInAttempt, signal?: AbortSignal): Promise<LogInOutcome> => {
    hasher.requireRoom();
    const found = await createAccountStore(db, { now }).credentialsOf(email);
    const stored = found.state === 'unknown' ? undefined : found.passwordHash;
    const verdict = await hasher.verify(password, stored, signal);
    if (verdict === 'wrong' || found.state === 'unknown') return { state: 'invalid_credentials' };
    if (found.state === 'unverified') return { state: 'email_not_verified' };

    const { accountId, passwordHash } = found;
    const sessions = await sessionsOn();
    const renewed = verdict === 'outdated' ? await hasher.hash(password, signal) : passwordHash;
    return transact(db, async (trx) => {
      if (!(await lockWithHash(trx, accountId, passwordHash))) return { state: 'invalid_credentials' };
      if (renewed !== passwordHash)
        await createAccountStore(trx, { now }).replaceHash(accountId, passwordHash, renewed);
      return { state: 'succeeded', ...(await sessions(trx).begin(accountId, userAgent)) };
    });
  };

export type LogIn = ReturnType<typeof createLogIn>;
