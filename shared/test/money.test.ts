import { Decimal as SharedDecimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addMoney,
  currencyCodes,
  formatAmount,
  formatMinorUnits,
  formatMoney,
  fromMinorUnits,
  moneySchema,
  multiplyMoney,
  parseAmount,
  parseMinorUnits,
  parseMoney,
  ROUNDING_MODES,
  roundMoney,
  roundTo,
  sum,
  toMinorUnits,
} from '../src/money/index.ts';

const usd = (amount: string) => parseMoney({ amount, currency: 'USD' });

describe('rounding to two decimals', () => {
  // Columns as in the list of modes: half_even, half_up, half_down, up, down.
  test.each([
    ['1.005', '1.00', '1.01', '1.00', '1.01', '1.00'],
    ['1.015', '1.02', '1.02', '1.01', '1.02', '1.01'],
    ['-1.005', '-1.00', '-1.01', '-1.00', '-1.01', '-1.00'],
    ['-1.015', '-1.02', '-1.02', '-1.01', '-1.02', '-1.01'],
    ['34.116425', '34.12', '34.12', '34.12', '34.12', '34.11'],
    ['0.0000001', '0.00', '0.00', '0.00', '0.01', '0.00'],
    ['-0.0000001', '0.00', '0.00', '0.00', '-0.01', '0.00'],
    ['2.50', '2.50', '2.50', '2.50', '2.50', '2.50'],
  ])('%s', (amount, ...expected) => {
    const rounded = ROUNDING_MODES.map((mode) => formatAmount(roundTo(parseAmount(amount), 2, mode), 2));
    expect(rounded).toEqual(expected);
  });

  test('takes the digits from the currency', () => {
    const round = (amount: string, currency: string) =>
      formatMoney(roundMoney(parseMoney({ amount, currency }), 'half_even')).amount;
    expect(round('2.5', 'JPY')).toBe('2');
    expect(round('2.50055', 'KWD')).toBe('2.501');
    expect(round('2.50055', 'CLF')).toBe('2.5006');
  });
});

describe('amounts as text', () => {
  test.each([
    '1e3',
    '0x10',
    '.5',
    '5.',
    '+1',
    ' 1',
    '1\n',
    '',
    '-',
    'NaN',
    'Infinity',
    '1_000',
    '١',
    '9'.repeat(65),
  ])('refuses %j', (text) => {
    expect(() => parseAmount(text)).toThrow(RangeError);
    expect(moneySchema.safeParse({ amount: text, currency: 'USD' }).success).toBe(false);
  });

  test('prints at least the minor digits, all others it has, and never an exponent', () => {
    expect(formatAmount(parseAmount('10'), 2)).toBe('10.00');
    expect(formatAmount(parseAmount('1.0050'), 2)).toBe('1.005');
    expect(formatAmount(parseAmount('-0.00'), 2)).toBe('0.00');
    expect(formatAmount(parseAmount('100.5'), 0)).toBe('100.5');
    expect(formatAmount(parseAmount('0.00000000000000000001'), 2)).toBe('0.00000000000000000001');
    expect(formatAmount(parseAmount('9'.repeat(64)), 0)).toBe('9'.repeat(64));
  });

  test('keeps every digit of sums and products of the longest amounts', () => {
    const widest = ['9'.repeat(64), `0.${'9'.repeat(62)}`].map(parseAmount);
    expect(formatAmount(sum(widest), 0)).toBe(`${'9'.repeat(64)}.${'9'.repeat(62)}`);
    const longest = parseAmount('9'.repeat(64));
    expect(longest.times(longest).toFixed()).toBe((BigInt('9'.repeat(64)) ** 2n).toString());
  });

  test('leaves the shared Decimal settings alone', () => {
    expect(SharedDecimal.precision).toBe(20);
    expect(new SharedDecimal(1).dividedBy(3).toString()).toHaveLength(22);
  });
});

