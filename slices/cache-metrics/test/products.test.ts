import { eachDatabase, parsePrometheus, startApp } from '@lab/testing';
import { describe, expect, it } from 'vitest';
import { FIRST, openShop, operator, type ShopOptions } from './cached-shop.ts';

const PRODUCT = `/products/${FIRST}`;

eachDatabase((engine) => {
  const open = async (options?: ShopOptions) => {
    const { app, ...shop } = await openShop(engine, options);
    const { request } = await startApp(app);
    const get = async (path: string, headers: Record<string, string> = {}) => {
      const answer = await request('GET', path, { headers });
      return { ...answer, cache: answer.headers.get('x-cache'), age: answer.headers.get('age') };
    };
    const change = (json: unknown, path = PRODUCT) => request('PUT', path, { headers: operator, json });
    const metrics = async () => parsePrometheus((await request('GET', '/metrics')).text);
    return { ...shop, request, get, change, metrics };
  };

  describe('GET /products/:id', () => {
    it('reads the database once, and then answers the same bytes and headers from memory', async () => {
      const { get, reads } = await open();
      const [first, second] = [await get(PRODUCT), await get(PRODUCT)];
      expect([first.cache, first.age, second.cache, second.age]).toEqual(['MISS', '0', 'HIT', '0']);
      expect(second.text).toBe(first.text);
      for (const name of ['etag', 'content-type', 'content-length', 'cache-control'])
        expect(second.headers.get(name)).toBe(first.headers.get(name));
      expect(reads.find).toBe(1);
    });

    it('answers 304 to a client with a current copy, also where its request is the one that loads', async () => {
      const { get, caches } = await open();
      const etag = (await get(PRODUCT)).headers.get('etag') ?? '';
      await caches.invalidate.products([FIRST]);
      const known = { 'If-None-Match': etag };
      const loading = await get(PRODUCT, known);
      expect([loading.status, loading.cache, loading.text]).toEqual([304, 'MISS', '']);
      // The condition of the client that loaded is not part of what is cached.
      const plain = await get(PRODUCT);
      expect([plain.status, plain.cache, plain.headers.get('etag')]).toEqual([200, 'HIT', etag]);
      expect((await get(PRODUCT, { 'If-None-Match': '"other"' })).status).toBe(200);
    });

    it('remembers that a product does not exist, and notices when it comes', async () => {
      const { get, reads, store, caches } = await open();
      const [first, second] = [await get('/products/new'), await get('/products/new')];
      expect([first.status, first.cache, second.status, second.cache]).toEqual([404, 'MISS', 404, 'HIT']);
      expect(second.body).toMatchObject({ code: 'product_not_found', instance: '/products/new' });
      expect(reads.find).toBe(1);
      const row = await store.find(FIRST);
      if (row === undefined) throw new Error('the sample has no first product');
      await store.upsert([{ ...row, id: 'new', sku: 'NEW' }]);
      await caches.invalidate.products(['new']);
      expect((await get('/products/new')).status).toBe(200);
    });

    it.each(['no-store', 'no-cache, max-age=0'])(
      'reads the database once, also for clients that send "Cache-Control: %s"',
      async (wanted) => {
        const { get, reads } = await open();
        const answers = [
          await get(PRODUCT, { 'Cache-Control': wanted }),
          await get(PRODUCT, { 'Cache-Control': wanted }),
        ];
        expect(answers.map(({ cache }) => cache)).toEqual(['MISS', 'HIT']);
        expect(reads.find).toBe(1);
      },
    );

    it('reads the database each time if the cache is off', async () => {
      const { get, reads } = await open({ env: { CACHE_TTL_MS: '0' } });
      expect([(await get(PRODUCT)).cache, (await get(PRODUCT)).cache]).toEqual(['BYPASS', 'BYPASS']);
      expect(reads.find).toBe(2);
    });

    it('does not keep a failure', async () => {
      let isBroken = true;
      const { get } = await open({
        beforeFind: async () => {
          if (isBroken) throw new Error('the disk is on fire');
        },
      });
      expect((await get(PRODUCT)).status).toBe(500);
      isBroken = false;
      expect((await get(PRODUCT)).status).toBe(200);
    });

    it('reads the database once for 100 requests at once', async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const { get, reads, metrics } = await open({ beforeFind: () => promise });
      const asking = Array.from({ length: 100 }, () => get(PRODUCT));
      await expect.poll(() => reads.find).toBe(1);
      resolve();
      const answers = await Promise.all(asking);
      const misses = answers.filter(({ cache }) => cache === 'MISS').length;
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      expect(reads.find).toBe(1);
      const measured = await metrics();
      const of = (name: string) => measured.value(name, { cache: 'products' }) ?? Number.NaN;
      expect(of('cache_hits_total') + of('cache_misses_total')).toBe(100);
      expect([of('cache_misses_total'), of('cache_load_duration_seconds_count')]).toEqual([misses, 1]);
      expect(of('cache_entries')).toBe(1);
    });
  });
});
