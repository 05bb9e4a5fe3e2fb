import type { Executor } from '@lab/shared/database';
import type { RouteContract } from '@lab/shared/http';
import { boundedClientCost, eachDatabase, edgeConformance, fuzzContracts, type Samples } from '@lab/testing';
import { hashToken } from '../src/registration/one-time-tokens.ts';
import { createRefreshTokens } from '../src/sessions/refresh-tokens.ts';
import type { AccountsTables } from '../src/tables.ts';
import { NOON, openAccountsApp, samplePassword } from './accounts-app.ts';

boundedClientCost(new URL('../src/server.ts', import.meta.url));

const REFRESH_SECRET = 'a secret of this test, so that it knows all tokens';
const nowMs = Date.parse(NOON);
const expires_at = nowMs + 3_600_000;

const numbered = (count: number, toText: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => toText(index));

const emails = ['demo-alice@example.com', 'Demo-Bob@example.com', 'nobody@example.com'];
const passwords = [samplePassword, 'the analytical engine weaves', 'password1234'];
const verifyTokens = numbered(40, (index) => `verify-${index}`);
const resetTokens = numbered(4, (index) => `reset-${index}`);
const sessionIds = numbered(40, (index) => `019a0000-0000-7000-8000-${String(index).padStart(12, '0')}`);
const refreshTokens = sessionIds.map((sessionId) =>
  createRefreshTokens(REFRESH_SECRET).derive({ sessionId, generation: 0 }),
);
const addressIds = numbered(4, (index) => `address-${index}`);

/** Rows that the tokens and ids of the samples stand for. */
const addSampleRows = async (db: Executor<AccountsTables>): Promise<void> => {
  const [known] = await db.selectFrom('accounts').select('password_hash').limit(1).execute();
  const password_hash = known?.password_hash ?? '';
  const registrations = verifyTokens.map((token, index) => {
    const email = `pending-${index}@example.com`;
    const row = { token_hash: hashToken(token), email, email_key: email, name: null, password_hash };
    return { ...row, created_at: nowMs, expires_at };
  });
  await db.insertInto('account_registrations').values(registrations).execute();
  const resets = resetTokens.map((token) => ({ token_hash: hashToken(token), account_id: 3 }));
  await db
    .insertInto('account_resets')
    .values(resets.map((row) => ({ ...row, expires_at })))
    .execute();
  const times = { rotated_at: nowMs, created_at: nowMs, last_used_at: nowMs, expires_at };
  const ended = { ended_at: null, end_reason: null, user_agent: null };
  const sessions = sessionIds.map((id) => ({ id, account_id: 2, generation: 0, ...times, ...ended }));
  await db.insertInto('account_sessions').values(sessions).execute();
  const place = {
    name: 'A',
    line1: '1',
    line2: null,
    postal_code: '1',
    city: 'B',
    country: 'GB',
    phone: null,
  };
  const addresses = addressIds.map((id) => ({ id, account_id: 1, ...place, created_at: nowMs }));
  await db.insertInto('account_addresses').values(addresses).execute();
};

const samples: Readonly<Record<string, Samples>> = {
  registerAccount: { 'body.email': emails, 'body.password': passwords },
  verifyAccount: { 'body.token': [...verifyTokens, 'unknown'] },
  logIn: { 'body.email': emails, 'body.password': passwords },
  refreshSession: { 'body.refresh_token': [...refreshTokens, 'unknown'] },
  requestPasswordReset: { 'body.email': emails },
  confirmPasswordReset: { 'body.token': [...resetTokens, 'unknown'], 'body.password': passwords },
  changePassword: { 'body.current_password': passwords, 'body.new_password': passwords },
  changeAddress: { 'params.id': [...addressIds, 'unknown'] },
  removeAddress: { 'params.id': [...addressIds, 'unknown'] },
  deleteAccount: { 'body.password': passwords },
  listAccounts: { 'query.cursor': [], 'query.email': emails },
  endSessionsOf: { 'params.id': ['1', '2', '999'] },
  setRoles: { 'params.id': ['1', '2', '3', '999'], 'body.roles': [['customer'], ['customer', 'admin']] },
};

eachDatabase((engine) => {
  // Without limits, because one client sends all of these requests.
  const env = { LOGIN_ADDRESS_CAPACITY: '1000000', LOGIN_CLIENT_CAPACITY: '1000000', REFRESH_SECRET };
  const openApp = async () => {
    const { app, db } = await openAccountsApp(engine, { isSeeded: true, env });
    await addSampleRows(db);
    return app;
  };
  edgeConformance(openApp);
  const requestsPerRoute = process.env.FULL_PROOF ? 2000 : 60;
  const isDeletion = ({ name }: RouteContract) => name === 'deleteAccount';
  const routes = (one: RouteContract) => !isDeletion(one) && !one.path.startsWith('/docs/');
  fuzzContracts(openApp, { samples, requestsPerRoute, routes });
  // With an account of its own: broken requests to change its password may succeed, and then nobody knows it.
  fuzzContracts(openApp, { samples, requestsPerRoute, routes: isDeletion });
});
