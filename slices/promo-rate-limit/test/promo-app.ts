import { migrate } from '@lab/shared/database';
import { createCallers } from '@lab/shared/http';
import { createMetrics } from '@lab/shared/observability';
import {
  createFakeClock,
  createSeededIds,
  createTestApp,
  type DatabaseEngine,
  startApp,
  type TestAppOverrides,
} from '@lab/testing';
import {
  type BucketStore,
  createMemoryStore,
  createPromoRouter,
  createPromoStore,
  createRateLimiter,
  limitRate,
  type Policy,
  type PromoTables,
  promoMigrations,
  seedPromoCodes,
} from '../src/index.ts';

const NOON = '2026-11-20T12:00:00.000Z';
export const operator = { 'X-Admin-Token': 'dev-admin-token' };
export const shopper = (id: number) => ({ 'X-User-Id': String(id) });

export const callers = createCallers({
  authTokens: new Map([
    ['demo-alice', 1],
    ['demo-bob', 2],
  ]),
  adminToken: 'dev-admin-token',
  trustUserHeader: true,
  realm: 'promo',
});

const policy: Policy = { name: 'promo', capacity: 5, refillPerSecond: 0.1, withoutStore: 'closed' };

export interface PromoAppOptions {
  readonly policy?: Partial<Policy>;
  readonly store?: BucketStore;
  readonly overrides?: TestAppOverrides;
}

/** The promo codes of this test on an empty database, and a clock that stands still until it is advanced. */
export const openPromos = async (engine: DatabaseEngine) => {
  const { db, url } = await engine.open<PromoTables>();
  await migrate(db, [promoMigrations]);
  const { now, advance } = createFakeClock(NOON);
  await seedPromoCodes(db, { now });
  const promos = createPromoStore(db, { now, newId: createSeededIds(1, now) });
  return { db, url, now, advance, promos };
};

/** An app of the routes with the limit of the shipped server, all on one fake clock. */
export const openPromoApp = async (engine: DatabaseEngine, options: PromoAppOptions = {}) => {
  const { now, promos, ...rest } = await openPromos(engine);
  const store = options.store ?? createMemoryStore({ now: () => now().getTime() });
  const limiter = createRateLimiter({ ...policy, ...options.policy }, { store });
  const registry = createMetrics();
  const router = createPromoRouter({ promos, callers, registry });
  const guarded = limitRate(router, limiter, { only: ['applyPromo'] });
  const app = createTestApp([guarded], { registry, ...options.overrides });
  return { ...rest, now, promos, app };
};

export const usd = (amount: string) => ({ amount, currency: 'USD' });

export const idOf = ({ body }: { readonly body: unknown }) =>
  (body as { redemption_id: string }).redemption_id;

/** The app, listening, with a client that acts for any shopper. */
export const startPromos = async (engine: DatabaseEngine, options?: PromoAppOptions) => {
  const { app, ...rest } = await openPromoApp(engine, options);
  const { request, url } = await startApp(app);
  return {
    ...rest,
    request,
    url,
    apply: (code: string, { user = 1, cart = 'cart', total = usd('100.00') } = {}) =>
      request('POST', '/promo/apply', {
        headers: shopper(user),
        json: { code, cart_id: cart, cart_total: total },
      }),
    giveBack: (id: string, user = 1) =>
      request('DELETE', `/promo/redemptions/${id}`, { headers: shopper(user) }),
    used: async (code: string): Promise<unknown> => {
      const { body } = await request('GET', '/promo/codes', { headers: operator });
      const { items } = body as { items: { code: string; redeemed: number }[] };
      return items.find((item) => item.code === code)?.redeemed;
    },
  };
};
