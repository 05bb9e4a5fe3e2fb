import {
  type CartTables,
  cartMigrations,
  createCartRouter,
  createCartStore,
  createFixedPriceList,
  shopPrices,
} from '@lab/cart-pricing';
import { createIdempotency, idempotencyMigrations } from '@lab/gift-grant';
import {
  inventoryMigrations,
  type StockingTables,
  sampleStock,
  startInventory,
} from '@lab/inventory-reservation';
import type { Callers, ContractRouter } from '@lab/shared/http';
import type { Cursors } from '@lab/shared/pagination';
import type { Redis } from '@lab/shared/redis';
import type { Kysely } from 'kysely';
import { orderMigrations } from './migrations.ts';
import type { OrderTables } from './order-tables.ts';
import { type CheckoutServer, startCheckout } from './start-checkout.ts';
import type { CheckoutSteps } from './steps/checkout-steps.ts';
import { defaultSteps } from './steps/default-steps.ts';

/** The tables of a shop that has nothing but carts, stock and orders. */
export type ShopTables = StockingTables & CartTables & OrderTables;

export const shopMigrations = [idempotencyMigrations, cartMigrations, inventoryMigrations, orderMigrations];

type ShopServer = CheckoutServer &
  Parameters<typeof startInventory>[0] & {
    readonly settings: { readonly IDEMPOTENCY_TTL_MS: number };
  };

export interface ShopDeps {
  readonly db: Kysely<ShopTables>;
  readonly callers: Callers;
  readonly cursorsOf: (list: string) => Cursors;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly redis?: Redis | undefined;
  /** In place of what the shop has for these steps. */
  readonly steps?: Partial<CheckoutSteps>;
}

const SAMPLE_QUANTITY = 50;

/** What the price list sells, so that there is something to order when the slice runs alone. */
const stockOfPriceList = () => {
  const known = new Set(sampleStock.map(({ sku }) => sku));
  const others = shopPrices.filter(({ sku }) => !known.has(sku));
  return [...sampleStock, ...others.map(({ sku }) => ({ sku, quantity: SAMPLE_QUANTITY }))];
};

/** A small shop around the checkout: carts with fixed prices, stock, and orders. No gifts and no promo codes. */
export const startShop = (server: ShopServer, { redis, steps, ...deps }: ShopDeps) => {
  const { db, now, callers } = deps;
  const idempotency = createIdempotency({ now }, { ttlMs: server.settings.IDEMPOTENCY_TTL_MS });
  const inventory = startInventory(server, { ...deps, idempotency, redis });
  const { orders, router } = startCheckout(server, {
    ...{ ...deps, idempotency },
    steps: { ...defaultSteps(inventory.reservations, deps), ...steps },
  });
  const carts = createCartStore(db, deps);
  const routers: readonly ContractRouter[] = [
    // In the documentation the cart is filled before it is ordered.
    createCartRouter({ carts, prices: createFixedPriceList(), callers }),
    router,
    inventory.stockRouter,
  ];
  const stockUp = () => inventory.stock.create(stockOfPriceList());
  return { ...inventory, carts, orders, routers, stockUp };
};
