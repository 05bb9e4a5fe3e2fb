import { randomUUIDv7 } from 'node:crypto';
import { createCartRouter, createCartStore, shopPrices } from '@lab/cart-pricing';
import { createCatalogPriceList, createCatalogRouters, createProductStore } from '@lab/catalog-pagination';
import { createEchoRouter } from '@lab/echo-gateway';
import { createGiftRouter, createIdempotency, grantOperation } from '@lab/gift-grant';
import { createGiftHistoryRouter } from '@lab/gift-history';
import { ping } from '@lab/shared/database';
import { type App, callerOptions, createApp, createCallers, networkOptions } from '@lab/shared/http';
import { createHealth } from '@lab/shared/observability';
import { createCursors } from '@lab/shared/pagination';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { CombinedDemoSettings } from './config.ts';
import type { DemoTables } from './database.ts';
import { createFrontPage } from './front-page.ts';

export interface DemoDeps {
  readonly settings: CombinedDemoSettings;
  readonly db: Kysely<DemoTables>;
  readonly logger: Logger;
  readonly registry: Registry;
}

const about = {
  title: 'eCommerce Lab',
  description: 'All slices of the lab on one app: one registry, one database.',
  version: '0.1.0',
};

const listedSkus = shopPrices.map(({ sku }) => sku);

/** What is plugged into what. */
export const createDemoApp = ({ settings, db, logger, registry }: DemoDeps): App => {
  const now = () => new Date();
  const newId = randomUUIDv7;
  const callers = createCallers(callerOptions(settings));
  const health = createHealth({ database: () => ping(db) });
  const cursorsOf = (list: string) => createCursors({ secret: settings.CURSOR_SECRET, list });

  const products = createProductStore(db);
  const prices = createCatalogPriceList(products, listedSkus);
  const carts = createCartStore(db, { now, newId });
  const ttlMs = settings.IDEMPOTENCY_TTL_MS;
  const idempotency = createIdempotency({ now }, { ...grantOperation, ttlMs });

  const slices = [
    createEchoRouter({ registry, now }),
    ...createCatalogRouters({ products, cursors: cursorsOf('products') }),
    createCartRouter({ carts, prices, callers }),
    createGiftRouter({ db, idempotency, now, newId, callers }),
    createGiftHistoryRouter({ db, cursors: cursorsOf('gifts'), callers }),
  ];
  const routers = [...slices, createFrontPage({ slices, health, registry })];

  return createApp({ ...about, ...networkOptions(settings) }, { routers, logger, registry, health });
};
