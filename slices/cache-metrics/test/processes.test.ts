import { setTimeout as wait } from 'node:timers/promises';
import {
  eachDatabase,
  onDatabase,
  onOwnRedis,
  onRedis,
  startRedisServer,
  startServerProcess,
} from '@lab/testing';
import { expect, it } from 'vitest';
import { FIRST, operator } from './cached-shop.ts';
import { watchPrice } from './watched-price.ts';

const SERVER = new URL('../src/server.ts', import.meta.url);
const BOUND_MS = 1000;
// What reading the clocks of two processes over HTTP may add on a busy machine.
const SLACK_MS = 250;
const isFull = process.env.FULL_PROOF === '1';
const WRITES = isFull ? 300 : 25;
const READERS = 4;

const startTwo = async (env: NodeJS.ProcessEnv): Promise<readonly [string, string]> => {
  const first = await startServerProcess(SERVER, { env: { SEED_PRODUCTS: '20', ...env } });
  const second = await startServerProcess(SERVER, { env: { SEED_PRODUCTS: '20', ...env } });
  return [first.url, second.url];
};

/** Reads from both servers without a pause, while something happens. */
const readWhile = async (
  servers: readonly string[],
  price: ReturnType<typeof watchPrice>,
  happens: () => Promise<void>,
): Promise<void> => {
  let isOver = false;
  const readOn = async (server: string) => {
    while (!isOver) await price.read(server);
  };
  const reading = servers.flatMap((server) => Array.from({ length: READERS }, () => readOn(server)));
  await happens();
  isOver = true;
  await Promise.all(reading);
};

const raiseOften = async (
  servers: readonly string[],
  price: ReturnType<typeof watchPrice>,
  writes: number,
) => {
  for (let index = 0; index < writes; index += 1) {
    await price.raise(servers[index % servers.length] ?? '');
    await wait(20);
  }
};

await onRedis(({ url: REDIS_URL }) => {
  eachDatabase((engine) => {
    it('shows no old price past the bound, from two processes under load', async () => {
      const { url: DATABASE_URL } = await engine.open();
      const servers = await startTwo({ DATABASE_URL, REDIS_URL });
      const price = watchPrice(`/products/${FIRST}`, operator);
      await readWhile(servers, price, () => raiseOften(servers, price, WRITES));
      expect(price.failed).toEqual([]);
      expect(price.longestStaleMs()).toBeLessThan(BOUND_MS + SLACK_MS);
      if (isFull)
        console.log(
          `${engine.name}: ${price.reads.length} reads, stale for ${price.longestStaleMs().toFixed(1)} ms at most`,
        );
    }, 120_000);
  });
});

onOwnRedis(() => {
  onDatabase('sqlite', (engine) => {
    it('answers every request, and no old price past the bound, while Redis is killed and comes back', async () => {
      const { url: DATABASE_URL } = await engine.open();
      const redis = await startRedisServer();
      const servers = await startTwo({ DATABASE_URL, REDIS_URL: redis.url });
      const price = watchPrice(`/products/${FIRST}`, operator);
      await readWhile(servers, price, async () => {
        for (let round = 0; round < (isFull ? 10 : 1); round += 1) {
          await raiseOften(servers, price, 5);
          await redis.kill();
          await raiseOften(servers, price, 15);
          await redis.start();
          await raiseOften(servers, price, 30);
        }
      });
      expect(price.failed).toEqual([]);
      expect(price.longestStaleMs()).toBeLessThan(BOUND_MS + SLACK_MS);
      if (isFull)
        console.log(
          `${engine.name}: ${price.reads.length} reads, stale for ${price.longestStaleMs().toFixed(1)} ms at most`,
        );
    }, 300_000);
  });
});

onDatabase('sqlite', (engine) => {
  it('finds the planted bug: two processes with a memory of their own and no Redis', async () => {
    const { url: DATABASE_URL } = await engine.open();
    const servers = await startTwo({ DATABASE_URL });
    const price = watchPrice(`/products/${FIRST}`, operator);
    await readWhile(servers, price, async () => {
      await raiseOften(servers, price, 2);
      await wait(BOUND_MS + 2 * SLACK_MS);
    });
    expect(price.longestStaleMs()).toBeGreaterThan(BOUND_MS + SLACK_MS);
  }, 60_000);
});
