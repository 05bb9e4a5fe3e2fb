import * as dineroCurrencies from 'dinero.js/currencies';
import { expect, test } from 'vitest';
import { currencyCodes, ISO_4217_PUBLISHED, isKnownCurrency, minorDigitsOf } from '../src/money/index.ts';

/** Where dinero.js and the ISO list of our date disagree. A new difference, either way, fails below. */
const knownDifferences = {
  onlyInIso: [],
  // Bulgaria took the euro on 2026-01-01 (amendment 180).
  onlyInDinero: ['BGN'],
  // One ariary and one ouguiya are 5 smaller coins: dinero.js counts those (base 5), ISO lists 2 decimals.
  otherMinorUnit: ['MGA', 'MRU'],
};

const differences = (isoDigits: (code: string) => number) => {
  const dinero = new Map<string, { base: number | readonly number[]; exponent: number }>(
    Object.values(dineroCurrencies).map((currency) => [currency.code, currency]),
  );
  const isDecimal = (code: string) => dinero.get(code)?.base === 10;
  return {
    onlyInIso: currencyCodes.filter((code) => !dinero.has(code)),
    onlyInDinero: [...dinero.keys()].filter((code) => !isKnownCurrency(code)).sort(),
    otherMinorUnit: currencyCodes.filter(
      (code) => dinero.has(code) && !(isDecimal(code) && dinero.get(code)?.exponent === isoDigits(code)),
    ),
  };
};

test('differs from the dinero.js currencies only where named', () => {
  expect(differences(minorDigitsOf)).toEqual(knownDifferences);
});

test('the comparison notices one wrong number of minor digits', () => {
  const planted = (code: string) => (code === 'ISK' ? 2 : minorDigitsOf(code));
  expect(differences(planted).otherMinorUnit).toEqual(['ISK', 'MGA', 'MRU']);
});

test('holds as many currencies of each kind as the published list', () => {
  const count = (digits: number) => currencyCodes.filter((code) => minorDigitsOf(code) === digits).length;
  expect(ISO_4217_PUBLISHED).toBe('2026-01-01');
  expect([0, 1, 2, 3, 4].map(count)).toEqual([17, 0, 139, 7, 2]);
  expect(new Set(currencyCodes).size).toBe(165);
});

test('follows ISO where Intl follows custom', () => {
  const intlDigits = (currency: string) =>
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits;
  expect(minorDigitsOf('HUF')).toBe(2);
  expect(currencyCodes.filter((code) => intlDigits(code) !== minorDigitsOf(code))).toContain('HUF');
});

test.each(['XAU', 'XDR', 'XXX', 'XTS', 'BGN', 'ANG', 'usd', 'US', '', '__proto__'])(
  'does not know %j',
  (code) => {
    expect(isKnownCurrency(code)).toBe(false);
    expect(() => minorDigitsOf(code)).toThrow(RangeError);
  },
);
