import type { Accounts } from '@lab/accounts';
import {
  type CatalogCaches,
  createCacheMetricsRouter,
  createCatalogCaches,
  createPortalRouter,
} from '@lab/cache-metrics';
import { createCartRouter } from '@lab/cart-pricing';
import { createEchoRouter } from '@lab/echo-gateway';
import { createEnvConfigRouters, onlyWhile, type RunningFlags, switchedOff } from '@lab/env-config';
import { createGiftRouter } from '@lab/gift-grant';
import { createGiftHistoryRouter } from '@lab/gift-history';
import type { Provider } from '@lab/payment-intents';
import { createVariantRouters } from '@lab/product-variants';
import {
  createPromoRouter,
  createServerLimiters,
  limitRate,
  type Policy,
  promoPolicy,
  type RateLimiter,
} from '@lab/promo-rate-limit';
import {
  type AuditTrail,
  createAuditRouter,
  createWrappedRouter,
  type startUpstream,
  wrappedOptions,
} from '@lab/reliability-audit';
import { type ContractRouter, guard, requireCaller, type ServerContext } from '@lab/shared/http';
import type { Redis } from '@lab/shared/redis';
import type { Kysely } from 'kysely';
import { createDemoAccounts } from './accounts/demo-accounts.ts';
import { startDemoCheckout } from './checkout.ts';
import { type CombinedDemoSettings, generalPolicy } from './config.ts';
import type { DemoTables } from './database.ts';
import { startDemoInventory } from './inventory.ts';
import { startDemoPayments } from './payments.ts';
import { createDemoStores } from './stores.ts';

export interface DemoContext
  extends Pick<
    ServerContext<CombinedDemoSettings>,
    'settings' | 'registry' | 'described' | 'logger' | 'resources'
  > {
  readonly flags: RunningFlags;
  /** Makes rate limiters (default: in memory). */
  readonly limiterOf?: (policy: Policy) => RateLimiter;
  readonly trail: AuditTrail;
  /** Those of the catalog (default: new ones in memory). */
  readonly caches?: CatalogCaches;
  /** Prepared already (default: new ones, which prepare themselves at their first use). */
  readonly accounts?: Accounts;
  readonly wrapped: Awaited<ReturnType<typeof startUpstream>>;
  /** For the strategy `redis` of the inventory (default: none, and its gate stands open). */
  readonly redis?: Redis | undefined;
  /** Of the payments. */
  readonly provider: Provider;
}

/** Connects the slices: their routers with their dependencies, for one Express app. */
export const composeDemo = (
  db: Kysely<DemoTables>,
  {
    settings,
    registry,
    described,
    logger,
    resources,
    flags,
    trail,
    wrapped,
    redis,
    provider,
    limiterOf = createServerLimiters({ registry }),
    caches = createCatalogCaches({ registry }, settings),
    accounts = createDemoAccounts(db, { settings, registry, limiterOf }),
  }: DemoContext,
): readonly ContractRouter[] => {
  const { now, newId, products, prices, carts, promos, idempotency, callers, promoCallers, cursorsOf } =
    createDemoStores(db, settings, accounts);
  const wrappedRouter = createWrappedRouter({ ...wrapped, audit: trail.calls }, wrappedOptions(settings));
  const general = limiterOf(generalPolicy(settings));
  const promoRouter = createPromoRouter({ promos, callers: promoCallers, registry });

  const server = { settings, registry, logger, resources };
  const keyed = { db, idempotency, callers, cursorsOf, now, newId };
  const inventory = startDemoInventory(server, { ...keyed, redis, caches });
  const attempts = limiterOf(promoPolicy(settings));
  const checkout = startDemoCheckout(server, {
    ...keyed,
    ...{ flags, attempts, reservations: inventory.reservations },
    onRefundWanted: (trx, order) => payments.refundOrder(trx, order),
  });
  const payments = startDemoPayments(server, { ...keyed, provider, orders: checkout.orders });

  const catalog = createVariantRouters({
    ...{ db, now, newId, callers },
    stock: inventory.variantStock,
    cursors: cursorsOf('products'),
    onChanged: caches.invalidate.products,
  });

  const grants = requireCaller(createGiftRouter({ db, idempotency, now, newId }), callers, {
    grantGift: { caller: 'operator', permission: 'orders:manage' },
    readGift: 'either',
  });

  const shop = [
    createEchoRouter({ registry, now }),
    ...catalog.map(caches.around),
    // A cache has no transaction that the entry could share.
    trail.aroundRoutes(createCacheMetricsRouter({ products, caches, callers }), [
      'clearCache',
      'forgetCachedKey',
    ]),
    createPortalRouter(),
    ...inventory.routers,
    guard(createCartRouter({ carts, prices, callers }), onlyWhile(flags, 'cart_changes'), {
      problems: [switchedOff],
      only: ['addCartItem', 'setCartItemQuantity', 'removeCartItem'],
    }),
    checkout.router,
    ...payments.routers,
    guard(grants, onlyWhile(flags, 'gift_grants'), { problems: [switchedOff], only: ['grantGift'] }),
    requireCaller(createGiftHistoryRouter({ db, cursors: cursorsOf('gifts') }), callers, {
      listGifts: 'either',
    }),
    ...createEnvConfigRouters({ flags, callers, now, described, environment: settings.APP_ENV }),
    limitRate(promoRouter, attempts, { only: ['applyPromo'] }),
    ...accounts.routers({ callers, cursors: cursorsOf('accounts') }),
  ];
  // Each router that writes is audited, whatever it is. The trail itself is read only.
  const audit = createAuditRouter({ db, cursors: cursorsOf('audit'), callers, headFile: trail.headFile });
  const limited = [...shop.map(trail.aroundWrites), wrappedRouter, audit].map((router) =>
    limitRate(router, general),
  );
  // The provider sends its events in bursts, and what is refused comes again for hours.
  return [...limited, trail.aroundWrites(payments.webhookRouter)].map((router) =>
    guard(router, flags.perRequest, { problems: [], stage: 'before-identification' }),
  );
};
