import { describe, expect, test } from 'vitest';
import { amounts, type Price, quote, rounding, usd } from './quoting.ts';

describe('checks run in stages, and a refusal lists all faults of the first stage that fails', () => {
  const faultsOf = (prices: readonly Price[], terms: object = {}) => {
    const outcome = quote(prices, terms);
    return outcome.ok ? [] : [outcome.code, ...outcome.faults.map((fault) => fault.pointer)];
  };
  const huge = '9'.repeat(64);

  test('unknown currencies first', () => {
    const terms = { discount: { amount: { amount: huge, currency: 'XAU' } } };
    expect(
      faultsOf(
        [
          ['1', 1],
          [huge, 1, 'ZZZ'],
          ['1', 1, 'EUR'],
        ],
        terms,
      ),
    ).toEqual(['unsupported_currency', '#/items/1/unit_price/currency', '#/discount/amount/currency']);
  });

  test('then currencies that differ from that of the first line', () => {
    const terms = { discount: { amount: { amount: huge, currency: 'EUR' } } };
    expect(
      faultsOf(
        [
          ['1', 1],
          ['1', 1, 'EUR'],
          [huge, 1],
        ],
        terms,
      ),
    ).toEqual(['mixed_currency', '#/items/1/unit_price/currency', '#/discount/amount/currency']);
  });

  test('then lines and discounts that are too large', () => {
    const terms = { discount: { amount: usd('1000000000000') } };
    expect(faultsOf([huge, '1', ['100000000', 10_000]], terms)).toEqual([
      'amount_out_of_range',
      '#/items/0/unit_price/amount',
      '#/items/2/unit_price/amount',
      '#/discount/amount/amount',
    ]);
  });

  test('a discount that is more precise than the minor unit', () => {
    const outcome = quote(['9'], { discount: { amount: usd('1.005') } });
    expect(outcome).toMatchObject({
      code: 'amount_out_of_range',
      faults: [
        { pointer: '#/discount/amount/amount', detail: 'has more decimal places than the 2 of its currency' },
      ],
    });
  });

  test('a line, the subtotal and the total can each be up to 999,999,999,999 major units', () => {
    const most = '999999999999';
    expect(amounts([most], rounding('up')).wholes[0]).toBe(`${most}.00`);
    expect(
      amounts([
        ['999999999999', 1, 'CLF'],
        ['0', 1, 'CLF'],
      ]).wholes[0],
    ).toBe(`${most}.0000`);
    expect(faultsOf([`${most}.000001`], rounding('down'))).toEqual([
      'amount_out_of_range',
      '#/items/0/unit_price/amount',
    ]);
    expect(faultsOf([most, '0.01'])).toEqual(['amount_out_of_range', '#/items']);
    expect(faultsOf([most], { tax_rate: '0.000001' })).toEqual(['amount_out_of_range', '#/tax_rate']);
  });

  test('never repeat a received value', () => {
    const card = '4111111111111111';
    const refused = [
      quote([card]),
      quote([['1', 1, 'ZZZ']]),
      quote(['1'], { discount: { amount: usd(card) } }),
    ];
    expect(JSON.stringify(refused)).not.toMatch(/4111|ZZZ/);
    expect(refused.map((outcome) => outcome.ok)).toEqual([false, false, false]);
  });
});

test('a hundred hostile lines are refused in no time', () => {
  const hostile = Array.from({ length: 100 }, (): Price => ['9'.repeat(64), 10_000]);
  const startedMs = performance.now();
  const outcome = quote(hostile, { discount: { amount: usd(`0.${'9'.repeat(62)}`) } });
  expect(outcome).toMatchObject({ ok: false, code: 'amount_out_of_range' });
  expect(performance.now() - startedMs).toBeLessThan(250);
});
