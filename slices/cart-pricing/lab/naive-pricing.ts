import { minorDigitsOf } from '@lab/shared/money';
import type { QuoteRequest } from '../src/quote-contract.ts';

const add = (left: number, right: number): number => left + right;

/** The usual way: binary floats, and `Math.round` at each step. It gets 1.005 wrong, among many others. */
export const floatQuote = ({ items, discount, tax_rate }: QuoteRequest) => {
  const digits = minorDigitsOf(items[0]?.unit_price.currency ?? 'USD');
  const scale = 10 ** digits;
  const percent = discount && 'percent' in discount ? Number(discount.percent) : 0;
  const fixed = discount && 'amount' in discount ? Number(discount.amount.amount) : 0;
  // #region heart
  const round = (value: number) => Math.round(value * scale) / scale;
  const totals = items.map(({ quantity, unit_price }) => round(quantity * Number(unit_price.amount)));
  const subtotal = totals.reduce(add);
  const discounts = totals.map((total) => round((total * percent) / 100 + (total / (subtotal || 1)) * fixed));
  const nets = totals.map((total, line) => total - (discounts[line] ?? 0));
  const taxes = nets.map((net) => round(net * Number(tax_rate ?? 0)));
  const off = percent > 0 ? discounts.reduce(add) : fixed;
  const total = subtotal - off + taxes.reduce(add);
  // #endregion
  const print = (value: number) => value.toFixed(digits);
  return {
    total: print(total),
    discount: print(off),
    nets: nets.map(print),
    discounts: discounts.map(print),
  };
};
