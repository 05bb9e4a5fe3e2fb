/** The checkout of the slice without a server, for processes of their own. */
import { randomUUIDv7 } from 'node:crypto';
import { createIdempotency } from '@lab/gift-grant';
import { createReservations, strategyOf } from '@lab/inventory-reservation';
import { openDatabase } from '@lab/shared/database';
import type { Kysely } from 'kysely';
import {
  type CheckoutSteps,
  createCheckout,
  defaultSteps,
  type OrderTables,
  type ShopTables,
} from '../src/index.ts';

export const deps = { now: () => new Date(), newId: randomUUIDv7 };

export const reservations = createReservations({ ...deps, strategy: strategyOf('conditional') });

export const plainSteps = defaultSteps(reservations, deps);

/** Checks out a shopper's cart once for each key. */
export const plainCheckout = (db: Kysely<ShopTables>, steps: CheckoutSteps = plainSteps) => {
  const checkout = createCheckout(steps, deps, { paymentWindowMs: 900_000 });
  const idempotency = createIdempotency(deps, { ttlMs: 86_400_000 });
  return (userId: number, key: string) => {
    const request = { operation: 'POST /checkout', scope: String(userId), key, payload: {} };
    return idempotency.run(db, request, async (trx) => ({
      status: 201,
      headers: {},
      body: (await checkout(trx.withTables<OrderTables>(), { userId, actor: `shopper:${userId}` })).id,
    }));
  };
};

export const openPlainCheckout = (url: string, steps?: CheckoutSteps) => {
  const db = openDatabase<ShopTables>(url);
  return { db, buy: plainCheckout(db, steps) };
};
