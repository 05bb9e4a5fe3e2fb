import { z } from 'zod';
import { MAX_AMOUNT_LENGTH, PLAIN_DECIMAL } from './amount.ts';

/** Three capital letters. Whether the currency exists is checked later (422), so that shape faults come first. */
export const currencySchema = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be three capital letters')
  .meta({ description: 'Currency code (ISO 4217)', example: 'USD' });

/** A plain decimal string of either sign, at most 64 characters. */
const amountSchema = z
  .string()
  .max(MAX_AMOUNT_LENGTH, `must have at most ${MAX_AMOUNT_LENGTH} characters`)
  .regex(PLAIN_DECIMAL, 'must be a plain decimal such as 19.99')
  .meta({ description: 'Decimal number in major units, without exponent', example: '19.99' });

/** Money in JSON: `{ "amount": "19.99", "currency": "USD" }`. */
export const moneySchema = z.strictObject({ amount: amountSchema, currency: currencySchema }).meta({
  id: 'lab.Money',
  description:
    'An amount in one currency. The amount is a decimal string, because binary floating-point numbers cannot hold most prices exactly',
  example: { amount: '19.99', currency: 'USD' },
});

export type MoneyJson = z.infer<typeof moneySchema>;
