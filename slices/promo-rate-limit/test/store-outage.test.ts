import { createMetrics } from '@lab/shared/observability';
import { openRedis } from '@lab/shared/redis';
import {
  createTestApp,
  onDatabase,
  onOwnRedis,
  openTcpRelay,
  parsePrometheus,
  startApp,
  startRedisServer,
} from '@lab/testing';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createPromoRouter, createServerLimiters, limitRate } from '../src/index.ts';
import { callers, openPromos, shopper, usd } from './promo-app.ts';

onOwnRedis(() => {
  onDatabase('sqlite', (engine) => {
    it('refuses or lets pass as the policy says, waits once for both policies, and recovers without a restart', async () => {
      const { promos } = await openPromos(engine);
      const server = await startRedisServer();
      const relay = await openTcpRelay(server.url);
      const redis = openRedis(relay.url, { timeoutMs: 1000 });
      onTestFinished(() => redis[Symbol.asyncDispose]());
      await vi.waitFor(() => expect(redis.isReady).toBe(true), 10_000);
      const registry = createMetrics();
      const limiterOf = createServerLimiters({ registry, redis });
      const open = limiterOf({
        name: 'general',
        capacity: 1000,
        refillPerSecond: 1000,
        withoutStore: 'open',
      });
      const closed = limiterOf({ name: 'promo', capacity: 100, refillPerSecond: 10, withoutStore: 'closed' });
      const router = createPromoRouter({ promos, callers, registry });
      const app = createTestApp([limitRate(limitRate(router, closed, { only: ['applyPromo'] }), open)], {
        registry,
      });
      const { request } = await startApp(app);
      const apply = async () => {
        const json = { code: 'SAVE5', cart_id: '1', cart_total: usd('40.00') };
        const startedAtMs = performance.now();
        const { status, body, headers } = await request('POST', '/promo/apply', {
          headers: shopper(1),
          json,
        });
        const code = (body as { code: string }).code;
        return { status, code, ms: performance.now() - startedAtMs, retry: headers.get('Retry-After') };
      };
      const list = async () =>
        (await request('GET', '/promo/codes', { headers: { 'X-Admin-Token': 'dev-admin-token' } })).status;
      await apply();
      expect((await apply()).status).toBe(200);

      relay.freeze();
      const frozen = [await apply(), ...(await Promise.all([apply(), apply(), apply()]))];
      for (const answer of frozen)
        expect(answer).toMatchObject({ status: 503, code: 'rate_limiter_unavailable', retry: '1' });
      // Two policies ask the same silent Redis, and the second does not wait again.
      for (const { ms } of frozen) expect(ms).toBeLessThan(1900);
      expect(await list()).toBe(200);

      relay.cut();
      await server.kill();
      await vi.waitFor(() => expect(redis.isReady).toBe(false), 10_000);
      const gone = await apply();
      expect(gone.status).toBe(503);
      expect(gone.ms).toBeLessThan(1000);
      expect(await list()).toBe(200);

      await server.start();
      relay.restore();
      await vi.waitFor(async () => expect((await apply()).status).toBe(200), 10_000);
      const metrics = parsePrometheus(await registry.metrics());
      const decisions = (policy: string, decision: string) =>
        metrics.value('rate_limit_decisions_total', { policy, decision });
      expect(decisions('promo', 'failed_closed')).toBeGreaterThanOrEqual(5);
      expect(decisions('general', 'failed_open')).toBeGreaterThanOrEqual(5);
    }, 60_000);
  });
});
