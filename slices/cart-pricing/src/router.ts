import {
  type Callers,
  type ContractRouter,
  createRouter,
  defineProblem,
  defineRoute,
  ProblemError,
  route,
  serviceUnavailable,
  wholeNumber,
} from '@lab/shared/http';
import { currencySchema, formatMoney, moneySchema, multiplyMoney, parseMoney, sum } from '@lab/shared/money';
import { z } from 'zod';
import { type Cart, type CartOutcome, type CartStore, MAX_QUANTITY } from './cart-store.ts';
import { listedPrice, listPrices, type PriceList, sku, unknownSku } from './price-list.ts';
import { quoteCart } from './pricing.ts';
import { mixedCurrency, postQuote, quantitySchema, quoteProblems, tag } from './quote-contract.ts';

export interface CartDeps {
  readonly carts: CartStore;
  readonly prices: PriceList;
  readonly callers: Callers;
}

const itemNotFound = defineProblem({
  code: 'cart_item_not_found',
  status: 404,
  title: 'The cart has no such item',
  explanation: 'The item was removed, or it is of a cart that is not yours.',
});

const quantityOutOfRange = defineProblem({
  code: 'quantity_out_of_range',
  status: 422,
  title: 'A line cannot hold that many',
  explanation: `A line holds 1 to ${MAX_QUANTITY} of its sku, also after adding up.`,
});

const versionConflict = defineProblem({
  code: 'version_conflict',
  status: 409,
  title: 'The cart has changed since you saw it',
  explanation: 'Read the cart, look at what changed, and send the request with its current version.',
  members: { current_version: z.int() },
});

const version = z.int('must be a whole number').min(0, 'must be 0 or more');
const expected_version = version
  .meta({ description: 'Refuse the change unless the cart is at this version' })
  .optional();

const cart = z
  .strictObject({
    user_id: z.int(),
    version,
    currency: currencySchema.nullable().meta({ description: 'null while the cart is empty' }),
    items: z.array(
      listedPrice
        .extend({ id: z.uuid(), quantity: quantitySchema, line_total: moneySchema })
        .meta({ id: 'CartItem' }),
    ),
    subtotal: moneySchema.nullable().meta({ description: 'null while the cart is empty' }),
    item_count: z.int().meta({ description: 'Sum of the quantities' }),
    updated_at: z.iso
      .datetime({ precision: 3 })
      .nullable()
      .meta({ description: 'null before the first change' }),
  })
  .meta({ id: 'Cart', description: 'A cart at the prices of now' });

const wholeCart = { description: 'The whole cart', body: cart };
const item = z.strictObject({ id: z.uuid('must be a UUID') });
const shopper = { tag, caller: 'shopper', problems: [serviceUnavailable] } as const;

const readCart = defineRoute({
  ...shopper,
  method: 'GET',
  path: '/carts/me',
  name: 'readCart',
  summary: 'The cart of the caller',
  responses: { 200: wholeCart },
});

const addItem = defineRoute({
  ...shopper,
  method: 'POST',
  path: '/carts/me/items',
  name: 'addCartItem',
  summary: 'Put a product into the cart; the same sku adds up',
  body: z.strictObject({ sku, quantity: quantitySchema, expected_version }),
  responses: { 201: wholeCart },
  problems: [unknownSku, mixedCurrency, quantityOutOfRange, versionConflict, serviceUnavailable],
});

const setQuantity = defineRoute({
  ...shopper,
  method: 'PATCH',
  path: '/carts/me/items/:id',
  name: 'setCartItemQuantity',
  summary: 'Set how many of a product the cart holds',
  params: item,
  body: z.strictObject({ quantity: quantitySchema, expected_version }),
  responses: { 200: wholeCart },
  problems: [itemNotFound, quantityOutOfRange, versionConflict, serviceUnavailable],
});

const removeItem = defineRoute({
  ...shopper,
  method: 'DELETE',
  path: '/carts/me/items/:id',
  name: 'removeCartItem',
  summary: 'Take a product out of the cart',
  params: item,
  query: z.strictObject({ expected_version: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional() }),
  responses: { 200: wholeCart },
  problems: [itemNotFound, versionConflict, serviceUnavailable],
});

const cartProblem = (refusal: Extract<CartOutcome, { ok: false }>): ProblemError => {
  switch (refusal.code) {
    case 'version_conflict':
      return new ProblemError(versionConflict, { members: { current_version: refusal.currentVersion } });
    case 'quantity_out_of_range':
      return new ProblemError(quantityOutOfRange);
    case 'mixed_currency':
      return new ProblemError(mixedCurrency);
    case 'item_not_found':
      return new ProblemError(itemNotFound);
  }
};

/** A stored cart as it stands on the wire, at the prices of now. */
const showCart = async (stored: Cart, prices: PriceList): Promise<z.output<typeof cart>> => {
  const { currency } = stored;
  const bySku = await prices.pricesOf(stored.items.map(({ sku }) => sku));
  const items = stored.items.map(({ id, sku, quantity }) => {
    const price = bySku.get(sku);
    if (price?.unit_price.currency !== currency) throw new Error(`sku ${sku} has no price in ${currency}`);
    const line_total = formatMoney(multiplyMoney(parseMoney(price.unit_price), quantity));
    return { id, sku, name: price.name, unit_price: price.unit_price, quantity, line_total };
  });
  const amount = sum(items.map(({ line_total }) => parseMoney(line_total).amount));
  return {
    user_id: stored.userId,
    version: stored.version,
    currency,
    items,
    subtotal: currency === null ? null : formatMoney({ amount, currency }),
    item_count: items.reduce((count, { quantity }) => count + quantity, 0),
    updated_at: stored.updatedAt?.toISOString() ?? null,
  };
};

const quoteRoute = route(postQuote).handle(({ body }) => {
  const outcome = quoteCart(body);
  if (outcome.ok) return { status: 200, body: outcome.quote };
  const { code, detail, faults: errors } = outcome;
  throw new ProblemError(quoteProblems[code], { detail, errors });
});

/** The routes of cart-pricing. */
export const createCartRouter = ({ carts, prices, callers }: CartDeps): ContractRouter => {
  const show = async (outcome: CartOutcome) => {
    if (!outcome.ok) throw cartProblem(outcome);
    return showCart(outcome.cart, prices);
  };

  return createRouter(
    [
      quoteRoute,
      route(listPrices).handle(async () => ({ status: 200, body: { items: [...(await prices.list())] } })),
      route(readCart).handle(async ({ caller }) => ({
        status: 200,
        body: await showCart(await carts.read(caller.userId), prices),
      })),
      route(addItem).handle(async ({ caller, body: { expected_version: expectedVersion, ...line } }) => {
        const price = await prices.priceOf(line.sku);
        if (!price) throw new ProblemError(unknownSku);
        const { currency } = price.unit_price;
        const outcome = await carts.add(caller.userId, { ...line, currency, expectedVersion });
        return { status: 201, body: await show(outcome) };
      }),
      route(setQuantity).handle(async ({ caller, params, body }) => {
        const change = { itemId: params.id, quantity: body.quantity, expectedVersion: body.expected_version };
        return { status: 200, body: await show(await carts.setQuantity(caller.userId, change)) };
      }),
      route(removeItem).handle(async ({ caller, params, query }) => {
        const change = { itemId: params.id, expectedVersion: query.expected_version };
        return { status: 200, body: await show(await carts.remove(caller.userId, change)) };
      }),
    ],
    { callers },
  );
};
