import { type Cart, type ListedPrice, quoteCart } from '@lab/cart-pricing';
import { formatMoney, type Money, parseMinorUnits, parseMoney } from '@lab/shared/money';
import { CheckoutRefusedError } from './checkout-refusals.ts';

export interface PriceOptions {
  readonly taxRate?: string | undefined;
  readonly discount?: Money | undefined;
}

type Item = Cart['items'][number];

export interface SaleLine extends Item {
  readonly name: string;
  readonly unitPrice: Money;
}

/** The lines with their prices, and those that are not for sale in the currency of the cart. */
export const linesForSale = (
  { items, currency }: Cart,
  prices: ReadonlyMap<string, ListedPrice>,
): { readonly lines: readonly SaleLine[]; readonly missing: readonly Item[] } => {
  const priced = items.map((item) => ({ item, listed: prices.get(item.sku) }));
  const lines = priced.flatMap(({ item, listed }) =>
    listed?.unitPrice.currency === currency
      ? [{ ...item, name: listed.name, unitPrice: listed.unitPrice }]
      : [],
  );
  const sold = new Set(lines.map(({ sku }) => sku));
  return { lines, missing: items.filter(({ sku }) => !sold.has(sku)) };
};

/** The amounts of an order, as cart-pricing rounds and allocates them. Throws a CheckoutRefusedError for a refused quote. */
export const priceOrder = (lines: readonly SaleLine[], { taxRate, discount }: PriceOptions) => {
  const outcome = quoteCart({
    items: lines.map(({ sku, quantity, unitPrice }) => ({
      sku,
      quantity,
      unit_price: formatMoney(unitPrice),
    })),
    rounding: { mode: 'half_even', scope: 'line' },
    ...(taxRate !== undefined && { tax_rate: taxRate }),
    ...(discount && { discount: { amount: formatMoney(discount) } }),
  });
  if (!outcome.ok) throw new CheckoutRefusedError({ code: 'not_priceable', quote: outcome });
  const { quote } = outcome;
  return {
    currency: quote.currency,
    subtotal: parseMoney(quote.subtotal),
    total: parseMoney(quote.total),
    amounts: {
      subtotal_minor: parseMinorUnits(quote.subtotal),
      discount_minor: parseMinorUnits(quote.discount),
      tax_minor: parseMinorUnits(quote.tax),
      total_minor: parseMinorUnits(quote.total),
    },
    lines: lines.map(({ sku, name, quantity }, position) => {
      const amounts = quote.lines[position];
      if (amounts === undefined) throw new Error('a quote has lost a line');
      return {
        position,
        sku,
        name,
        quantity,
        unit_price_minor: parseMinorUnits(amounts.unit_price),
        line_total_minor: parseMinorUnits(amounts.line_total),
        discount_minor: parseMinorUnits(amounts.discount),
        tax_minor: parseMinorUnits(amounts.tax),
      };
    }),
  };
};

export type PricedOrder = ReturnType<typeof priceOrder>;
