/** Two ways to keep sessions, on one database. */
import { randomUUID, randomUUIDv7 } from 'node:crypto';
import { migrate, openDatabase } from '@lab/shared/database';
import { type Kysely, sql } from 'kysely';
import { accountsMigrations } from '../src/migrations.ts';
import { createRefreshTokens } from '../src/sessions/refresh-tokens.ts';
import { createSessions } from '../src/sessions/session.ts';
import { createSessionStore } from '../src/sessions/session-store.ts';
import type { AccountsTables } from '../src/tables.ts';
import { type NaiveTables, refreshNaively } from './naive-refresh.ts';

type Tables = AccountsTables & NaiveTables;

export interface Way {
  /** Begins a session; resolves with its refresh token. */
  readonly begin: () => Promise<string>;
  /** Resolves with the successor, or with undefined if the token is refused. */
  readonly refresh: (token: string) => Promise<string | undefined>;
  /** Whether a copy of the database has the token in it. */
  readonly isReadable: (token: string) => Promise<boolean>;
}

const naiveOn = (db: Kysely<Tables>): Way => ({
  begin: async () => {
    const token = randomUUID();
    await db.insertInto('naive_tokens').values({ token, session: randomUUID(), used: 0 }).execute();
    return token;
  },
  refresh: (token) => refreshNaively(db, token, randomUUID()).catch(() => undefined),
  isReadable: async (token) => {
    const rows = await db.selectFrom('naive_tokens').selectAll().execute();
    return JSON.stringify(rows).includes(token);
  },
});

const oursOn = (db: Kysely<Tables>): Way => {
  const store = createSessionStore(db);
  const tokens = createRefreshTokens('a secret that is not in the table');
  const deps = { store, tokens, now: () => new Date(), newId: randomUUIDv7 };
  const sessions = createSessions(deps, { ttlMs: 3_600_000, graceMs: 10_000 });
  return {
    begin: async () => (await sessions.begin(1, null)).refreshToken,
    refresh: async (token) => {
      const outcome = await sessions.refresh(token);
      return 'refreshToken' in outcome ? outcome.refreshToken : undefined;
    },
    isReadable: async (token) => {
      const rows = await db.selectFrom('account_sessions').selectAll().execute();
      return JSON.stringify(rows).includes(token);
    },
  };
};

export const openWays = async () => {
  const db = openDatabase<Tables>('sqlite::memory:');
  await migrate(db, [accountsMigrations]);
  await sql`create table naive_tokens (token text, session text, used integer)`.execute(db);
  const owner = { id: 1, email: 'a@example.com', email_key: 'a@example.com', name: null };
  await db
    .insertInto('accounts')
    .values({ ...owner, password_hash: '', created_at: 0 })
    .execute();
  return { naive: naiveOn(db), ours: oursOn(db), close: () => db.destroy() };
};
