import type { quoteCart } from '@lab/cart-pricing';
import type { Money } from '@lab/shared/money';

type RefusedQuote = Extract<ReturnType<typeof quoteCart>, { readonly ok: false }>;

interface Shortage {
  readonly sku: string;
  readonly wanted: number;
  readonly available: number;
}

/** Why a checkout was refused. */
export type CheckoutRefusal =
  | { readonly code: 'cart_empty' | 'address_not_found' }
  | { readonly code: 'price_changed'; readonly currentTotal: Money }
  | { readonly code: 'insufficient_stock'; readonly shortages: readonly Shortage[] }
  | { readonly code: 'not_priceable'; readonly quote: RefusedQuote };

/** Rolls the checkout back. */
export class CheckoutRefusedError extends Error {
  override readonly name = 'CheckoutRefusedError';
  readonly refusal: CheckoutRefusal;

  constructor(refusal: CheckoutRefusal) {
    super(`the checkout is refused: ${refusal.code}`);
    this.refusal = refusal;
  }
}

/** Refuses lines that the shop does not sell: there is nothing of them. */
export const requireForSale = (
  missing: readonly { readonly sku: string; readonly quantity: number }[],
): void => {
  if (missing.length === 0) return;
  const shortages = missing.map(({ sku, quantity }) => ({ sku, wanted: quantity, available: 0 }));
  throw new CheckoutRefusedError({ code: 'insufficient_stock', shortages });
};
