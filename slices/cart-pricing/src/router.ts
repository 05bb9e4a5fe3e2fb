import {
  type Callers,
  type ContractRouter,
  contextOf,
  createRouter,
  ProblemError,
  route,
  unknownSku,
} from '@lab/shared/http';
import { addItem, cartProblem, readCart, removeItem, setQuantity, toJson } from './cart-contract.ts';
import type { Cart, CartOutcome, CartStore } from './cart-store.ts';
import { listPrices, type PriceList, toJson as priceToJson } from './price-list.ts';
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
      route(addItem).handle(async (req, res) => {
        const { expected_version: expectedVersion, ...line } = req.body;
        const { signal } = contextOf(req, res);
        const price = await prices.priceOf(line.sku);
        if (!price) throw new ProblemError(unknownSku);
        const { currency } = price.unitPrice;
        const outcome = await carts.add(req.caller.userId, { ...line, currency, expectedVersion, signal });
        return { status: 201, body: await showOutcome(outcome) };
      }),
      route(setQuantity).handle(async (req, res) => {
        const { quantity, expected_version: expectedVersion } = req.body;
        const { signal } = contextOf(req, res);
        const change = { itemId: req.params.id, quantity, expectedVersion, signal };
        return { status: 200, body: await showOutcome(await carts.setQuantity(req.caller.userId, change)) };
      }),
      route(removeItem).handle(async (req, res) => {
        const { expected_version: expectedVersion } = req.query;
        const { signal } = contextOf(req, res);
        const change = { itemId: req.params.id, expectedVersion, signal };
        return { status: 200, body: await showOutcome(await carts.remove(req.caller.userId, change)) };
      }),
    ],
    { callers },
  );
};
