import { type Money, multiplyMoney, sum } from '@lab/shared/money';
import type { Cart } from './cart-store.ts';
import type { ListedPrice } from './price-list.ts';

type CartItem = Cart['items'][number];

/**
 * A line at its current price. It is unavailable if its sku is no longer listed in the currency of the cart. It then
 * has no price and cannot be bought.
 */
export type PricedLine = CartItem & {
  /** Null if the sku is no longer in the price list. */
  readonly name: string | null;
  readonly price: { readonly unit: Money; readonly line: Money } | null;
};

export interface PricedCart extends Omit<Cart, 'items'> {
  readonly lines: readonly PricedLine[];
  /** Sum of the available lines; null while the cart is empty. */
  readonly subtotal: Money | null;
}

const priceLine = (item: CartItem, currency: string | null, listed: ListedPrice | undefined): PricedLine => {
  const unit = listed?.unitPrice.currency === currency ? listed?.unitPrice : undefined;
  const price = unit ? { unit, line: multiplyMoney(unit, item.quantity) } : null;
  return { ...item, name: listed?.name ?? null, price };
};

/** Applies prices, given by sku, to a stored cart. Exact: nothing is rounded. */
export const priceCart = ({ items, ...cart }: Cart, prices: ReadonlyMap<string, ListedPrice>): PricedCart => {
  const { currency } = cart;
  const lines = items.map((item) => priceLine(item, currency, prices.get(item.sku)));
  const amount = sum(lines.flatMap(({ price }) => price?.line.amount ?? []));
  return { ...cart, lines, subtotal: currency === null ? null : { amount, currency } };
};
