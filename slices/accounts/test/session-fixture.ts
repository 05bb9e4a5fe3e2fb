import { randomUUIDv7 } from 'node:crypto';
import { type Executor, migrate } from '@lab/shared/database';
import type { DatabaseEngine } from '@lab/testing';
import { accountsMigrations } from '../src/migrations.ts';
import { createRefreshTokens } from '../src/sessions/refresh-tokens.ts';
import { createSessions, type SessionOptions } from '../src/sessions/session.ts';
import { createSessionStore, type SessionStore } from '../src/sessions/session-store.ts';
import type { AccountsTables } from '../src/tables.ts';

/** The account of the sessions in these tests. */
export const OWNER = 1;

export const options: SessionOptions = { ttlMs: 3_600_000, graceMs: 10_000 };

/** Sessions as a server creates them, with a secret that all processes of a test share. */
export const sessionsOn = (
  db: Executor<AccountsTables>,
  now: () => Date,
  { store = createSessionStore(db), ...changed }: Partial<SessionOptions> & { store?: SessionStore } = {},
) => {
  const tokens = createRefreshTokens('a secret of these tests, which all processes share');
  return createSessions({ store, tokens, now, newId: randomUUIDv7 }, { ...options, ...changed });
};

/** An empty database with an owner for sessions. */
export const openOwner = async (engine: DatabaseEngine) => {
  const { db, url } = await engine.open<AccountsTables>();
  await migrate(db, [accountsMigrations]);
  const owner = { id: OWNER, email: 'a@example.com', email_key: 'a@example.com', name: null };
  await db
    .insertInto('accounts')
    .values({ ...owner, password_hash: '', created_at: 0 })
    .execute();
  const generationOf = async (id: string) => (await createSessionStore(db).find(id))?.generation;
  return { db, url, generationOf };
};