describe('money on the wire', () => {
  test('takes any three capital letters as a currency: whether it is known is asked later', () => {
    expect(moneySchema.safeParse({ amount: '19.99', currency: 'ZZZ' }).success).toBe(true);
  });

  test.each([
    { amount: 19.99, currency: 'USD' },
    { amount: '19.99', currency: 'usd' },
    { amount: '19.99' },
    { amount: '19.99', currency: 'USD', scale: 2 },
    'USD 19.99',
    null,
  ])('refuses %j', (value) => {
    expect(moneySchema.safeParse(value).success).toBe(false);
  });
});

describe('arithmetic', () => {
  test('adds and multiplies exactly', () => {
    expect(formatMoney(addMoney(usd('0.1'), usd('0.2')))).toEqual({ amount: '0.30', currency: 'USD' });
    expect(formatMoney(multiplyMoney(usd('3.495'), 3)).amount).toBe('10.485');
    expect(formatMoney(multiplyMoney(usd('19.99'), parseAmount('0.0825'))).amount).toBe('1.649175');
  });

  test('refuses two currencies, and binary fractions as factors', () => {
    expect(() => addMoney(usd('1'), parseMoney({ amount: '1', currency: 'EUR' }))).toThrow(RangeError);
    expect(() => multiplyMoney(usd('1'), 0.1)).toThrow(RangeError);
  });
});

describe('minor units', () => {
  test.each([
    ['19.99', 'USD', 1999],
    ['-0.01', 'USD', -1],
    ['500', 'JPY', 500],
    ['1.234', 'KWD', 1234],
    ['90071992547409.91', 'USD', Number.MAX_SAFE_INTEGER],
  ])('%s %s is stored as %d and read back', (amount, currency, amountMinor) => {
    expect(toMinorUnits(parseMoney({ amount, currency }))).toBe(amountMinor);
    expect(parseMinorUnits({ amount, currency })).toBe(amountMinor);
    expect(formatMoney(fromMinorUnits(amountMinor, currency))).toEqual({ amount, currency });
  });

  test('are written without arithmetic as with it', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom(...currencyCodes), (amountMinor, currency) => {
        const written = formatMinorUnits(amountMinor, currency);
        expect(written).toEqual(formatMoney(fromMinorUnits(amountMinor, currency)));
      }),
      { examples: [0, -0, 1, -1, 9, 10, -100].map((amountMinor) => [amountMinor, 'USD']) },
    );
  });

  test('are read without arithmetic as with it', () => {
    const digits = fc.stringMatching(/^[0-9]{1,18}$/);
    const amounts = fc.tuple(fc.constantFrom('', '-'), digits, fc.option(fc.stringMatching(/^[0-9]{1,5}$/)));
    const outcome = (read: () => number) => {
      try {
        return read();
      } catch (error) {
        return error;
      }
    };
    fc.assert(
      fc.property(amounts, fc.constantFrom(...currencyCodes), ([sign, whole, fraction], currency) => {
        const json = { amount: `${sign}${whole}${fraction === null ? '' : `.${fraction}`}`, currency };
        expect(outcome(() => parseMinorUnits(json))).toEqual(outcome(() => toMinorUnits(parseMoney(json))));
      }),
      { numRuns: 1000 },
    );
    for (const amount of ['', '1e3', '.5', '5.', '+1', '1'.repeat(65)])
      expect(() => parseMinorUnits({ amount, currency: 'USD' })).toThrow(RangeError);
  });

  test('stores minus zero as zero', () => {
    expect(Object.is(parseMinorUnits({ amount: '-0.00', currency: 'USD' }), 0)).toBe(true);
    expect(Object.is(toMinorUnits(usd('-0.00')), 0)).toBe(true);
  });

  test('refuses to lose anything', () => {
    expect(() => toMinorUnits(usd('1.005'))).toThrow(RangeError);
    expect(() => toMinorUnits(usd('90071992547409.92'))).toThrow(RangeError);
    expect(() => toMinorUnits(usd('-90071992547409.92'))).toThrow(RangeError);
    for (const unsafe of [1.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(() => fromMinorUnits(unsafe, 'USD')).toThrow(RangeError);
      expect(() => formatMinorUnits(unsafe, 'USD')).toThrow(RangeError);
    }
    expect(() => fromMinorUnits(1, 'ZZZ')).toThrow(RangeError);
    expect(() => formatMinorUnits(1, 'ZZZ')).toThrow(RangeError);
  });
});
