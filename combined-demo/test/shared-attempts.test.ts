import { onDatabase, onOwnRedis, startRedisServer, startServerProcess } from '@lab/testing';
import { expect, it } from 'vitest';

const LAUNCHER = new URL('../src/server.ts', import.meta.url);
const ALICE = 'demo-alice@example.com';
const BOB = 'demo-bob@example.com';
const password = 'correct horse battery staple';

const limits = {
  LOGIN_ADDRESS_CAPACITY: '6',
  LOGIN_ADDRESS_REFILL_PER_SECOND: '0.001',
  LOGIN_CLIENT_CAPACITY: '20',
  LOGIN_CLIENT_REFILL_PER_SECOND: '0.001',
};
const small = { SEED_PRODUCTS: '0', SEED_GIFTS: 'off', HASH_MEMORY_KIB: '8', HASH_PASSES: '1' };

const countOf = (statuses: readonly number[], status: number): number =>
  statuses.filter((one) => one === status).length;

onOwnRedis(() => {
  onDatabase('sqlite', (engine) => {
    /** Two processes on one database and one Redis. Requests go to them in turn. */
    const start = async () => {
      const redis = await startRedisServer();
      const { url: DATABASE_URL } = await engine.open();
      const env = { DATABASE_URL, REDIS_URL: redis.url, REDIS_TIMEOUT_MS: '10000', ...limits, ...small };
      const servers = [
        await startServerProcess(LAUNCHER, { env }),
        await startServerProcess(LAUNCHER, { env }),
      ];
      let sent = 0;
      const post = (path: string, json: object): Promise<Response> => {
        sent += 1;
        const headers = { 'Content-Type': 'application/json' };
        return fetch(`${servers[sent % 2]?.url}${path}`, {
          method: 'POST',
          headers,
          body: JSON.stringify(json),
        });
      };
      const statuses = async (times: number, path: string, json: object) =>
        (await Promise.all(Array.from({ length: times }, () => post(path, json)))).map(
          ({ status }) => status,
        );
      return { redis, post, statuses };
    };

    it('two processes count attempts together, and refuse them as one does', {
      timeout: 60_000,
    }, async () => {
      const { post, statuses } = await start();
      const guesses = await statuses(16, '/sessions', { email: ALICE, password: 'not the password' });
      expect([countOf(guesses, 401), countOf(guesses, 429)]).toEqual([6, 10]);
      const refused = await post('/sessions', { email: ALICE, password });
      expect(refused.headers.get('content-type')).toContain('application/problem+json');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(900);
      expect(await refused.json()).toMatchObject({ status: 429, code: 'rate_limited' });

      // A login that succeeds gives its attempt back, whichever process it came to.
      for (let index = 0; index < 8; index += 1)
        expect((await post('/sessions', { email: BOB, password })).status).toBe(200);

      // 6 of the client's 20 attempts are gone.
      const registrations = await statuses(10, '/accounts', {
        email: 'ada@example.com',
        password: 'the analytical engine weaves',
      });
      expect(countOf(registrations, 202)).toBe(10);
      const resets = await statuses(12, '/password-resets', { email: BOB });
      expect([countOf(resets, 202), countOf(resets, 429)]).toEqual([4, 8]);
    });

    it('without Redis each process counts alone: shoppers log in, and guesses end', {
      timeout: 60_000,
    }, async () => {
      const { redis, post, statuses } = await start();
      expect(countOf(await statuses(6, '/sessions', { email: ALICE, password: 'wrong' }), 401)).toBe(6);
      await redis.kill();
      expect((await post('/sessions', { email: BOB, password })).status).toBe(200);
      const guesses = await statuses(30, '/sessions', { email: ALICE, password: 'not the password' });
      expect([countOf(guesses, 401), countOf(guesses, 429)]).toEqual([12, 18]);
    });
  });
});
