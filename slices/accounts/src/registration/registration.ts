/**
 * Problem: registering and resetting a password tell a stranger who has an account, if answers or work differ.
 * Guarantees: a known and an unknown address get the same answer after the same hash computations and statements. An
 * account exists only once its address is verified, with the password of the registration whose token was used: a
 * stranger who registers somebody else's address gets no account. Tokens work once and are stored as SHA-256 only.
 * Does NOT guarantee: equal times to the microsecond (rows differ); what the owner does with a stranger's token.
 */
import { type Executor, forUpdate, transact } from '@lab/shared/database';
import type { Transaction } from 'kysely';
import { createAccountStore, keyOf, lockAccount } from '../accounts/account-store.ts';
import {
  alreadyRegisteredMail,
  type Mailer,
  passwordChangedMail,
  resetMail,
  verificationMail,
} from '../mail/mailer.ts';
import type { PasswordHasher } from '../passwords/password-hasher.ts';
import type { PasswordPolicy, Weakness } from '../passwords/password-policy.ts';
import { createSessionStore } from '../sessions/session-store.ts';
import type { AccountTables, SessionTables } from '../tables.ts';
import { createOneTimeToken, hashToken } from './one-time-tokens.ts';

export interface RegistrationDeps {
  readonly db: Executor<AccountTables & SessionTables>;
  readonly hasher: PasswordHasher;
  readonly policy: PasswordPolicy;
  readonly mailer: Mailer;
  /** Whether another mail may go to this address. What it answers is not told. */
  readonly mayMail: (address: string) => Promise<boolean>;
  readonly now: () => Date;
}

export interface RegistrationOptions {
  /** Life of a verification token, in milliseconds. */
  readonly verificationTtlMs: number;
  /** Life of a reset token, in milliseconds. */
  readonly resetTtlMs: number;
}

export interface Registration {
  readonly email: string;
  readonly password: string;
  readonly name: string | null;
}

type Refusal = { readonly state: 'weak'; readonly reason: Weakness };

/**
 * All registrations of the address that this token belongs to, locked in one order, so that two of its tokens that are
 * used at once do not wait for each other.
 */
const lockRegistrations = (trx: Transaction<AccountTables>, hash: string) =>
  trx
    .selectFrom('account_registrations')
    .selectAll()
    .where('email_key', '=', (row) =>
      row.selectFrom('account_registrations').select('email_key').where('token_hash', '=', hash),
    )
    .orderBy('token_hash')
    .$call(forUpdate(trx))
    .execute();

export const createRegistration = (
  { db, hasher, policy, mailer, mayMail, now }: RegistrationDeps,
  { verificationTtlMs, resetTtlMs }: RegistrationOptions,
) => {
  /** Stores the registration unless the address has an account. Resolves with whether it did. */
  const storeRegistration = async (
    { email, name }: Registration,
    passwordHash: string,
    tokenHash: string,
  ): Promise<boolean> => {
    const nowMs = now().getTime();
    const row = { token_hash: tokenHash, email, email_key: keyOf(email), name, password_hash: passwordHash };
    return transact(db, async (trx) => {
      const known = trx.selectFrom('accounts').select('id').where('email_key', '=', keyOf(email));
      const isKnown = (await known.executeTakeFirst()) !== undefined;
      // A known address gets a row too, which no token opens: the same work, and swept like the others.
      await trx
        .insertInto('account_registrations')
        .values({ ...row, created_at: nowMs, expires_at: isKnown ? nowMs : nowMs + verificationTtlMs })
        .execute();
      return !isKnown;
    });
  };

  return {
    register: async (
      registration: Registration,
      signal?: AbortSignal,
    ): Promise<Refusal | { state: 'sent' }> => {
      const { email, password } = registration;
      const reason = policy.weaknessOf(password, email);
      if (reason) return { state: 'weak', reason };
      const passwordHash = await hasher.hash(password, signal);
      const { token, hash } = createOneTimeToken();
      const isNew = await storeRegistration(registration, passwordHash, hash);
      const mail = isNew ? verificationMail(email, token) : alreadyRegisteredMail(email);
      if (await mayMail(keyOf(email))) await mailer.send(mail);
      return { state: 'sent' };
    },

    /** Makes the account of a registration. Resolves with undefined if the token is used, unknown or too old. */
    verify: (token: string) =>
      transact(db, async (trx) => {
        const hash = hashToken(token);
        const waiting = await lockRegistrations(trx, hash);
        const taken = waiting.find((row) => row.token_hash === hash && row.expires_at > now().getTime());
        if (!taken) return undefined;
        const { email, name, password_hash: passwordHash, email_key } = taken;
        const account = await createAccountStore(trx, { now }).add({ email, name, passwordHash });
        await trx.deleteFrom('account_registrations').where('email_key', '=', email_key).execute();
        return account;
      }),

    requestReset: async (email: string): Promise<void> => {
      const { token, hash } = createOneTimeToken();
      // One statement finds the account and stores the token, or does neither.
      const stored = await transact(db, (trx) =>
        trx
          .insertInto('account_resets')
          .columns(['token_hash', 'account_id', 'expires_at'])
          .expression((row) =>
            row
              .selectFrom('accounts')
              .select((account) => [
                account.val(hash).as('token_hash'),
                'id',
                account.val(now().getTime() + resetTtlMs).as('expires_at'),
              ])
              .where('email_key', '=', keyOf(email)),
          )
          .returning('account_id')
          .executeTakeFirst(),
      );
      const isAllowed = await mayMail(keyOf(email));
      if (stored && isAllowed) await mailer.send(resetMail(email, token));
    },

    /** Sets the password and ends all sessions. The token stays good if the password is refused. */
    confirmReset: async (
      token: string,
      password: string,
      signal?: AbortSignal,
    ): Promise<Refusal | { state: 'done' | 'invalid_token' }> => {
      const hash = hashToken(token);
      const known = await db
        .selectFrom('account_resets')
        .innerJoin('accounts', 'accounts.id', 'account_resets.account_id')
        .select(['accounts.id', 'accounts.email'])
        .where('token_hash', '=', hash)
        .where('expires_at', '>', now().getTime())
        .executeTakeFirst();
      if (!known) return { state: 'invalid_token' };
      const reason = policy.weaknessOf(password, known.email);
      if (reason) return { state: 'weak', reason };
      const passwordHash = await hasher.hash(password, signal);
      const isUsed = await transact(db, async (trx) => {
        const nowMs = now().getTime();
        // First, so that two tokens of one account that are used at once wait in the same order.
        await lockAccount(trx, known.id);
        const used = await trx
          .deleteFrom('account_resets')
          .where('token_hash', '=', hash)
          .where('expires_at', '>', nowMs)
          .executeTakeFirstOrThrow();
        if (used.numDeletedRows !== 1n) return false;
        await trx
          .updateTable('accounts')
          .set({ password_hash: passwordHash })
          .where('id', '=', known.id)
          .execute();
        await trx.deleteFrom('account_resets').where('account_id', '=', known.id).execute();
        await createSessionStore(trx).endAll(known.id, 'password_reset', nowMs);
        return true;
      });
      if (!isUsed) return { state: 'invalid_token' };
      await mailer.send(passwordChangedMail(known.email));
      return { state: 'done' };
    },
  };
};

export type RegistrationFlow = ReturnType<typeof createRegistration>;
