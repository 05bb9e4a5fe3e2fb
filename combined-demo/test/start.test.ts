import { setTimeout as wait } from 'node:timers/promises';
import {
  createSeededRandom,
  type DatabaseEngine,
  eachDatabase,
  readSchema,
  startServerProcess,
} from '@lab/testing';
import { type Kysely, sql } from 'kysely';
import { expect, it } from 'vitest';
import type { DemoTables } from '../src/index.ts';

const SERVER = new URL('../src/server.ts', import.meta.url);
// The full proof, with FULL_PROOF=1, takes about ten minutes.
const isFull = process.env.FULL_PROOF === '1';
const ROUNDS = isFull ? 20 : 1;
// Large enough for a bulk load, which drops the indexes of the sorts and rebuilds them at the end.
const SAMPLE = isFull ? 100_000 : 20_000;
const TOGETHER = isFull ? 3 : 2;
const SEED = 20_261_124;

const SHOP_PRODUCTS = 31;
const SAMPLE_GIFTS = 300;

/** Sample products are listed on a shelf, in its aisle and in its department; shop products only in a department. */
const wholeStock = {
  products: SAMPLE + SHOP_PRODUCTS,
  category_listings: 3 * SAMPLE + SHOP_PRODUCTS,
  gifts: SAMPLE_GIFTS,
};

const readStock = async (db: Kysely<DemoTables>) => {
  const { rows } = await sql<typeof wholeStock>`select
    (select count(*) from products) as products,
    (select count(*) from category_listings) as category_listings,
    (select count(*) from gifts) as gifts`.execute(db);
  return { ...rows[0], schema: await readSchema(db) };
};

const envOf = (url: string) => ({ DATABASE_URL: url, SEED_PRODUCTS: String(SAMPLE), SEED_GIFTS: 'on' });

/** Starts one server alone. Resolves with what the database then has, and how long the start took. */
const startAlone = async (engine: DatabaseEngine) => {
  const { db, url } = await engine.open<DemoTables>();
  const startedAtMs = performance.now();
  const server = await startServerProcess(SERVER, { env: envOf(url) });
  const durationMs = performance.now() - startedAtMs;
  await server.kill();
  return { durationMs, stock: await readStock(db) };
};

/**
 * Starts servers together, kills each at a random time and starts another in its place. Resolves with what the database
 * had each time a server began to listen.
 */
const startTogether = async (engine: DatabaseEngine, random: () => number, longestMs: number) => {
  const { db, url } = await engine.open<DemoTables>();
  const found: Awaited<ReturnType<typeof readStock>>[] = [];
  const start = async (signal?: AbortSignal): Promise<void> => {
    const server = await startServerProcess(SERVER, { env: envOf(url), ...(signal && { signal }) });
    found.push(await readStock(db));
    await server.kill();
  };
  let killedEarly = 0;
  const startTwice = async (killAfterMs: number): Promise<void> => {
    const killer = new AbortController();
    const killing = wait(killAfterMs).then(() => killer.abort());
    const starting = start(killer.signal).catch((error: unknown) => {
      if (!killer.signal.aborted) throw error;
      killedEarly += 1;
    });
    await killing;
    await Promise.all([starting, start()]);
  };
  await Promise.all(Array.from({ length: TOGETHER }, () => startTwice(random() * longestMs)));
  return { found, killedEarly };
};

eachDatabase((engine) => {
  const rounds = Array.from({ length: ROUNDS }, (_, index) => index + 1);
  let alone: Awaited<ReturnType<typeof startAlone>> | undefined;

  it.each(rounds)(
    'servers that start together on an empty database listen only when all data is there, despite kills (round %i)',
    async (round) => {
      alone ??= await startAlone(engine);
      expect(alone.stock).toMatchObject(wholeStock);
      const random = createSeededRandom(SEED + round);
      const { found, killedEarly } = await startTogether(engine, random, alone.durationMs);
      expect(found.length).toBeGreaterThanOrEqual(TOGETHER);
      for (const stock of found) expect(stock).toEqual(alone.stock);
      if (isFull)
        console.log(`${engine.name} ${round}: ${found.length} listened, ${killedEarly} killed early`);
    },
    300_000,
  );
});
