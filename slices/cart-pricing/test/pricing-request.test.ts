import { expect, test } from 'vitest';
import { quoteRequestSchema } from '../src/quote-contract.ts';

const line = (changes: object = {}) => ({
  sku: 'ICE-VANILLA-500',
  quantity: 1,
  unit_price: { amount: '3.495', currency: 'USD' },
  ...changes,
});
const priced = (amount: unknown) => ({ items: [line({ unit_price: { amount, currency: 'USD' } })] });
const discounted = (discount: unknown) => ({ items: [line()], discount });
const amountOff = (amount: string) => discounted({ amount: { amount, currency: 'USD' } });
const taxed = (tax_rate: unknown) => ({ items: [line()], tax_rate });

test('fills in the default rounding', () => {
  expect(quoteRequestSchema.parse({ items: [line()] }).rounding).toEqual({
    mode: 'half_even',
    scope: 'line',
  });
  const { rounding } = quoteRequestSchema.parse({ items: [line()], rounding: { scope: 'total' } });
  expect(rounding).toEqual({ mode: 'half_even', scope: 'total' });
});

test.each([
  ['a price with 6 decimal places', priced('0.000001')],
  ['a price of zero with a minus sign', priced('-0.00')],
  ['a price of 64 digits, because a later stage checks its size', priced('9'.repeat(64))],
  [
    'an unknown currency, because a later stage checks it',
    { items: [line({ unit_price: { amount: '1', currency: 'ZZZ' } })] },
  ],
  ['100 lines', { items: Array.from({ length: 100 }, () => line()) }],
  ['a quantity of 10000', { items: [line({ quantity: 10_000 })] }],
  ['an SKU of 64 characters outside the basic plane', { items: [line({ sku: '🍦'.repeat(64) })] }],
  ['100 percent', discounted({ percent: '100.000000' })],
  ['a percent with leading zeros', discounted({ percent: '007.5' })],
  ['a discount of zero', amountOff('-0')],
  [
    'a discount that is more precise than the minor unit, because a later stage checks it',
    amountOff('1.005'),
  ],
  ['a tax rate of 1', taxed('1.0')],
])('accepts %s', (_name, request) => {
  expect(quoteRequestSchema.safeParse(request).success).toBe(true);
});

test.each([
  ['a price as a number', priced(3.495), 'items.0.unit_price.amount'],
  ['a negative price', priced('-0.01'), 'items.0.unit_price.amount'],
  ['a price with 7 decimal places', priced('0.0000001'), 'items.0.unit_price.amount'],
  ['a price with an exponent', priced('1e3'), 'items.0.unit_price.amount'],
  ['a price of 65 digits', priced('9'.repeat(65)), 'items.0.unit_price.amount'],
  ['a price with a line break', priced('1\n'), 'items.0.unit_price.amount'],
  [
    'a currency in lowercase',
    { items: [line({ unit_price: { amount: '1', currency: 'usd' } })] },
    'items.0.unit_price.currency',
  ],
  ['no line', { items: [] }, 'items'],
  ['101 lines', { items: Array.from({ length: 101 }, () => line()) }, 'items'],
  ['a quantity of 0', { items: [line({ quantity: 0 })] }, 'items.0.quantity'],
  ['a negative quantity', { items: [line({ quantity: -1 })] }, 'items.0.quantity'],
  ['a fractional quantity', { items: [line({ quantity: 0.5 })] }, 'items.0.quantity'],
  ['a quantity of 10001', { items: [line({ quantity: 10_001 })] }, 'items.0.quantity'],
  ['an empty SKU', { items: [line({ sku: '' })] }, 'items.0.sku'],
  ['an SKU of 65 characters', { items: [line({ sku: 'x'.repeat(65) })] }, 'items.0.sku'],
  ['an unknown field', { items: [line({ price: '1' })] }, 'items.0'],
  ['an own __proto__', JSON.parse(`{"items":[${JSON.stringify(line())}],"__proto__":{}}`), ''],
  ['an unknown mode', { items: [line()], rounding: { mode: 'nearest' } }, 'rounding.mode'],
  ['a percent above 100', discounted({ percent: '100.000001' }), 'discount.percent'],
  ['a negative percent', discounted({ percent: '-1' }), 'discount.percent'],
  ['a percent with 7 decimal places', discounted({ percent: '1.0000001' }), 'discount.percent'],
  ['a negative discount', amountOff('-0.01'), 'discount.amount.amount'],
  [
    'both kinds of discount',
    discounted({ percent: '1', amount: { amount: '1', currency: 'USD' } }),
    'discount',
  ],
  ['no kind of discount', discounted({}), 'discount'],
  ['a tax rate above 1', taxed('1.000001'), 'tax_rate'],
  ['a tax rate as a number', taxed(0.0825), 'tax_rate'],
])('refuses %s', (_name, request, path) => {
  const { error } = quoteRequestSchema.safeParse(request);
  expect(error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
});

test('names every fault without repeating a received value', () => {
  const card = '4111111111111111x';
  const request = {
    items: [line({ quantity: card, sku: card.repeat(9), unit_price: { amount: card, currency: card } })],
    rounding: { mode: card, scope: card },
    discount: { percent: card },
    tax_rate: card,
  };
  const messages = quoteRequestSchema.safeParse(request).error?.issues.map((issue) => issue.message) ?? [];
  expect(messages).toHaveLength(8);
  expect(messages.join()).not.toContain('4111');
});
