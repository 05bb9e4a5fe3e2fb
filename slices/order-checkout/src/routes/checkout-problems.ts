import { quoteProblems } from '@lab/cart-pricing';
import { insufficientStock } from '@lab/inventory-reservation';
import { addressNotFound, defineProblem, ProblemError } from '@lab/shared/http';
import { formatMoney, moneySchema } from '@lab/shared/money';
import { z } from 'zod';
import { ORDER_STATES } from '../order-states.ts';
import { CheckoutRefusedError } from '../steps/checkout-refusals.ts';

export const cartEmpty = defineProblem({
  code: 'cart_empty',
  status: 409,
  title: 'The cart is empty',
  explanation:
    'There is nothing to order. If you have sent this checkout before with another key, `GET /orders` lists the order that it made.',
});

export const priceChanged = defineProblem({
  code: 'price_changed',
  status: 409,
  title: 'The total is not what you expected',
  explanation:
    'A price, a discount or the cart has changed. Nothing was ordered. Show `current_total`, and send the checkout with it.',
  members: { current_total: moneySchema },
});

const state = z.enum(ORDER_STATES);

export const orderNotFound = defineProblem({
  code: 'order_not_found',
  status: 404,
  title: 'There is no such order',
  explanation: '`GET /orders` lists your orders. Those of others are not shown.',
});

export const illegalTransition = defineProblem({
  code: 'illegal_transition',
  status: 409,
  title: 'The order cannot go there from where it is',
  explanation: '`from` is the state that the order has now, and `allowed` are those that can follow it.',
  members: {
    from: state.meta({ example: 'shipped' }),
    allowed: z.array(state).meta({ example: ['delivered', 'refunded'] }),
  },
});

/** The problem that a refused checkout is answered with; other errors as they are. */
export const checkoutProblem = (error: unknown): unknown => {
  if (!(error instanceof CheckoutRefusedError)) return error;
  const { refusal } = error;
  switch (refusal.code) {
    case 'cart_empty':
      return new ProblemError(cartEmpty);
    case 'address_not_found':
      return new ProblemError(addressNotFound);
    case 'price_changed':
      return new ProblemError(priceChanged, {
        members: { current_total: formatMoney(refusal.currentTotal) },
      });
    case 'insufficient_stock':
      return new ProblemError(insufficientStock, { members: { shortages: [...refusal.shortages] } });
    case 'not_priceable':
      return new ProblemError(quoteProblems[refusal.quote.code], { detail: refusal.quote.detail });
  }
};
