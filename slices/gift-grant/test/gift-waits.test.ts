import { once } from 'node:events';
import type { KeyedQueue } from '@lab/shared/database';
import { type DatabaseEngine, eachDatabase, onDatabase, startApp } from '@lab/testing';
import { expect, it } from 'vitest';
import { openGiftApp } from './gift-app.ts';

const REPEATS = 49;
const OTHERS = ['a', 'b', 'c', 'd', 'e'];

type Options = Parameters<typeof openGiftApp>[1];

/** An app that can hold requests, with the gift granted and the transaction open, until `letGo` or `fail`. */
const openHeld = async (engine: DatabaseEngine, options: Options = {}) => {
  const held = Promise.withResolvers<void>();
  const holding = new Map<string, () => void>();
  const arrivals = new Map<number, () => void>();
  const signals: (AbortSignal | undefined)[] = [];
  const opened = await openGiftApp(engine, {
    ...options,
    onArrival: (_key, signal) => arrivals.get(signals.push(signal))?.(),
    beforeCommit: async (key) => {
      const isOpen = holding.get(key);
      if (!isOpen) return;
      holding.delete(key);
      isOpen();
      await held.promise;
    },
  });
  const { request, url } = await startApp(opened.app);
  const grant = (key: string, sku = key) =>
    request('POST', '/gift', { json: { user_id: '1', sku, idempotency_key: key } });
  /** Sends a request and resolves when its transaction is open. The answer comes later. */
  const hold = async (key: string) => {
    const isOpen = new Promise<void>((resolve) => holding.set(key, resolve));
    const answer = grant(key);
    await isOpen;
    return { answer };
  };
  const arrived = (count: number) =>
    signals.length >= count
      ? Promise.resolve()
      : new Promise<void>((resolve) => arrivals.set(count, resolve));
  return { ...opened, request, url, grant, hold, arrived, signals, letGo: held.resolve, fail: held.reject };
};

/** Holds the first request of a key, repeats that key many times, and sends other keys meanwhile. */
const stormAndOthers = async (engine: DatabaseEngine, queue?: KeyedQueue) => {
  const options = { poolSize: 3, connectionTimeoutMs: 2000, ...(queue && { queue }) };
  const { grant, hold, arrived, letGo, count } = await openHeld(engine, options);
  const { answer } = await hold('held');
  const repeats = Array.from({ length: REPEATS }, () => grant('held'));
  await arrived(1 + REPEATS);
  const others = await Promise.all(OTHERS.map((key) => grant(key)));
  letGo();
  const answers = await Promise.all([answer, ...repeats]);
  return { others: others.map(({ status }) => status), answers, gifts: (await count()).gifts };
};

const codeOf = ({ status, body }: { status: number; body: unknown }) =>
  typeof body === 'object' && body !== null && 'code' in body ? `${status} ${body.code}` : status;

onDatabase('postgres', (engine) => {
  it('grants other gifts while 50 requests with one key wait, on three connections', async () => {
    const { others, answers, gifts } = await stormAndOthers(engine);
    expect(others).toEqual(OTHERS.map(() => 201));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.has('idempotent-replayed'))).toHaveLength(REPEATS);
    expect(gifts).toBe(1 + OTHERS.length);
  });

  it('(detector) sees the others starve when waiting requests hold connections', async () => {
    const withoutQueue: KeyedQueue = { run: (_key, work) => work(0) };
    const { others } = await stormAndOthers(engine, withoutQueue);
    expect(others).toEqual(OTHERS.map(() => 503));
  });

  it('answers 503 with Retry-After while other keys use all connections, and then recovers', async () => {
    const { grant, hold, request, letGo } = await openHeld(engine, {
      poolSize: 2,
      connectionTimeoutMs: 1000,
    });
    const first = await hold('1');
    const second = await hold('2');
    for (const refused of [await grant('a'), await request('GET', '/gifts/x')]) {
      expect(codeOf(refused)).toBe('503 service_unavailable');
      expect(refused.headers.get('retry-after')).toBe('1');
    }
    letGo();
    const answers = [await first.answer, await second.answer, await grant('a')];
    expect(answers.map(codeOf)).toEqual([201, 201, 201]);
  });
});

eachDatabase((engine) => {
  it('ends the wait of a repeat with 409 and Retry-After, and replays to the next repeat', async () => {
    const { grant, hold, letGo } = await openHeld(engine, { waitMs: 50 });
    const { answer } = await hold('held');
    const refused = await grant('held');
    expect(codeOf(refused)).toBe('409 idempotency_key_in_use');
    expect(refused.headers.get('retry-after')).toBe('1');
    letGo();
    const { text } = await answer;
    expect((await grant('held')).text).toBe(text);
  });

  it('drops a waiting repeat whose client has disconnected', async () => {
    const { grant, hold, arrived, signals, url, fail, count } = await openHeld(engine);
    const { answer } = await hold('held');
    const leaving = new AbortController();
    const left = fetch(`${url}/gift`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'held' },
      body: '{"user_id":"1","sku":"held"}',
      signal: leaving.signal,
    });
    await arrived(2);
    leaving.abort();
    await expect(left).rejects.toThrow();
    const [, signal] = signals;
    if (signal && !signal.aborted) await once(signal, 'abort');
    fail(new Error('the first one failed'));
    expect((await answer).status).toBe(500);
    // This request queues behind the dropped one, which would otherwise have claimed the key.
    expect(codeOf(await grant('held', 'another'))).toBe(201);
    expect(await count()).toEqual({ gifts: 1, keys: 1 });
  });
});
