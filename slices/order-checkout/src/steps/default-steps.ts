import { type CartTables, createCartStore, createFixedPriceList, type PriceList } from '@lab/cart-pricing';
import {
  createStockStore,
  InsufficientStockError,
  type InventoryTables,
  type Reservations,
  reservationProblem,
  UnknownSkuError,
} from '@lab/inventory-reservation';
import { ProblemError, unknownPromo } from '@lab/shared/http';
import { CheckoutRefusedError, requireForSale } from './checkout-refusals.ts';
import type { CheckoutSteps } from './checkout-steps.ts';

interface Deps {
  readonly now: () => Date;
  readonly newId: () => string;
}

/** The carts of cart-pricing. */
export const cartsOfPricing = (deps: Deps): CheckoutSteps['cart'] => ({
  readLocked: (trx, userId) => createCartStore(trx.withTables<CartTables>(), deps).readLocked(userId),
  empty: (trx, cart) => createCartStore(trx.withTables<CartTables>(), deps).empty(cart),
});

/** A price list that needs no database. One that does must read in the transaction. */
const fixedPrices = ({ pricesOf }: Pick<PriceList, 'pricesOf'>): CheckoutSteps['prices'] => ({
  pricesOf: (_trx, skus) => pricesOf(skus),
});

/** The reservations of inventory-reservation. */
export const stockOfInventory = (reservations: Reservations, deps: Deps): CheckoutSteps['stock'] => ({
  reserve: async (trx, lines, ttlMs) => {
    const wanted = lines.map(({ sku, quantity }) => ({ sku, quantity }));
    try {
      return (await reservations.reserve(trx.withTables<InventoryTables>(), wanted, ttlMs)).id;
    } catch (error) {
      if (error instanceof InsufficientStockError)
        throw new CheckoutRefusedError({ code: 'insufficient_stock', shortages: error.shortages });
      // A product that nobody has ever stocked.
      if (error instanceof UnknownSkuError)
        requireForSale(wanted.filter(({ sku }) => error.skus.includes(sku)));
      throw reservationProblem(error, wanted);
    }
  },
  sell: async (trx, id) =>
    (await reservations.confirm(trx.withTables<InventoryTables>(), id, { evenIfOverdue: true })).ok,
  release: (trx, id) => reservations.release(trx.withTables<InventoryTables>(), id, { evenIfOverdue: true }),
  takeBack: async (trx, lines, reason) => {
    const store = createStockStore(trx.withTables<InventoryTables>(), { ...deps, reservations });
    for (const { sku, quantity } of lines.toSorted((a, b) => (a.sku < b.sku ? -1 : 1)))
      await store.adjust(sku, quantity, reason);
  },
});

/** For a server without promo codes: none is known. */
const noDiscount: CheckoutSteps['discount'] = {
  problems: [unknownPromo],
  redeem: async () => {
    throw new ProblemError(unknownPromo);
  },
  giveBack: async () => undefined,
};

/** For a server without gifts. */
const noGift: CheckoutSteps['gift'] = {
  grant: async () => undefined,
  takeBack: async () => undefined,
};

/** For a server without accounts: a shopper has no addresses. */
const noAddresses: CheckoutSteps['address'] = { find: async () => undefined };

/** The steps of a shop that has nothing but carts, a fixed price list and stock. */
export const defaultSteps = (reservations: Reservations, deps: Deps): CheckoutSteps => ({
  cart: cartsOfPricing(deps),
  prices: fixedPrices(createFixedPriceList()),
  address: noAddresses,
  discount: noDiscount,
  stock: stockOfInventory(reservations, deps),
  gift: noGift,
});
