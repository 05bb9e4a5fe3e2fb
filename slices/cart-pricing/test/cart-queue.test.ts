import { createKeyedQueue, isLockTimeout, type KeyedQueue, migrate, transact } from '@lab/shared/database';
import { createSeededIds, type DatabaseEngine, eachDatabase, onDatabase } from '@lab/testing';
import { type Kysely, sql } from 'kysely';
import { expect, it } from 'vitest';
import { type CartTables, createCartStore } from '../src/cart-store.ts';
import { cartMigrations } from '../src/migrations.ts';

// The full proof, with FULL_PROOF=1, sends 3,000.
const ADDS = process.env.FULL_PROOF === '1' ? 3000 : 300;
const ALICE = 1;
const OTHERS = [2, 3, 4, 5, 6];
const CHIPS = { sku: 'CHIPS', quantity: 1, currency: 'USD' };
const WITHOUT_QUEUE: KeyedQueue = { run: (_key, work) => work(0) };

const now = () => new Date('2026-11-20T12:00:00.000Z');

/** Carts on a pool of four connections. Two are enough: one for the busy cart and one for all others. */
const openCarts = async (engine: DatabaseEngine, queue: KeyedQueue, connectionTimeoutMs = 60_000) => {
  const { db } = await engine.open<CartTables>({ poolSize: 4, connectionTimeoutMs });
  await migrate(db, [cartMigrations]);
  let isQueued = () => {};
  const queued = new Promise<void>((resolve) => {
    isQueued = resolve;
  });
  let waiting = 0;
  const counting: KeyedQueue = {
    run: (key, work, signal) => {
      const ran = queue.run(key, work, signal);
      if (key === String(ALICE) && ++waiting === ADDS) isQueued();
      return ran;
    },
  };
  return { db, queued, carts: createCartStore(db, { now, newId: createSeededIds(1, now), queue: counting }) };
};

const times = <Result>(count: number, work: () => Promise<Result>) => Array.from({ length: count }, work);

/** How many connections are waiting for a row lock. */
const lockWaiters = async (db: Kysely<CartTables>): Promise<number> => {
  const { rows } = await sql<{ waiting: number }>`
    select count(*)::int as waiting from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
  return rows[0]?.waiting ?? 0;
};

/** Many additions by one user, whose cart is locked by another transaction, and one addition by each other user. */
const stormAndOthers = async (engine: DatabaseEngine, queue: KeyedQueue) => {
  const { db, queued, carts } = await openCarts(engine, queue, 1000);
  await carts.add(ALICE, CHIPS);
  let adds: Promise<unknown>[] = [];
  const seen = await transact(db, async (trx) => {
    await trx.selectFrom('carts').select('user_id').where('user_id', '=', ALICE).forUpdate().execute();
    adds = times(ADDS - 1, () => carts.add(ALICE, CHIPS).catch(String));
    await queued;
    const others = await Promise.allSettled(OTHERS.map((userId) => carts.add(userId, CHIPS)));
    return {
      others: others.filter(({ status }) => status === 'fulfilled').length,
      waiters: await lockWaiters(trx),
    };
  });
  await Promise.all(adds);
  return { ...seen, cart: await carts.read(ALICE) };
};

onDatabase('postgres', (engine) => {
  it(`uses at most one connection for ${ADDS} parallel additions by one user, and serves other users meanwhile`, async () => {
    const queue = createKeyedQueue({ waitMs: 60_000, maxWaiting: ADDS });
    const { others, waiters, cart } = await stormAndOthers(engine, queue);
    expect(others).toBe(OTHERS.length);
    // None, if the first addition has not reached the lock yet.
    expect(waiters).toBeLessThan(2);
    expect(cart).toMatchObject({ version: ADDS, items: [{ quantity: ADDS }] });
  }, 60_000);

  it('(detector) sees the other users starve when every addition takes a connection', async () => {
    const { others, waiters } = await stormAndOthers(engine, WITHOUT_QUEUE);
    expect([others, waiters]).toEqual([0, 3]);
  }, 60_000);
});

eachDatabase((engine) => {
  /** How many of one user's additions run before another user's addition that was sent after all of them. */
  const addsBeforeAnother = async (queue: KeyedQueue): Promise<number> => {
    const { carts } = await openCarts(engine, queue);
    let done = 0;
    const adds = times(ADDS, async () => {
      await carts.add(ALICE, CHIPS);
      done += 1;
    });
    await carts.add(2, CHIPS);
    const before = done;
    await Promise.all(adds);
    expect(await carts.read(ALICE)).toMatchObject({ version: ADDS });
    return before;
  };

  it("runs another user's addition between those of one user", async () => {
    expect(await addsBeforeAnother(createKeyedQueue({ waitMs: 60_000, maxWaiting: ADDS }))).toBeLessThan(
      ADDS / 10,
    );
  }, 60_000);

  it('(detector) sees it run after most of them without the queue', async () => {
    expect(await addsBeforeAnother(WITHOUT_QUEUE)).toBeGreaterThan(ADDS / 2);
  }, 60_000);

  it('drops a waiting change when its client disconnects', async () => {
    const { carts } = await openCarts(engine, createKeyedQueue({ waitMs: 60_000 }));
    const leaving = new AbortController();
    const first = carts.add(ALICE, CHIPS);
    const second = carts.add(ALICE, { ...CHIPS, signal: leaving.signal });
    leaving.abort(new Error('the client has disconnected'));
    await expect(second).rejects.toThrow('the client has disconnected');
    expect(await first).toMatchObject({ ok: true });
    expect(await carts.read(ALICE)).toMatchObject({ version: 1 });
  });

  it('refuses changes when the queue is full, and loses none of the others', async () => {
    const { carts } = await openCarts(engine, createKeyedQueue({ waitMs: 60_000, maxWaiting: 10 }));
    const outcomes = await Promise.allSettled(times(30, () => carts.add(ALICE, CHIPS)));
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? outcome.reason : []));
    expect(refused).toHaveLength(19);
    expect(refused.every(isLockTimeout)).toBe(true);
    expect(await carts.read(ALICE)).toMatchObject({ version: 11, items: [{ quantity: 11 }] });
  });
});
