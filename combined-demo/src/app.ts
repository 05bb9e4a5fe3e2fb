import { randomUUIDv7 } from 'node:crypto';
import { createCartRouter, createCartStore, createFixedPriceList } from '@lab/cart-pricing';
import { createEchoRouter } from '@lab/echo-gateway';
import { ping } from '@lab/shared/database';
import { type App, callerOptions, createApp, createCallers, networkOptions } from '@lab/shared/http';
import { createHealth } from '@lab/shared/observability';
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

/** What is plugged into what. */
export const createDemoApp = ({ settings, db, logger, registry }: DemoDeps): App => {
  const now = () => new Date();
  const callers = createCallers(callerOptions(settings));
  const health = createHealth({ database: () => ping(db) });

  const prices = createFixedPriceList();
  const carts = createCartStore(db, { now, newId: randomUUIDv7 });

  const slices = [createEchoRouter({ registry, now }), createCartRouter({ carts, prices, callers })];
  const routers = [...slices, createFrontPage({ slices, health, registry })];

  return createApp({ ...about, ...networkOptions(settings) }, { routers, logger, registry, health });
};
