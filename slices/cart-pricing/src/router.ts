import { type Callers, type ContractRouter, createRouter, ProblemError, route } from '@lab/shared/http';
import { addItem, cartProblem, readCart, removeItem, setQuantity, toJson } from './cart-contract.ts';
import type { Cart, CartOutcome, CartStore } from './cart-store.ts';
import { listPrices, type PriceList, toJson as priceToJson, unknownSku } from './price-list.ts';
import { priceCart } from './priced-cart.ts';
import { quoteCart } from './pricing.ts';
import { postQuote, quoteProblems } from './quote-contract.ts';

export interface CartDeps {
  readonly carts: CartStore;
  readonly prices: PriceList;
  readonly callers: Callers;
}

const quoteRoute = route(postQuote).handle(({ body }) => {
  const outcome = quoteCart(body);
  if (outcome.ok) return { status: 200, body: outcome.quote };
  const { code, detail, faults: errors } = outcome;
  throw new ProblemError(quoteProblems[code], { detail, errors });
});

/** The routes of cart-pricing. */
export const createCartRouter = ({ carts, prices, callers }: CartDeps): ContractRouter => {
  const show = async (cart: Cart) =>
    toJson(priceCart(cart, await prices.pricesOf(cart.items.map(({ sku }) => sku))));

  const showOutcome = (outcome: CartOutcome) => {
    if (!outcome.ok) throw cartProblem(outcome);
    return show(outcome.cart);
  };

  return createRouter(
    [
      quoteRoute,
      route(listPrices).handle(async () => {
        const listed = await prices.list();
        return { status: 200, body: { items: listed.map(priceToJson) } };
      }),
      route(readCart).handle(async ({ caller }) => ({
        status: 200,
        body: await show(await carts.read(caller.userId)),
      })),
      route(addItem).handle(async ({ caller, body: { expected_version: expectedVersion, ...line } }) => {
        const price = await prices.priceOf(line.sku);
        if (!price) throw new ProblemError(unknownSku);
        const { currency } = price.unitPrice;
        const outcome = await carts.add(caller.userId, { ...line, currency, expectedVersion });
        return { status: 201, body: await showOutcome(outcome) };
      }),
      route(setQuantity).handle(async ({ caller, params, body }) => {
        const change = { itemId: params.id, quantity: body.quantity, expectedVersion: body.expected_version };
        return { status: 200, body: await showOutcome(await carts.setQuantity(caller.userId, change)) };
      }),
      route(removeItem).handle(async ({ caller, params, query }) => {
        const change = { itemId: params.id, expectedVersion: query.expected_version };
        return { status: 200, body: await showOutcome(await carts.remove(caller.userId, change)) };
      }),
    ],
    { callers },
  );
};
