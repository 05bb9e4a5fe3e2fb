export { allocate } from './allocation.ts';
export {
  type Decimal,
  formatAmount,
  MAX_AMOUNT_LENGTH,
  parseAmount,
  ROUNDING_MODES,
  type RoundingMode,
  roundTo,
  sum,
  ZERO,
} from './amount.ts';
export { currencyCodes, ISO_4217_PUBLISHED, isKnownCurrency, minorDigitsOf } from './iso-4217.ts';
export {
  addMoney,
  formatMinorUnits,
  formatMoney,
  fromMinorUnits,
  type Money,
  multiplyMoney,
  parseMinorUnits,
  parseMoney,
  roundMoney,
  toMinorUnits,
} from './money.ts';
export { currencySchema, moneySchema } from './money-schema.ts';
