import { ROUNDING_MODES } from '@lab/shared/money';
import type { QuoteRequest } from '../src/quote-contract.ts';
import { digitsOf } from './exact-oracle.ts';

type Random = {
  next(): number;
  below(count: number): number;
  pick<T>(list: readonly [T, ...(readonly T[])]): T;
};

const CURRENCIES = ['USD', 'EUR', 'JPY', 'KRW', 'KWD', 'BHD', 'CLF'] as const;

/**
 * Random carts, the same for the same seed: every mode and scope in turn, currencies with 0, 2, 3 and 4 minor digits,
 * many ties (equal lines, halves of a minor unit), zeros, and a few amounts at the limit of the range.
 */
export const randomCarts = function* (count: number, seed: number): Generator<QuoteRequest> {
  const random = mulberry32(seed);
  for (let index = 0; index < count; index++) {
    const currency = random.pick(CURRENCIES);
    const digits = digitsOf(currency);
    const items = randomItems(random, currency, digits);
    const discount = randomDiscount(random, items, currency, digits);
    yield {
      items,
      rounding: {
        mode: ROUNDING_MODES[index % ROUNDING_MODES.length] ?? 'half_even',
        scope: Math.floor(index / ROUNDING_MODES.length) % 2 === 0 ? 'line' : 'total',
      },
      ...(discount && { discount }),
      ...(random.below(4) > 0 && {
        tax_rate: random.pick(['0', '0.05', '0.0825', '0.19', '0.5', '1', fraction(random, 6)]),
      }),
    };
  }
};

const randomItems = (random: Random, currency: string, digits: number): QuoteRequest['items'] => {
  const length = random.below(100) === 0 ? 30 + random.below(71) : 1 + random.below(6);
  const alike = random.below(5) === 0;
  const repeated = randomItem(random, currency, digits);
  return Array.from({ length }, (_, line) => ({
    ...(alike && random.below(8) > 0 ? repeated : randomItem(random, currency, digits)),
    sku: `sku-${line}`,
  }));
};

const randomItem = (random: Random, currency: string, digits: number): QuoteRequest['items'][number] => {
  const kind = random.below(20);
  const quantity = kind === 0 ? 1 + random.below(10_000) : 1 + random.below(5);
  return { sku: 'sku', quantity, unit_price: { amount: randomPrice(random, digits), currency } };
};

const randomPrice = (random: Random, digits: number): string => {
  const integer = String(random.below(200));
  const kind = random.below(200);
  if (kind === 0)
    return random.pick(['999999999999', '333333333333.25', '499999999999.999999', '1000000000000']);
  if (kind < 8) return random.pick(['0', '0.00', '-0.00', '0.000001', '0.005', '1.005', '34.116425']);
  if (kind < 90) return digits === 0 ? integer : `${integer}.${figures(random, digits)}`;
  if (kind < 150) return `${integer}.${figures(random, digits)}5`;
  return `${integer}.${figures(random, 1 + random.below(6))}`;
};

const randomDiscount = (random: Random, items: QuoteRequest['items'], currency: string, digits: number) => {
  const kind = random.below(10);
  if (kind < 2) return undefined;
  if (kind < 6) {
    return {
      percent: random.pick([
        '0',
        '10',
        '12.5',
        '33.333333',
        '50',
        '100',
        `${random.below(100)}.${figures(random, 4)}`,
      ]),
    };
  }
  const roughly = items.reduce((sum, item) => sum + item.quantity * Number(item.unit_price.amount), 0);
  const amount = roughly * random.pick([0, 0.01, 0.5, 0.9, 1, 1.001, random.next(), random.next()]);
  return { amount: { amount: amount.toFixed(random.below(50) === 0 ? 6 : digits), currency } };
};

const figures = (random: Random, length: number): string => {
  return String(random.below(10 ** length)).padStart(length, '0');
};

const fraction = (random: Random, length: number): string => {
  return `0.${figures(random, length)}`;
};

/** mulberry32, the generator by Tommy Ettinger. Its 32 bits of state are enough to pick carts. */
const mulberry32 = (seed: number): Random => {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number) => Math.floor(next() * count);
  return { next, below, pick: (list) => list[below(list.length)] ?? list[0] };
};
