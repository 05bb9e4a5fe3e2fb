import { minorDigitsOf } from '@lab/shared/money';
import type { QuoteRequest } from '../src/quote-contract.ts';

/** How it is usually written: binary floats, and `Math.round` at each step. Wrong for 1.005, and far from alone. */
export const floatTotal = ({ items, discount, tax_rate }: QuoteRequest): string => {
  const digits = minorDigitsOf(items[0]?.unit_price.currency ?? 'USD');
  const scale = 10 ** digits;
  const round = (value: number): number => Math.round(value * scale) / scale;

  const totals = items.map(({ quantity, unit_price }) => round(quantity * Number(unit_price.amount)));
  const subtotal = totals.reduce((sum, total) => sum + total, 0);
  const cut = (total: number): number => {
    if (!discount) return 0;
    return 'percent' in discount
      ? round((total * Number(discount.percent)) / 100)
      : (total / subtotal) * Number(discount.amount.amount);
  };
  const nets = totals.map((total) => total - cut(total));
  const tax = nets.reduce((sum, net) => sum + round(net * Number(tax_rate ?? 0)), 0);
  return (nets.reduce((sum, net) => sum + net, 0) + tax).toFixed(digits);
};
