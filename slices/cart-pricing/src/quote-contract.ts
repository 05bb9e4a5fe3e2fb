import { defineProblem, defineRoute, type Tag } from '@lab/shared/http';
import { currencySchema, MAX_AMOUNT_LENGTH, moneySchema, ROUNDING_MODES } from '@lab/shared/money';
import { z } from 'zod';
import { MAX_LINES, MAX_QUANTITY } from './cart-limits.ts';

// Zero may have a minus sign, because spreadsheets and serialized floats write one. It is printed without the sign.
const UNIT_PRICE = /^(?:\d+(?:\.\d{1,6})?|-0+(?:\.0{1,6})?)$/;
const NON_NEGATIVE = /^(?:\d+(?:\.\d+)?|-0+(?:\.0+)?)$/;
const PERCENT = /^0*(?:100(?:\.0{1,6})?|\d{1,2}(?:\.\d{1,6})?)$/;
const RATE = /^(?:0*1(?:\.0{1,6})?|0+(?:\.\d{1,6})?)$/;

const decimalSchema = (pattern: RegExp, message: string) =>
  z
    .string()
    .max(MAX_AMOUNT_LENGTH, `must have at most ${MAX_AMOUNT_LENGTH} characters`)
    .regex(pattern, message);

// The pattern counts code points, as JSON Schema does; a string's length counts UTF-16 units.
const skuSchema = z
  .string()
  .regex(/^[\s\S]{1,64}$/u, 'must have 1 to 64 characters')
  .meta({ description: 'Stock keeping unit, returned unchanged', example: 'ICE-VANILLA-500' });

// An unavailable line of a cart has no price.
const nameMissingPrice = ({ input }: { readonly input?: unknown }) =>
  input === null ? 'must be a price: this product is not available, so omit the line' : undefined;

const unitPriceSchema = z
  .strictObject(
    {
      amount: decimalSchema(UNIT_PRICE, 'must be a plain decimal, 0 or more, with at most 6 decimal places'),
      currency: currencySchema,
    },
    { error: nameMissingPrice },
  )
  .meta({
    id: 'cart-pricing.UnitPrice',
    description:
      'Price of one unit: 0 or more, with up to 6 decimal places, so it can be more precise than the minor unit',
    example: { amount: '3.495', currency: 'USD' },
  });

export const quantitySchema = z
  .int('must be a whole number')
  .min(1, 'must be at least 1')
  .max(MAX_QUANTITY, `must be at most ${MAX_QUANTITY}`)
  .meta({ example: 2 });

const requestLineSchema = z
  .strictObject({ sku: skuSchema, quantity: quantitySchema, unit_price: unitPriceSchema })
  .meta({ id: 'cart-pricing.QuoteRequestLine' });

const modeSchema = z.enum(ROUNDING_MODES).meta({
  description:
    'up and down round away from and toward zero. The others round to nearest, with ties: half_up away from zero, half_down toward zero, half_even to the even digit.',
});

const scopeSchema = z.enum(['line', 'total']).meta({
  description:
    'line: each line is rounded, and the totals are sums of the lines. total: the totals are rounded and allocated to the lines.',
});

const requestRoundingSchema = z.strictObject({
  mode: modeSchema.default('half_even'),
  scope: scopeSchema.default('line'),
});

const percentDiscountSchema = z.strictObject({
  percent: decimalSchema(PERCENT, 'must be a plain decimal from 0 to 100 with at most 6 decimal places').meta(
    {
      description: 'Percent of each line or of the subtotal, depending on the scope',
      example: '10',
    },
  ),
});

const amountDiscountSchema = z.strictObject({
  amount: z
    .strictObject({
      amount: decimalSchema(NON_NEGATIVE, 'must be a plain decimal, 0 or more'),
      currency: currencySchema,
    })
    .meta({
      id: 'cart-pricing.DiscountAmount',
      description:
        'Subtracted from the whole cart: at most its subtotal, and no more precise than the minor unit',
      example: { amount: '5.00', currency: 'USD' },
    }),
});

export const quoteRequestSchema = z
  .strictObject({
    items: z
      .array(requestLineSchema)
      .min(1, 'must have at least 1 line')
      .max(MAX_LINES, `must have at most ${MAX_LINES} lines`),
    rounding: requestRoundingSchema.prefault({}),
    discount: z
      .union([percentDiscountSchema, amountDiscountSchema], 'must be either a percent or an amount')
      .optional(),
    tax_rate: decimalSchema(RATE, 'must be a plain decimal from 0 to 1 with at most 6 decimal places')
      .meta({ description: 'Tax rate, applied after the discount: 0.0825 means 8.25%', example: '0.0825' })
      .optional(),
  })
  .meta({
    id: 'cart-pricing.QuoteRequest',
    example: {
      items: [{ sku: 'ICE-VANILLA-500', quantity: 3, unit_price: { amount: '3.495', currency: 'USD' } }],
      rounding: { mode: 'half_even', scope: 'line' },
      discount: { percent: '10' },
      tax_rate: '0.0825',
    },
  });

