import { wholeNumber } from '@lab/shared/config';
import {
  defineProblem,
  defineRoute,
  ProblemError,
  serviceUnavailable,
  unknownSku,
  versionConflict,
} from '@lab/shared/http';
import { currencySchema, formatMoney, moneySchema } from '@lab/shared/money';
import { z } from 'zod';
import { MAX_LINES, MAX_QUANTITY } from './cart-limits.ts';
import type { CartOutcome } from './cart-store.ts';
import { sku } from './price-list.ts';
import type { PricedCart, PricedLine } from './priced-cart.ts';
import { mixedCurrency, quantitySchema, tag } from './quote-contract.ts';

const itemNotFound = defineProblem({
  code: 'cart_item_not_found',
  status: 404,
  title: 'The cart does not contain this item',
  explanation:
    'The item was removed, or it belongs to another cart. `GET /carts/me` lists the items in your cart.',
});

const quantityOutOfRange = defineProblem({
  code: 'quantity_out_of_range',
  status: 422,
  title: 'The quantity is out of range',
  explanation: `A cart can hold 1 to ${MAX_QUANTITY} units of a product, including those already in it. Send a smaller quantity.`,
});

const cartFull = defineProblem({
  code: 'cart_full',
  status: 422,
  title: 'The cart is full',
  explanation: `A cart can hold up to ${MAX_LINES} different products. Remove one before you add another.`,
});

const version = z.int('must be a whole number').min(0, 'must be 0 or more');
const expected_version = version
  .meta({ description: 'Refuse the change unless the cart is at this version' })
  .optional();

const cartItemSchema = z
  .strictObject({
    id: z.uuid(),
    sku,
    name: z.string().nullable().meta({ description: 'null if the shop no longer sells the product' }),
    available: z.boolean().meta({
      description: 'false if the product is no longer for sale, or no longer in the currency of the cart',
    }),
    unit_price: moneySchema.nullable().meta({ description: 'null if not available' }),
    quantity: quantitySchema,
    line_total: moneySchema.nullable().meta({ description: 'null if not available' }),
  })
  .meta({ id: 'cart-pricing.CartItem' });

const exampleItemId = '019b76da-a800-7000-8000-0000000000a1';

const exampleCart = {
  user_id: 1,
  version: 1,
  currency: 'USD',
  items: [
    {
      id: exampleItemId,
      sku: 'ICE-VANILLA-500',
      name: 'Vanilla bean ice cream, 500 ml',
      available: true,
      unit_price: { amount: '6.99', currency: 'USD' },
      quantity: 2,
      line_total: { amount: '13.98', currency: 'USD' },
    },
  ],
  subtotal: { amount: '13.98', currency: 'USD' },
  item_count: 2,
  updated_at: '2026-11-20T12:00:00.000Z',
};

const cartSchema = z
  .strictObject({
    user_id: z.int(),
    version,
    currency: currencySchema.nullable().meta({ description: 'null while the cart is empty' }),
    items: z.array(cartItemSchema),
    subtotal: moneySchema
      .nullable()
      .meta({ description: 'Sum of the available lines; null while the cart is empty' }),
    item_count: z.int().meta({ description: 'Sum of the quantities' }),
    updated_at: z.iso
      .datetime({ precision: 3 })
      .nullable()
      .meta({ description: 'null before the first change' }),
  })
  .meta({ id: 'cart-pricing.Cart', description: 'A cart at current prices', example: exampleCart });

const wholeCart = { description: 'The whole cart', body: cartSchema };
const item = z.strictObject({
  id: z
    .uuid('must be a UUID')
    .meta({ description: 'The `id` of an item in the cart', example: exampleItemId }),
});
const idFromCart =
  'Use an id from the `items` of `GET /carts/me`. The id in the example is a placeholder and answers 404.';
const shopper = { tag, caller: 'shopper', problems: [serviceUnavailable] } as const;

export const readCart = defineRoute({
  ...shopper,
  method: 'GET',
  path: '/carts/me',
  name: 'readCart',
  summary: "Read the caller's cart",
  responses: { 200: wholeCart },
});

export const addItem = defineRoute({
  ...shopper,
  method: 'POST',
  path: '/carts/me/items',
  name: 'addCartItem',
  summary: 'Add a product to the cart; adding the same SKU again increases its quantity',
  body: z.strictObject({ sku, quantity: quantitySchema, expected_version }),
  responses: { 201: wholeCart },
  problems: [unknownSku, mixedCurrency, quantityOutOfRange, cartFull, versionConflict, serviceUnavailable],
});

export const setQuantity = defineRoute({
  ...shopper,
  method: 'PATCH',
  path: '/carts/me/items/:id',
  name: 'setCartItemQuantity',
  summary: 'Set the quantity of an item in the cart',
  description: idFromCart,
  params: item,
  body: z.strictObject({ quantity: quantitySchema, expected_version }),
  responses: { 200: wholeCart },
  problems: [itemNotFound, quantityOutOfRange, versionConflict, serviceUnavailable],
});

export const removeItem = defineRoute({
  ...shopper,
  method: 'DELETE',
  path: '/carts/me/items/:id',
  name: 'removeCartItem',
  summary: 'Remove an item from the cart',
  description: idFromCart,
  params: item,
  query: z.strictObject({ expected_version: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional() }),
  responses: { 200: wholeCart },
  problems: [itemNotFound, versionConflict, serviceUnavailable],
});

/** The problem that a refused change is answered with. */
export const cartProblem = (refusal: Extract<CartOutcome, { ok: false }>): ProblemError => {
  switch (refusal.code) {
    case 'version_conflict':
      return new ProblemError(versionConflict, { members: { current_version: refusal.currentVersion } });
    case 'quantity_out_of_range':
      return new ProblemError(quantityOutOfRange);
    case 'mixed_currency':
      return new ProblemError(mixedCurrency);
    case 'cart_full':
      return new ProblemError(cartFull);
    case 'item_not_found':
      return new ProblemError(itemNotFound);
  }
};

const lineToJson = ({ price, ...line }: PricedLine): z.output<typeof cartItemSchema> => ({
  id: line.id,
  sku: line.sku,
  name: line.name,
  available: price !== null,
  unit_price: price && formatMoney(price.unit),
  quantity: line.quantity,
  line_total: price && formatMoney(price.line),
});

/** A cart as the API returns it. */
export const toJson = (cart: PricedCart): z.output<typeof cartSchema> => ({
  user_id: cart.userId,
  version: cart.version,
  currency: cart.currency,
  items: cart.lines.map(lineToJson),
  subtotal: cart.subtotal && formatMoney(cart.subtotal),
  item_count: cart.lines.reduce((count, { quantity }) => count + quantity, 0),
  updated_at: cart.updatedAt?.toISOString() ?? null,
});
