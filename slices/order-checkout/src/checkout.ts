/**
 * Problem: a checkout changes the cart, the stock, a promo code, a gift and the orders. If it fails halfway, or runs
 * twice, a shopper pays for what is not held, or holds what no order has.
 * The idea: one transaction does all of it, and reads as the list of its steps. The first step locks the cart and reads
 * it under the lock, so of two checkouts of one cart the second finds it empty.
 * Guarantees: all steps commit together or none does. The amounts are those of the prices inside the transaction, and
 * `expectedTotal` refuses any other. What many shoppers lock, the promo code and the stock, is locked late.
 * Does NOT guarantee: one order for a request that is sent twice. An idempotency key around it does; see routes/.
 */
import type { Money } from '@lab/shared/money';
import type { Order } from './orders/order-store.ts';
import { writeOrder } from './orders/write-order.ts';
import { CheckoutRefusedError, requireForSale } from './steps/checkout-refusals.ts';
import type { Address, CheckoutSteps, Trx } from './steps/checkout-steps.ts';
import { linesForSale, priceOrder } from './steps/price-order.ts';

export interface CheckoutWish {
  readonly userId: number;
  readonly actor: string;
  readonly promoCode?: string | undefined;
  readonly addressId?: string | undefined;
  readonly shippingAddress?: Address | undefined;
  /** What the shopper has been shown. */
  readonly expectedTotal?: Money | undefined;
  readonly taxRate?: string | undefined;
}

interface CheckoutOptions {
  /** How long the order waits for its payment, in milliseconds. */
  readonly paymentWindowMs: number;
}

/** Goods stay held a while longer than the order waits, so that a payment at the last moment finds them. */
const HELD_LONGER_MS = 600_000;

const isSame = (a: Money, b: Money): boolean => a.currency === b.currency && a.amount.equals(b.amount);

/** Turns a cart into an order, in the transaction that it is given. Throws a CheckoutRefusedError, or
 * what a step throws, which must roll it back. */
export const createCheckout = (
  steps: CheckoutSteps,
  { now, newId }: { readonly now: () => Date; readonly newId: () => string },
  { paymentWindowMs }: CheckoutOptions,
) => {
  const addressOf = async (trx: Trx, { userId, addressId, shippingAddress }: CheckoutWish) => {
    if (addressId === undefined) return shippingAddress;
    const found = await steps.address.find(trx, userId, addressId);
    if (found === undefined) throw new CheckoutRefusedError({ code: 'address_not_found' });
    return found;
  };

  return async (trx: Trx, wish: CheckoutWish): Promise<Order> => {
    const { userId, promoCode: code, expectedTotal, taxRate } = wish;
    const orderId = newId();
    const createdAt = now();

    const cart = await steps.cart.readLocked(trx, userId);
    if (cart.items.length === 0) throw new CheckoutRefusedError({ code: 'cart_empty' });
    const shippingAddress = await addressOf(trx, wish);

    const skus = cart.items.map(({ sku }) => sku);
    const { lines, missing } = linesForSale(cart, await steps.prices.pricesOf(trx, skus));
    requireForSale(missing);
    const full = priceOrder(lines, { taxRate });

    const redemption = { orderId, userId, total: full.subtotal };
    const discount =
      code === undefined ? undefined : await steps.discount.redeem(trx, { ...redemption, code });
    const priced = discount ? priceOrder(lines, { taxRate, discount }) : full;
    if (expectedTotal && !isSame(expectedTotal, priced.total))
      throw new CheckoutRefusedError({ code: 'price_changed', currentTotal: priced.total });

    const reservationId = await steps.stock.reserve(trx, lines, paymentWindowMs + HELD_LONGER_MS);
    const gift = await steps.gift.grant(trx, { orderId, userId, subtotal: full.subtotal });

    const order = await writeOrder(trx, {
      ...{ id: orderId, userId, actor: wish.actor, priced, code, gift, shippingAddress, reservationId },
      createdAt,
      expiresAt: new Date(createdAt.getTime() + paymentWindowMs),
    });
    await steps.cart.empty(trx, cart);
    return order;
  };
};

export type Checkout = ReturnType<typeof createCheckout>;
