import { quoteProblems } from '@lab/cart-pricing';
import { insufficientStock } from '@lab/inventory-reservation';
import { addressNotFound, storableText } from '@lab/shared/http';
import { moneySchema } from '@lab/shared/money';
import { z } from 'zod';
import { cartEmpty, priceChanged } from './checkout-problems.ts';

export const addressSchema = z
  .strictObject({
    name: storableText(1, 100),
    line1: storableText(1, 200),
    line2: storableText(1, 200).optional(),
    postal_code: storableText(1, 20),
    city: storableText(1, 100),
    country: z.string().regex(/^[A-Z]{2}$/, 'must be two capital letters (ISO 3166-1 alpha-2)'),
    phone: storableText(1, 40).optional(),
  })
  .meta({
    id: 'order-checkout.Address',
    example: {
      name: 'Alice Example',
      line1: '12 St James Square',
      postal_code: 'SW1Y 4JH',
      city: 'London',
      country: 'GB',
    },
  });

export const checkoutRequest = z
  .strictObject({
    promo_code: storableText(1, 64).optional(),
    address_id: storableText(1, 64).optional().meta({ description: 'One of your addresses' }),
    shipping_address: addressSchema.optional().meta({ description: 'In place of `address_id`' }),
    expected_total: moneySchema
      .optional()
      .meta({ description: 'What the shopper has been shown. Any other total is refused' }),
    tax_rate: z
      .string()
      .max(10)
      .regex(
        /^(?:1(?:\.0{1,6})?|0(?:\.\d{1,6})?)$/,
        'must be a plain decimal from 0 to 1 with at most 6 decimal places',
      )
      .optional()
      .meta({ description: 'Tax rate, applied after the discount: 0.0825 means 8.25%' }),
  })
  .refine(({ address_id, shipping_address }) => address_id === undefined || shipping_address === undefined, {
    path: ['address_id'],
    message: 'cannot be given together with shipping_address',
  })
  .meta({ id: 'order-checkout.CheckoutRequest', example: { tax_rate: '0.0825' } });

/** What a checkout can be refused with, besides the problems of what is plugged into its steps. */
export const checkoutProblems = [
  cartEmpty,
  insufficientStock,
  priceChanged,
  addressNotFound,
  quoteProblems.amount_out_of_range,
];
