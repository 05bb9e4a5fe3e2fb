import type { Executor } from '@lab/shared/database';
import type { Callers, ContractRouter, VerifyToken } from '@lab/shared/http';
import type { Cursors } from '@lab/shared/pagination';
import type { Kysely } from 'kysely';
import type { Registry } from 'prom-client';
import { createAccountMetrics } from './account-metrics.ts';
import { createAddressRouter } from './accounts/address-router.ts';
import { createAddressStore } from './accounts/address-store.ts';
import { createLogIn } from './accounts/log-in.ts';
import { createOwnAccount } from './accounts/own-account.ts';
import { createOwnAccountRouter } from './accounts/own-account-router.ts';
import { createStaffRouter } from './accounts/staff-router.ts';
import { createStaffStore } from './accounts/staff-store.ts';
import { type AttemptLimiters, createAttemptLimiters, createAttempts } from './attempts/attempts.ts';
import type { AccountOptions } from './config.ts';
import { createDevMailsRouter } from './mail/dev-mails.ts';
import type { Mailer } from './mail/mailer.ts';
import { once } from './once.ts';
import { createPasswordHasher } from './passwords/password-hasher.ts';
import { createPasswordPolicy } from './passwords/password-policy.ts';
import { createRegistration } from './registration/registration.ts';
import { createRegistrationRouter } from './registration/registration-router.ts';
import { createTokenSigner, createTokenVerifier } from './sessions/access-tokens.ts';
import { createRefreshTokens } from './sessions/refresh-tokens.ts';
import { createSessions } from './sessions/session.ts';
import { createSessionRouter } from './sessions/session-router.ts';
import { createSessionStore } from './sessions/session-store.ts';
import { createPublicKeys, prepareRefreshSecret, prepareSigningKey } from './sessions/signing-keys.ts';
import { createSessionCallers } from './sessions/token-callers.ts';
import type { AccountsTables, SessionTables } from './tables.ts';

const RESET_TTL_MS = 3_600_000;

export interface AccountsDeps {
  readonly db: Kysely<AccountsTables>;
  readonly mailer: Mailer;
  readonly registry: Registry;
  readonly now: () => Date;
  readonly newId: () => string;
  /** Such as shared ones (default: in the memory of this process, with the limits of the options). */
  readonly limiters?: AttemptLimiters;
}

/** Keys and secrets are read at their first use, so that nothing here has to wait for the database. */
const createSessionParts = ({ db, now, newId }: AccountsDeps, options: AccountOptions) => {
  const publicKeys = createPublicKeys(db, now);
  const signer = once(async () =>
    createTokenSigner(
      { key: await prepareSigningKey(db, options.privateKey, now), now, newId },
      options.token,
    ),
  );
  const sessionsOn = once(async () => {
    const tokens = createRefreshTokens(options.refreshSecret ?? (await prepareRefreshSecret(db)));
    return (executor: Executor<SessionTables>) =>
      createSessions({ store: createSessionStore(executor), tokens, now, newId }, options.session);
  });
  const verify = createTokenVerifier({ keys: publicKeys, now }, options.token);
  return { publicKeys, signer, sessionsOn, verify };
};

/**
 * Accounts and their sessions on one database: `verifyToken` for the callers of all servers that share it, and the
 * routers, which ask these callers.
 */
export const createAccounts = (deps: AccountsDeps, options: AccountOptions) => {
  const { db, mailer, now, newId, registry } = deps;
  const attempts = createAttempts(deps.limiters ?? createAttemptLimiters({ now }, options.limits));
  const { hashing, logins, refreshes } = createAccountMetrics(registry);
  const hasher = createPasswordHasher({ onHash: (seconds) => hashing.observe(seconds) }, options.hash);
  const policy = createPasswordPolicy();
  const { publicKeys, signer, sessionsOn, verify } = createSessionParts(deps, options);
  const verifyToken: VerifyToken = createSessionCallers({ verify, db, now });
  const { mayMail } = attempts;
  const registration = createRegistration(
    { db, hasher, policy, mailer, mayMail, now },
    { verificationTtlMs: options.verificationTtlMs, resetTtlMs: RESET_TTL_MS },
  );
  const logIn = createLogIn({ db, hasher, sessionsOn, now });
  const own = createOwnAccount({ db, hasher, policy, now });

  const routers = ({
    callers,
    cursors,
  }: {
    readonly callers: Callers;
    readonly cursors: Cursors;
  }): readonly ContractRouter[] => [
    createRegistrationRouter({ registration, attempts }),
    createSessionRouter({
      db,
      logIn,
      sessions: async () => (await sessionsOn())(db),
      signer,
      publicKeys,
      attempts,
      callers,
      logins,
      refreshes,
      now,
    }),
    createStaffRouter({ staff: createStaffStore(db, { now }), cursors, callers }),
    createAddressRouter({ addresses: createAddressStore(db, { now, newId }), callers }),
    ...(options.showsMails ? [createDevMailsRouter({ db })] : []),
    // Last in the documentation, because its examples end with the deletion of the account.
    createOwnAccountRouter({ db, own, attempts, mailer, callers, now }),
  ];

  /** Makes what the first requests need, so that they do not wait and a failure shows at the start. */
  const prepare = async (): Promise<void> => {
    await signer();
    await sessionsOn();
  };

  return { verifyToken, routers, hasher, prepare };
};

export type Accounts = ReturnType<typeof createAccounts>;
