import { loadSettings } from '@lab/shared/config';
import { type DatabaseOptions, migrate } from '@lab/shared/database';
import { callerOptions, createCallers } from '@lab/shared/http';
import { createMetrics } from '@lab/shared/observability';
import { createCursors } from '@lab/shared/pagination';
import {
  createFakeClock,
  createSeededIds,
  createTestApp,
  type DatabaseEngine,
  type SendRequest,
  startApp,
} from '@lab/testing';
import { z } from 'zod';
import { createAccounts } from '../src/accounts.ts';
import { accountOptions, accountsSettings } from '../src/config.ts';
import { chooseMailer } from '../src/mail/choose-mailer.ts';
import type { Mail } from '../src/mail/mailer.ts';
import { accountsMigrations } from '../src/migrations.ts';
import { seedAccounts } from '../src/sample-accounts.ts';
import type { AccountsTables } from '../src/tables.ts';

export const NOON = '2026-11-20T12:00:00.000Z';
export const samplePassword = 'correct horse battery staple';
/** Hashing as cheap as Argon2 allows: its cost is not the point of most tests. */
const CHEAP = { HASH_MEMORY_KIB: '8', HASH_PASSES: '1' };

interface AppOptions extends DatabaseOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Whether the sample accounts are there. */
  readonly isSeeded?: boolean;
  readonly onMail?: (mail: Mail) => void;
}

/** An app with the routes on an empty database, with a fake clock. */
export const openAccountsApp = async (
  engine: DatabaseEngine,
  { env = {}, isSeeded = false, onMail, ...options }: AppOptions = {},
) => {
  const { db, url } = await engine.open<AccountsTables>(options);
  await migrate(db, [accountsMigrations]);
  const { now, advance } = createFakeClock(NOON);
  const { values: settings } = loadSettings(accountsSettings, {
    directory: '/nowhere',
    env: { APP_ENV: 'test', ...CHEAP, ...env },
  });
  const registry = createMetrics();
  const deps = { db, now, newId: createSeededIds(1, now), registry };
  const kept = chooseMailer(deps, settings);
  const mailer = {
    send: async (mail: Mail) => {
      onMail?.(mail);
      await kept.send(mail);
    },
  };
  const accounts = createAccounts({ ...deps, mailer }, accountOptions(settings));
  if (isSeeded) await seedAccounts(db, { hasher: accounts.hasher, now });
  const callers = createCallers(callerOptions(settings), accounts);
  const cursors = createCursors({ secret: settings.CURSOR_SECRET, list: 'accounts' });
  const app = createTestApp(accounts.routers({ callers, cursors }), { registry });
  return { app, db, url, now, advance, registry, accounts, settings };
};

const tokens = z.object({
  access_token: z.string(),
  expires_in: z.int(),
  refresh_token: z.string(),
  refresh_expires_in: z.int(),
  session_id: z.string(),
});
export type Tokens = z.output<typeof tokens>;
const mails = z.object({
  items: z.array(z.object({ to: z.string(), subject: z.string(), token: z.string().nullable() })),
});

export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
export const operator = { 'X-Admin-Token': 'dev-admin-token' };

/** What clients of the slice do most. Each throws unless it succeeds. */
const clientOf = (request: SendRequest) => {
  const logIn = async (email: string, password = samplePassword): Promise<Tokens> => {
    const { body } = await request('POST', '/sessions', { json: { email, password } });
    return tokens.parse(body);
  };
  const latestToken = async (to: string): Promise<string> => {
    const { body } = await request('GET', `/dev/mails?to=${encodeURIComponent(to)}`);
    return mails.parse(body).items.find(({ token }) => token !== null)?.token ?? '';
  };
  return {
    logIn,
    latestToken,
    mailsTo: async (to: string) => {
      const { body } = await request('GET', `/dev/mails?to=${encodeURIComponent(to)}`);
      return mails.parse(body).items.map(({ subject }) => subject);
    },
    refresh: (refresh_token: string) => request('POST', '/sessions/refresh', { json: { refresh_token } }),
    /** Registers and verifies; resolves with the id of the new account. */
    register: async (email: string, password = samplePassword): Promise<number> => {
      await request('POST', '/accounts', { json: { email, password } });
      const { body } = await request('POST', '/accounts/verify', {
        json: { token: await latestToken(email) },
      });
      return z.object({ id: z.int() }).parse(body).id;
    },
    me: (token: string) => request('GET', '/accounts/me', { headers: bearer(token) }),
  };
};

export const readTokens = (body: unknown): Tokens => tokens.parse(body);

/** The app, listening, with its clients. */
export const startAccounts = async (engine: DatabaseEngine, options?: AppOptions) => {
  const opened = await openAccountsApp(engine, options);
  const { request, url: origin, takeViolations } = await startApp(opened.app);
  return { ...opened, request, origin, takeViolations, ...clientOf(request) };
};