/** A valid request for a quote, with the defaults for rounding filled in. */
export type QuoteRequest = z.infer<typeof quoteRequestSchema>;

const quoteLineSchema = z
  .strictObject({
    sku: skuSchema,
    quantity: quantitySchema,
    unit_price: moneySchema,
    exact: moneySchema.meta({ description: 'quantity x unit_price, not rounded' }),
    line_total: moneySchema.meta({
      description: '`exact` after rounding, or its share of the rounded subtotal',
    }),
    discount: moneySchema,
    tax: moneySchema,
  })
  .meta({ id: 'cart-pricing.QuoteLine' });

/** The answer to the example request. */
const exampleQuote = {
  currency: 'USD',
  rounding: { mode: 'half_even', scope: 'line' },
  lines: [
    {
      sku: 'ICE-VANILLA-500',
      quantity: 3,
      unit_price: { amount: '3.495', currency: 'USD' },
      exact: { amount: '10.485', currency: 'USD' },
      line_total: { amount: '10.48', currency: 'USD' },
      discount: { amount: '1.05', currency: 'USD' },
      tax: { amount: '0.78', currency: 'USD' },
    },
  ],
  subtotal: { amount: '10.48', currency: 'USD' },
  discount: { amount: '1.05', currency: 'USD' },
  tax: { amount: '0.78', currency: 'USD' },
  total: { amount: '10.21', currency: 'USD' },
  item_count: 3,
};

export const quoteSchema = z
  .strictObject({
    currency: currencySchema,
    rounding: z.strictObject({ mode: modeSchema, scope: scopeSchema }),
    lines: z.array(quoteLineSchema),
    subtotal: moneySchema.meta({ description: 'Sum of the line totals' }),
    discount: moneySchema,
    tax: moneySchema,
    total: moneySchema.meta({ description: 'subtotal - discount + tax' }),
    item_count: z.int().meta({ description: 'Sum of the quantities' }),
  })
  .meta({
    id: 'cart-pricing.Quote',
    description: 'A priced cart. The amounts of the lines always sum to the totals.',
    example: exampleQuote,
  });

/** A priced cart as the API returns it. */
export type Quote = z.infer<typeof quoteSchema>;

export const tag: Tag = {
  name: 'cart-pricing',
  description:
    'Keeps carts and prices them exactly: amounts are decimals, rounding is explicit, and the amounts of the lines always sum to the totals.',
};

const unsupportedCurrency = defineProblem({
  code: 'unsupported_currency',
  status: 422,
  title: 'A currency is not supported',
  explanation:
    'Each currency must be an active ISO 4217 currency that has a minor unit. `errors` names the amounts to change.',
  example: {
    errors: [{ pointer: '#/items/0/unit_price/currency', detail: 'is not a supported currency' }],
  },
});

export const mixedCurrency = defineProblem({
  code: 'mixed_currency',
  status: 422,
  title: 'A cart has only one currency',
  explanation:
    'All amounts in a cart must be in the same currency; amounts are not converted. Use prices in the currency of the cart, or empty the cart first.',
});

const amountOutOfRange = defineProblem({
  code: 'amount_out_of_range',
  status: 422,
  title: 'An amount is too large or too precise',
  explanation:
    'Lines and totals can be up to 999,999,999,999 major units, and a discount cannot be more precise than the minor unit. `errors` names the amounts to change.',
});

const discountExceedsSubtotal = defineProblem({
  code: 'discount_exceeds_subtotal',
  status: 422,
  title: 'The discount exceeds the subtotal',
  explanation: 'The total of a cart cannot be negative. Lower the discount.',
});

/** The problem that a refused quote is answered with, by the code of the refusal. */
export const quoteProblems = {
  unsupported_currency: unsupportedCurrency,
  mixed_currency: mixedCurrency,
  amount_out_of_range: amountOutOfRange,
  discount_exceeds_subtotal: discountExceedsSubtotal,
} as const;

export const postQuote = defineRoute({
  method: 'POST',
  path: '/cart/quote',
  name: 'quoteCart',
  summary: 'Price a cart with explicit rounding',
  tag,
  body: quoteRequestSchema,
  responses: { 200: { description: 'The priced cart', body: quoteSchema } },
  problems: Object.values(quoteProblems),
});
