import type { Executor } from '@lab/shared/database';
import {
  type Callers,
  type ContractRouter,
  contextOf,
  createRouter,
  ProblemError,
  route,
} from '@lab/shared/http';
import type { Counter } from 'prom-client';
import { wrongCredentials } from '../accounts/account-schemas.ts';
import { keyOf, readRoles } from '../accounts/account-store.ts';
import type { LogIn } from '../accounts/log-in.ts';
import type { Attempts } from '../attempts/attempts.ts';
import { answerFullQueue } from '../passwords/full-queue.ts';
import type { AccountTables, SessionTables } from '../tables.ts';
import type { TokenSigner } from './access-tokens.ts';
import type { Sessions } from './session.ts';
import {
  endCurrentSession,
  endSession,
  endSessions,
  listSessions,
  logIn,
  readJwks,
  refreshSession,
  sessionProblems,
} from './session-contracts.ts';
import { createSessionStore, type Session } from './session-store.ts';
import type { PublicKeys } from './signing-keys.ts';

export interface SessionRouterDeps {
  readonly db: Executor<AccountTables & SessionTables>;
  readonly logIn: LogIn;
  readonly sessions: () => Promise<Sessions>;
  readonly signer: () => Promise<TokenSigner>;
  readonly publicKeys: PublicKeys;
  readonly attempts: Attempts;
  readonly callers: Callers;
  readonly logins: Counter<'outcome'>;
  readonly refreshes: Counter<'outcome'>;
  readonly now: () => Date;
}

const LONGEST_USER_AGENT = 256;

/** The routes of sessions. */
export const createSessionRouter = (deps: SessionRouterDeps): ContractRouter => {
  const { db, attempts, callers, logins, refreshes, now } = deps;
  const store = createSessionStore(db);

  const tokensOf = async (session: Session, refreshToken: string) => {
    const roles = (await readRoles(db, [session.accountId])).get(session.accountId) ?? [];
    const { accountId, id: sessionId, expiresAtMs } = session;
    const access = await (await deps.signer()).sign({ accountId, sessionId, roles }, expiresAtMs);
    return {
      access_token: access.token,
      token_type: 'Bearer' as const,
      expires_in: access.expiresInS,
      refresh_token: refreshToken,
      refresh_expires_in: Math.floor((expiresAtMs - now().getTime()) / 1000),
      session_id: sessionId,
    };
  };

  const begin = route(logIn).handle(async (req, res) => {
    const { email, password } = req.body;
    const takeAttempt = attempts.take(req.ip, keyOf(email)).catch((error) => {
      logins.inc({ outcome: 'rate_limited' });
      throw error;
    });
    const giveBack = await takeAttempt;
    const userAgent = req.headers['user-agent']?.slice(0, LONGEST_USER_AGENT) ?? null;
    const attempt = deps.logIn({ email, password, userAgent }, contextOf(req, res).signal);
    const outcome = await answerFullQueue(attempt, async () => {
      logins.inc({ outcome: 'unavailable' });
      await giveBack();
    });
    logins.inc({ outcome: outcome.state });
    if (outcome.state === 'invalid_credentials') throw wrongCredentials();
    await giveBack();
    if (outcome.state === 'email_not_verified') throw new ProblemError(sessionProblems.emailNotVerified);
    return { status: 200, body: await tokensOf(outcome.session, outcome.refreshToken) };
  });

  const refresh = route(refreshSession).handle(async ({ body }) => {
    const outcome = await (await deps.sessions()).refresh(body.refresh_token);
    refreshes.inc({ outcome: outcome.state });
    const { invalidRefreshToken, refreshTokenReused } = sessionProblems;
    const headers = { 'WWW-Authenticate': `Bearer realm="${callers.realm}"` };
    if (outcome.state === 'invalid') throw new ProblemError(invalidRefreshToken, { headers });
    if (outcome.state === 'reused') throw new ProblemError(refreshTokenReused, { headers });
    return { status: 200, body: await tokensOf(outcome.session, outcome.refreshToken) };
  });

  const list = route(listSessions).handle(async ({ caller }) => {
    const items = (await store.listLive(caller.userId, now().getTime())).map((session) => ({
      id: session.id,
      created_at: new Date(session.createdAtMs).toISOString(),
      last_used_at: new Date(session.lastUsedAtMs).toISOString(),
      user_agent: session.userAgent,
      current: session.id === caller.sessionId,
    }));
    return { status: 200, body: { items } };
  });

  const endCurrent = route(endCurrentSession).handle(async ({ caller }) => {
    if (caller.sessionId !== undefined) await store.end(caller.sessionId, 'logged_out', now().getTime());
    return { status: 204 };
  });

  const endOne = route(endSession).handle(async ({ params, caller }) => {
    const session = await store.find(params.id);
    if (session?.accountId !== caller.userId) throw new ProblemError(sessionProblems.sessionNotFound);
    await store.end(params.id, 'logged_out', now().getTime());
    return { status: 204 };
  });

  const endAll = route(endSessions).handle(async ({ caller }) => {
    await store.endAll(caller.userId, 'logged_out', now().getTime());
    return { status: 204 };
  });

  const jwks = route(readJwks).handle(async () => {
    const keys = await deps.publicKeys.list();
    return { status: 200, headers: { 'Cache-Control': 'public, max-age=60' }, body: { keys: [...keys] } };
  });

  return createRouter([begin, list, endAll, refresh, endCurrent, endOne, jwks], { callers });
};
