import type { Story } from '@lab/testing/story';
import { quoteCart } from '../src/pricing.ts';
import type { QuoteRequest } from '../src/quote-contract.ts';
import { ADDITIONS, changeCarts, TRIES } from './carts.ts';
import { floatQuote } from './naive-pricing.ts';
import { priceCarts } from './quotes.ts';

const victimOf = (request: QuoteRequest): Story['victim'] => {
  const outcome = quoteCart(request);
  const [item] = request.items;
  const [line] = outcome.ok ? outcome.quote.lines : [];
  const product = Number(item?.unit_price.amount) * (item?.quantity ?? 0);
  return {
    given: `${item?.quantity} x ${item?.unit_price.amount} ${item?.unit_price.currency}, rounded half up`,
    naive: `${floatQuote(request).total}, since in floats ${product} * 100 is ${product * 100}`,
    ours: `${line?.line_total.amount}, since the exact product is ${line?.exact.amount}`,
  };
};

export const breakNaive = async (): Promise<Story> => {
  const { priced, naive, ours, victim } = priceCarts();
  const { lost, conflicts, prices } = await changeCarts();
  const carts = `of ${priced.toLocaleString('en-US')} random carts`;
  return {
    victim: victimOf(victim),
    counts: [
      { what: `wrong totals, ${carts}`, naive: naive.total, ours: ours.total },
      {
        what: `carts whose line discounts do not sum to the discount, ${carts}`,
        naive: naive.parts,
        ours: ours.parts,
      },
      { what: `carts with a negative line, ${carts}`, naive: naive.negative, ours: ours.negative },
      {
        what: `totals that change with the order of the lines, ${carts}`,
        naive: naive.order,
        ours: ours.order,
      },
      { what: `additions lost, of ${ADDITIONS} concurrent ones to one cart`, ...lost },
      { what: `carts that accept two changes to the same version, of ${TRIES}`, ...conflicts },
      { what: `prices accepted from the client, of ${TRIES}`, ...prices },
    ],
  };
};
