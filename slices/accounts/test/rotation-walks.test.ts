import { type Executor, migrate, openDatabase, transact } from '@lab/shared/database';
import { createFakeClock, type DatabaseEngine, eachDatabase } from '@lab/testing';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { accountsMigrations } from '../src/migrations.ts';
import { createSessionStore } from '../src/sessions/session-store.ts';
import type { AccountsTables } from '../src/tables.ts';
import { NOON } from './accounts-app.ts';
import { walk, walks } from './rotation-model.ts';
import { OWNER, openOwner, options, sessionsOn } from './session-fixture.ts';

const SEED = 20_261_128;
const IN_MEMORY = process.env.FULL_PROOF ? 10_000 : 1_000;
const ON_ENGINES = process.env.FULL_PROOF ? 10_000 : 50;

const sampleWalks = (count: number) => fc.sample(walks, { seed: SEED, numRuns: count });

/** The world of a walk on this database. `changed` plants bugs. */
const worldOn = (db: Executor<AccountsTables>, changed: Parameters<typeof sessionsOn>[2] = {}) => {
  const { now, advance } = createFakeClock(NOON);
  return { sessions: sessionsOn(db, now, changed), owner: OWNER, now, wait: advance };
};

type World = ReturnType<typeof worldOn>;

const differencesOf = async (world: World, count: number): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const path of sampleWalks(count)) {
    const difference = await walk(path, world, options);
    if (difference !== undefined) found.push(difference);
  }
  return found;
};

const openMemory = async () => {
  const db = openDatabase<AccountsTables>('sqlite::memory:');
  onTestFinished(() => db.destroy());
  await migrate(db, [accountsMigrations]);
  const owner = { id: OWNER, email: 'a@example.com', email_key: 'a@example.com', name: null };
  await db
    .insertInto('accounts')
    .values({ ...owner, password_hash: '', created_at: 0 })
    .execute();
  return db;
};

test('random walks agree with the model: no false reuse, no revived session, one successor', {
  timeout: 300_000,
}, async () => {
  expect(await differencesOf(worldOn(await openMemory()), IN_MEMORY)).toEqual([]);
});

eachDatabase((engine: DatabaseEngine) => {
  it(`${ON_ENGINES} random walks agree with the model`, { timeout: 900_000 }, async () => {
    expect(await differencesOf(worldOn((await openOwner(engine)).db), ON_ENGINES)).toEqual([]);
  });
});

describe('the walks find planted bugs', () => {
  test('no grace: honest repeats are taken for theft', async () => {
    const found = await differencesOf(worldOn(await openMemory(), { graceMs: -1 }), 50);
    expect(found.join('\n')).toContain('reused instead of replayed');
  });

  test('a grace without limit: a stolen token goes unnoticed', async () => {
    const found = await differencesOf(worldOn(await openMemory(), { graceMs: Number.POSITIVE_INFINITY }), 50);
    expect(found.join('\n')).toContain('replayed instead of reused');
  });

  test('a revocation that is rolled back with the refusal: the session lives on', async () => {
    const db = await openMemory();
    const { sessions, now, ...world } = worldOn(db);
    const rolledBack: typeof sessions.refresh = (token) =>
      transact(db, async (trx) => {
        const outcome = await sessionsOn(trx, now).refresh(token);
        if (outcome.state === 'reused') throw outcome;
        return outcome;
      }).catch((outcome) => outcome);
    const found = await differencesOf({ ...world, now, sessions: { ...sessions, refresh: rolledBack } }, 50);
    expect(found.join('\n')).toMatch(/(rotated|replayed|reused) instead of invalid/);
  });

  test('a use that extends the session: it never expires', async () => {
    const db = await openMemory();
    const store = createSessionStore(db);
    const advance: typeof store.advance = async (id, generation, nowMs) => {
      const session = await store.advance(id, generation, nowMs);
      if (session)
        await db
          .updateTable('account_sessions')
          .set({ expires_at: nowMs + options.ttlMs })
          .where('id', '=', id)
          .execute();
      return session;
    };
    const found = await differencesOf(worldOn(db, { store: { ...store, advance } }), 500);
    expect(found.join('\n')).toMatch(/instead of invalid/);
  });
});
