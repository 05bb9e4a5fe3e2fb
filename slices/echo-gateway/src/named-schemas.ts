import { text } from '@lab/shared/http';
import { moneySchema } from '@lab/shared/money';
import { z } from 'zod';
import { lastFour, nothing, sensitive } from './masking.ts';

/** The Luhn check (ISO/IEC 7812-1, annex B): with every second digit from the right doubled, digits sum to 0 mod 10. */
const passesLuhn = (digits: string): boolean => {
  const sum = [...digits].toReversed().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
};

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export const message = z
  .strictObject({
    message: text(1, 1000),
    tags: z.array(text(1, 40)).max(10, 'must have at most 10 entries').optional(),
    metadata: z
      .record(z.string(), scalar)
      .refine((entries) => Object.keys(entries).length <= 20, 'must have at most 20 entries')
      .meta({ maxProperties: 20 })
      .optional(),
  })
  .meta({
    id: 'echo-gateway.Message',
    description: 'A message with tags and flat metadata',
    example: { message: 'Hello', tags: ['greeting'], metadata: { attempt: 1, urgent: false } },
  });

const address = z
  .strictObject({
    name: text(1, 100),
    line1: text(1, 100),
    line2: text(1, 100).optional(),
    postal_code: z
      .string()
      .regex(/^[A-Z0-9][A-Z0-9 -]{1,9}$/, 'must be 2 to 10 uppercase letters, digits, spaces or dashes'),
    city: text(1, 100),
    country: z.string().regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 alpha-2 code'),
    phone: sensitive(z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be an E.164 number'), lastFour).optional(),
  })
  .meta({ id: 'echo-gateway.Address', description: 'A postal address; the phone number is masked' });

const cartLine = z
  .strictObject({
    sku: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores'),
    quantity: z
      .int('must be a whole number')
      .min(1, 'must be 1 or more')
      .max(10_000, 'must be 10000 or less'),
    unit_price: moneySchema,
  })
  .meta({ id: 'echo-gateway.CartLine', description: 'One line of a cart' });

export const exampleCard = {
  number: '4111111111111111',
  holder: 'Alice Miller',
  expiry_month: 12,
  expiry_year: 2030,
  cvc: '123',
};

export const paymentCard = z
  .strictObject({
    number: sensitive(
      z
        .string()
        .regex(/^\d{12,19}$/, 'must be 12 to 19 digits')
        .refine(passesLuhn, 'must have a valid check digit'),
      lastFour,
    ),
    holder: text(1, 100),
    expiry_month: z.int().min(1, 'must be 1 or more').max(12, 'must be 12 or less'),
    expiry_year: z.int().min(2000, 'must be 2000 or more').max(2099, 'must be 2099 or less'),
    cvc: sensitive(z.string().regex(/^\d{3,4}$/, 'must be 3 or 4 digits'), nothing),
  })
  .meta({
    id: 'echo-gateway.PaymentCard',
    description: 'A payment card; its number and CVC are masked',
    example: exampleCard,
  });

/** The schemas for `POST /echo/:schema`, by name. */
export const namedSchemas: ReadonlyMap<string, z.ZodObject> = new Map<string, z.ZodObject>([
  ['message', message],
  ['address', address],
  ['cart_line', cartLine],
  ['payment_card', paymentCard],
]);
