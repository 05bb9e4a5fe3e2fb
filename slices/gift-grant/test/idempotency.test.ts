import { type KeyedQueue, transact } from '@lab/shared/database';
import { createFakeClock, type DatabaseEngine, eachDatabase, onDatabase } from '@lab/testing';
import { describe, expect, it, test } from 'vitest';
import { canonicalJson, createIdempotency } from '../src/idempotency.ts';
import { NOON, openGiftApp } from './gift-app.ts';

const REQUEST = { operation: 'POST /payments', scope: 'alice', key: 'k', payload: { amount: 1 } };

const open = async (engine: DatabaseEngine) => {
  const { db, count } = await openGiftApp(engine);
  const { now } = createFakeClock(NOON);
  const { run } = createIdempotency({ now }, { ttlMs: 1000 });
  let runs = 0;
  const work = async () => ({ status: 201, headers: {}, body: `run ${++runs}` });
  return { db, count, run, work };
};

eachDatabase((engine) => {
  it('executes a request once and replays its response', async () => {
    const { db, run, work } = await open(engine);
    const response = { status: 201, headers: {}, body: 'run 1' };
    expect(await run(db, REQUEST, work)).toEqual({ state: 'executed', response });
    expect(await run(db, REQUEST, work)).toEqual({ state: 'replayed', response });
  });

  it('executes one of thirty concurrent requests, and gives its response to the rest', async () => {
    const { db, run, work } = await open(engine);
    const outcomes = await Promise.all(Array.from({ length: 30 }, () => run(db, REQUEST, work)));
    expect(outcomes.filter(({ state }) => state === 'executed')).toHaveLength(1);
    const bodies = outcomes.map((outcome) => 'response' in outcome && outcome.response.body);
    expect(new Set(bodies)).toEqual(new Set(['run 1']));
  });

  it('gives up behind another process when its signal aborts, and does nothing', async () => {
    const { db, count, run, work } = await open(engine);
    const elsewhere = createIdempotency({ now: createFakeClock(NOON).now }, { ttlMs: 1000 });
    const claimed = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const first = elsewhere.run(db, REQUEST, async () => {
      claimed.resolve();
      await held.promise;
      throw new Error('it failed');
    });
    await claimed.promise;
    const leaving = new AbortController();
    const second = run(db, REQUEST, work, leaving.signal);
    leaving.abort(new Error('the client has left'));
    await expect(second).rejects.toThrow('the client has left');
    held.resolve();
    await expect(first).rejects.toThrow('it failed');
    expect(await count()).toMatchObject({ keys: 0 });
    expect(await run(db, REQUEST, work)).toMatchObject({ response: { body: 'run 1' } });
  });

  it('frees the key and rolls back the work when it throws', async () => {
    const { db, count, run, work } = await open(engine);
    const failing = run(db, REQUEST, async (trx) => {
      const row = { scope: 'x', key: 'x', fingerprint: '', response: null, expires_at: 0 };
      await trx.insertInto('idempotency_keys').values(row).execute();
      throw new Error('the card was stolen');
    });
    await expect(failing).rejects.toThrow('the card was stolen');
    expect(await count()).toMatchObject({ keys: 0 });
    expect(await run(db, REQUEST, work)).toMatchObject({ state: 'executed' });
  });

  it('lets a waiting repeat take over when the first fails', async () => {
    const { db, run, work } = await open(engine);
    const started = Promise.withResolvers<void>();
    const failed = Promise.withResolvers<void>();
    const first = run(db, REQUEST, async () => {
      started.resolve();
      await failed.promise;
      throw new Error('failed late');
    });
    await started.promise;
    const second = run(db, REQUEST, work);
    failed.resolve();
    await expect(first).rejects.toThrow('failed late');
    expect(await second).toMatchObject({ state: 'executed' });
  });

  it('stores a refusal that the work returns', async () => {
    const { db, run, work } = await open(engine);
    const response = { status: 422, headers: {}, body: 'no credit' };
    await run(db, REQUEST, async () => response);
    expect(await run(db, REQUEST, work)).toEqual({ state: 'replayed', response });
  });

  it('refuses the key for another payload or operation', async () => {
    const { db, run, work } = await open(engine);
    await run(db, REQUEST, work);
    expect(await run(db, { ...REQUEST, payload: { amount: 2 } }, work)).toEqual({ state: 'reused' });
    expect(await run(db, { ...REQUEST, operation: 'POST /refunds' }, work)).toEqual({ state: 'reused' });
  });

  it('separates the keys of two scopes', async () => {
    const { db, run, work } = await open(engine);
    await run(db, REQUEST, work);
    expect(await run(db, { ...REQUEST, scope: 'bob' }, work)).toMatchObject({ state: 'executed' });
  });

  it('joins a transaction, which commits or rolls back the key and the work together', async () => {
    const { db, count, run, work } = await open(engine);
    const abandoned = transact(db, async (trx) => {
      expect(await run(trx, REQUEST, work)).toMatchObject({ state: 'executed' });
      expect(await run(trx, REQUEST, work)).toMatchObject({ state: 'replayed' });
      throw new Error('the rest failed');
    });
    await expect(abandoned).rejects.toThrow('the rest failed');
    expect(await count()).toMatchObject({ keys: 0 });
  });

  it('refuses a key that is used again inside its own work', async () => {
    const { db, run, work } = await open(engine);
    const nested = run(db, REQUEST, async (trx) => {
      await run(trx, REQUEST, work);
      return work();
    });
    await expect(nested).rejects.toThrow('a transaction used the same key twice');
  });
});

onDatabase('postgres', (engine) => {
  it('waits for a lock no longer than the time left after the wait in the queue', async () => {
    const { db } = await openGiftApp(engine, { lockTimeoutMs: 60_000 });
    const { now } = createFakeClock(NOON);
    const options = { ttlMs: 1000, waitMs: 500 };
    const work = async () => ({ status: 201, headers: {}, body: '' });
    const started = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    // This acts as another process: it does not share the queue of the second.
    const first = createIdempotency({ now }, options).run(db, REQUEST, async () => {
      started.resolve();
      await ended.promise;
      return work();
    });
    await started.promise;
    const queue: KeyedQueue = { run: (_key, turn) => turn(400) };
    // With the database's lock timeout alone, it would wait for a minute.
    const second = await createIdempotency({ now, queue }, options).run(db, REQUEST, work);
    expect(second).toEqual({ state: 'in_use' });
    ended.resolve();
    expect(await first).toMatchObject({ state: 'executed' });
  });
});

describe('canonical JSON', () => {
  test.each([
    ['{"b":1,"a":[{"d":null,"c":"x"}]}', '{"a":[{"c":"x","d":null}],"b":1}'],
    ['[3,1,2]', '[3,1,2]'],
    ['{"\\u00e9":1.0,"z":1e2}', '{"z":100,"é":1}'],
    ['"text"', '"text"'],
    ['{"10":1,"9":-0,"é":"e\u0301"}', '{"9":0,"10":1,"é":"e\u0301"}'],
  ])('of %s is %s', (given, expected) => {
    expect(canonicalJson(JSON.parse(given))).toBe(expected);
  });

  test('of a number beyond the range of doubles is refused instead of becoming null', () => {
    expect(() => canonicalJson(JSON.parse('{"amount":1e400}'))).toThrow('a number is too large');
  });
});
