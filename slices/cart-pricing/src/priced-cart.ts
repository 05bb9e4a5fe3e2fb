import { type Money, multiplyMoney, sum } from '@lab/shared/money';
import type { Cart } from './cart-store.ts';
import type { ListedPrice } from './price-list.ts';

type CartItem = Cart['items'][number];

/**
 * A line at the price of now. It is unavailable where its sku has no price any more, or none in the currency of the
 * cart: then it costs nothing yet, and cannot be bought.
 */
export type PricedLine = CartItem & {
  /** Null where the price list does not have the sku any more. */
  readonly name: string | null;
  readonly price: { readonly unit: Money; readonly line: Money } | null;
};

export interface PricedCart extends Omit<Cart, 'items'> {
  readonly lines: readonly PricedLine[];
  /** Of the lines that are available; null while the cart is empty. */
  readonly subtotal: Money | null;
}

const priceLine = (item: CartItem, currency: string | null, listed: ListedPrice | undefined): PricedLine => {
  const unit = listed?.unitPrice.currency === currency ? listed?.unitPrice : undefined;
  const price = unit ? { unit, line: multiplyMoney(unit, item.quantity) } : null;
  return { ...item, name: listed?.name ?? null, price };
};

/** A stored cart at these prices, which are by sku. Exact: nothing is rounded. */
export const priceCart = ({ items, ...cart }: Cart, prices: ReadonlyMap<string, ListedPrice>): PricedCart => {
  const { currency } = cart;
  const lines = items.map((item) => priceLine(item, currency, prices.get(item.sku)));
  const amount = sum(lines.flatMap(({ price }) => price?.line.amount ?? []));
  return { ...cart, lines, subtotal: currency === null ? null : { amount, currency } };
};
