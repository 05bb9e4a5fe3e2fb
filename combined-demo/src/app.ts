import { createCartRouter } from '@lab/cart-pricing';
import { createCatalogRouters } from '@lab/catalog-pagination';
import { createEchoRouter } from '@lab/echo-gateway';
import { createGiftRouter } from '@lab/gift-grant';
import { createGiftHistoryRouter } from '@lab/gift-history';
import { type ContractRouter, requireCaller, type ServerContext } from '@lab/shared/http';
import type { Kysely } from 'kysely';
import type { CombinedDemoSettings } from './config.ts';
import type { DemoTables } from './database.ts';
import { createDemoStores } from './stores.ts';

export type DemoContext = Pick<ServerContext<CombinedDemoSettings>, 'settings' | 'registry'>;

/** Connects the slices: their routers with their dependencies, for one Express app. */
export const composeDemo = (
  db: Kysely<DemoTables>,
  { settings, registry }: DemoContext,
): readonly ContractRouter[] => {
  const { now, newId, products, prices, carts, idempotency, callers, cursorsOf } = createDemoStores(
    db,
    settings,
  );

  return [
    createEchoRouter({ registry, now }),
    ...createCatalogRouters({ products, cursors: cursorsOf('products') }),
    createCartRouter({ carts, prices, callers }),
    requireCaller(createGiftRouter({ db, idempotency, now, newId }), callers, {
      grantGift: 'operator',
      readGift: 'either',
    }),
    requireCaller(createGiftHistoryRouter({ db, cursors: cursorsOf('gifts') }), callers, {
      listGifts: 'either',
    }),
  ];
};
