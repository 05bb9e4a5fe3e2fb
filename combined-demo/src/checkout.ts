import { type AccountsTables, createAddressStore } from '@lab/accounts';
import type { FlagPort } from '@lab/env-config';
import { createGiftStore, type GiftTables } from '@lab/gift-grant';
import type { Reservations } from '@lab/inventory-reservation';
import { type CheckoutSteps, cartsOfPricing, startCheckout, stockOfInventory } from '@lab/order-checkout';
import {
  createPromoStore,
  limitAttempts,
  type PromoTables,
  promoProblems,
  type RateLimiter,
} from '@lab/promo-rate-limit';
import { ProblemError } from '@lab/shared/http';
import { parseAmount } from '@lab/shared/money';
import { z } from 'zod';
import type { CombinedDemoSettings } from './config.ts';
import type { DemoTables } from './database.ts';
import { pricesOn } from './stores.ts';

interface StepDeps {
  readonly now: () => Date;
  readonly newId: () => string;
}

/** Codes are redeemed for the order, and given back by it. */
const promoDiscount = (deps: StepDeps): CheckoutSteps['discount'] => ({
  problems: Object.values(promoProblems),
  redeem: async (trx, wish) => {
    const outcome = await createPromoStore(trx.withTables<PromoTables>(), deps).redeemForOrder(wish);
    if (outcome.state === 'refused') throw new ProblemError(promoProblems[outcome.reason]);
    return outcome.redemption.discount;
  },
  giveBack: (trx, orderId) => createPromoStore(trx.withTables<PromoTables>(), deps).giveBackOrder(orderId),
});

/** The addresses of the signed-in shopper. */
const accountAddresses = (deps: StepDeps): CheckoutSteps['address'] => ({
  find: async (trx, userId, id) => {
    const found = await createAddressStore(trx.withTables<AccountsTables>(), deps).find(userId, id);
    if (found === undefined) return undefined;
    const { id: _id, line2, phone, ...address } = found;
    return { ...address, ...(line2 !== null && { line2 }), ...(phone !== null && { phone }) };
  },
});

/** A gift with large orders, while the flag is on for the shopper. The flags are in memory, so nothing waits for them. */
const flaggedGift = (
  deps: StepDeps & { readonly flags: FlagPort },
  { threshold, sku }: { readonly threshold: string; readonly sku: string },
): CheckoutSteps['gift'] => ({
  grant: async (trx, { userId, subtotal }) => {
    if (subtotal.amount.lessThan(parseAmount(threshold))) return undefined;
    if (!(await deps.flags.isOn('free_gift_on_checkout', userId))) return undefined;
    const wish = { userId: String(userId), sku, message: null };
    const gift = await createGiftStore(trx.withTables<GiftTables>(), deps).grant(wish);
    return { id: gift.id, sku: gift.sku };
  },
  takeBack: (trx, { id }) => createGiftStore(trx.withTables<GiftTables>(), deps).revoke(id),
});

const withCode = z.looseObject({ promo_code: z.string() });

type CheckoutServer = Parameters<typeof startCheckout>[0] & { readonly settings: CombinedDemoSettings };

type Deps = Omit<Parameters<typeof startCheckout>[1], 'steps'> & {
  readonly flags: FlagPort;
  readonly reservations: Reservations;
  /** Of attempts to redeem a code: a checkout with a wrong one is another guess. */
  readonly attempts: RateLimiter;
};

/** The checkout with promo codes, gifts, stock, and the prices and addresses of the other slices. */
export const startDemoCheckout = (
  server: CheckoutServer,
  { flags, reservations, attempts, ...deps }: Deps,
) => {
  const { FREE_GIFT_THRESHOLD: threshold, FREE_GIFT_SKU: sku } = server.settings;
  const steps: CheckoutSteps = {
    cart: cartsOfPricing(deps),
    prices: { pricesOf: (trx, skus) => pricesOn(trx.withTables<DemoTables>()).pricesOf(skus) },
    address: accountAddresses(deps),
    discount: promoDiscount(deps),
    stock: stockOfInventory(reservations, deps),
    gift: flaggedGift({ ...deps, flags }, { threshold, sku }),
  };
  const { orders, router } = startCheckout(server, { ...deps, steps });
  const isAttempt = (body: unknown) => withCode.safeParse(body).success;
  return { orders, router: limitAttempts(router, attempts, { route: 'checkOut', isAttempt }) };
};
