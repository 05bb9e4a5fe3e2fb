/** Prices random carts both ways and counts the faults in the quotes. */
import { type QuoteOutcome, quoteCart } from '../src/pricing.ts';
import type { Quote, QuoteRequest } from '../src/quote-contract.ts';
import { oracleQuote } from '../test/exact-oracle.ts';
import { randomCarts } from '../test/random-carts.ts';
import { floatQuote } from './naive-pricing.ts';

const CARTS = 100_000;
const SEED = 20_261_120;

/** The results of either way, as amounts without their currency. */
type Printed = ReturnType<typeof floatQuote>;

/** Amounts in one currency have the same number of decimal places, so their digits can be added as integers. */
const minor = (amount: string): bigint => BigInt(amount.replace('.', ''));

const quoteOf = (outcome: QuoteOutcome): Quote => {
  if (!outcome.ok) throw new Error(outcome.code);
  return outcome.quote;
};

const labQuote = (request: QuoteRequest): Printed => {
  const { lines, total, discount } = quoteOf(quoteCart(request));
  return {
    total: total.amount,
    discount: discount.amount,
    discounts: lines.map((line) => line.discount.amount),
    nets: lines.map((line) => String(minor(line.line_total.amount) - minor(line.discount.amount))),
  };
};

const faultsOf = (price: (request: QuoteRequest) => Printed, request: QuoteRequest, right: string) => {
  const { total, discount, discounts, nets } = price(request);
  const reversed = { ...request, items: request.items.toReversed() };
  return {
    total: total !== right,
    parts: discounts.map(minor).reduce((sum, part) => sum + part) !== minor(discount),
    negative: nets.some((net) => net.startsWith('-')),
    order: price(reversed).total !== total,
  };
};

type Faults = ReturnType<typeof faultsOf>;

const none = () => ({ total: 0, parts: 0, negative: 0, order: 0 });

const tally = (counts: Record<keyof Faults, number>, faults: Faults): void => {
  if (faults.total) counts.total += 1;
  if (faults.parts) counts.parts += 1;
  if (faults.negative) counts.negative += 1;
  if (faults.order) counts.order += 1;
};

const isOneLine = ({ items, discount, tax_rate }: QuoteRequest): boolean =>
  items.length === 1 && !discount && !tax_rate;

/**
 * The naive way supports only half_up rounding per line, so it is compared on the carts that ask for that. `victim` is
 * the first one-line cart without discount and tax whose naive total is wrong.
 */
export const priceCarts = () => {
  const [naive, ours] = [none(), none()];
  let priced = 0;
  let victim: QuoteRequest | undefined;
  for (const request of randomCarts(CARTS, SEED)) {
    const { mode, scope } = request.rounding;
    const right = mode === 'half_up' && scope === 'line' ? oracleQuote(request) : 'not asked for';
    if (typeof right === 'string') continue;
    priced += 1;
    const faults = faultsOf(floatQuote, request, right.total.amount);
    if (faults.total && isOneLine(request)) victim ??= request;
    tally(naive, faults);
    tally(ours, faultsOf(labQuote, request, right.total.amount));
  }
  if (victim === undefined) throw new Error('no one-line cart has a wrong naive total');
  return { priced, naive, ours, victim };
};
