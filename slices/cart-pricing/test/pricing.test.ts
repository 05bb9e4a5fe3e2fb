import { describe, expect, test } from 'vitest';
import { amounts, quote, rounding, usd } from './quoting.ts';

test('a quote has the shape of the contract', () => {
  expect(quote([['3.495', 3]], { discount: { percent: '10' }, tax_rate: '0.0825' })).toEqual({
    ok: true,
    quote: {
      currency: 'USD',
      rounding: { mode: 'half_even', scope: 'line' },
      lines: [
        {
          sku: 'sku-0',
          quantity: 3,
          unit_price: usd('3.495'),
          exact: usd('10.485'),
          line_total: usd('10.48'),
          discount: usd('1.05'),
          tax: usd('0.78'),
        },
      ],
      subtotal: usd('10.48'),
      discount: usd('1.05'),
      tax: usd('0.78'),
      total: usd('10.21'),
      item_count: 3,
    },
  });
});

describe('rounding', () => {
  test.each([
    ['half_even', '34.12', '1.00'],
    ['half_up', '34.12', '1.01'],
    ['half_down', '34.12', '1.00'],
    ['up', '34.12', '1.01'],
    ['down', '34.11', '1.00'],
  ])('%s: 34.116425 becomes %s and 1.005 becomes %s', (mode, first, second) => {
    expect(amounts(['34.116425', '1.005'], rounding(mode)).line_totals).toEqual([first, second]);
  });

  test('shows the exact amount next to the rounded one', () => {
    const outcome = quote(['34.116425']);
    expect(outcome.ok && outcome.quote.lines[0]?.exact).toEqual(usd('34.116425'));
    expect(outcome.ok && outcome.quote.total).toEqual(usd('34.12'));
  });

  test('with scope line, each line is rounded and the subtotal is their sum', () => {
    expect(amounts(['0.333', '0.333', '0.334'], rounding('half_up'))).toMatchObject({
      line_totals: ['0.33', '0.33', '0.33'],
      wholes: ['0.99', '0.00', '0.00', '0.99'],
    });
  });

  test('with scope total, the sum is rounded and allocated to the lines', () => {
    expect(amounts(['0.333', '0.333', '0.334'], rounding('half_up', 'total'))).toMatchObject({
      line_totals: ['0.33', '0.33', '0.34'],
      wholes: ['1.00', '0.00', '0.00', '1.00'],
    });
  });

  test('follows the minor unit of the currency', () => {
    expect(amounts([['100.5', 1, 'JPY']]).wholes).toEqual(['100', '0', '0', '100']);
    expect(amounts([['1.00055', 1, 'KWD']]).wholes).toEqual(['1.001', '0.000', '0.000', '1.001']);
    expect(amounts([['1.00055', 1, 'CLF']]).wholes).toEqual(['1.0006', '0.0000', '0.0000', '1.0006']);
  });

  test('prints zero without a sign', () => {
    expect(amounts(['-0.00', '0']).wholes).toEqual(['0.00', '0.00', '0.00', '0.00']);
  });
});

describe('discount and tax', () => {
  test.each(['line', 'total'])('$10.00 over three equal lines is 3.34, 3.33, 3.33 (scope %s)', (scope) => {
    const terms = { ...rounding('half_even', scope), discount: { amount: usd('10.00') } };
    expect(amounts(['20', '20', '20'], terms).discounts).toEqual(['3.34', '3.33', '3.33']);
  });

  test('a percent is rounded per line, or rounded once and allocated', () => {
    const discount = { percent: '10' };
    const prices = ['0.05', '0.15', '0.25'];
    expect(amounts(prices, { ...rounding('half_up'), discount })).toMatchObject({
      discounts: ['0.01', '0.02', '0.03'],
      wholes: ['0.45', '0.06', '0.00', '0.39'],
    });
    expect(amounts(prices, { ...rounding('half_up', 'total'), discount })).toMatchObject({
      discounts: ['0.00', '0.02', '0.03'],
      wholes: ['0.45', '0.05', '0.00', '0.40'],
    });
  });

  test('tax applies to the amount after the discount', () => {
    expect(amounts(['100'], { discount: { percent: '50' }, tax_rate: '0.0825' }).wholes).toEqual([
      '100.00',
      '50.00',
      '4.12',
      '54.12',
    ]);
  });

  test('a discount can reduce the total to zero but not below', () => {
    expect(amounts(['9', '0'], { discount: { amount: usd('9.000') } }).wholes).toEqual([
      '9.00',
      '9.00',
      '0.00',
      '0.00',
    ]);
    expect(quote(['9'], { discount: { amount: usd('9.01') } })).toEqual({
      ok: false,
      code: 'discount_exceeds_subtotal',
      detail: expect.any(String),
      faults: [{ pointer: '#/discount/amount/amount', detail: 'exceeds the subtotal' }],
    });
  });
});
