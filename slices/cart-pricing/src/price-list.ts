import { defineRoute, serviceUnavailable } from '@lab/shared/http';
import { formatMoney, type Money, moneySchema, parseMoney } from '@lab/shared/money';
import { z } from 'zod';
import { tag } from './quote-contract.ts';

export const sku = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores')
  .meta({ description: 'Stock keeping unit', example: 'ICE-VANILLA-500' });

const listedPriceSchema = z.strictObject({ sku, name: z.string(), unit_price: moneySchema }).meta({
  id: 'cart-pricing.ListedPrice',
  example: {
    sku: 'ICE-VANILLA-500',
    name: 'Vanilla bean ice cream, 500 ml',
    unit_price: { amount: '6.99', currency: 'USD' },
  },
});

export interface ListedPrice {
  readonly sku: string;
  readonly name: string;
  readonly unitPrice: Money;
}

/**
 * The source of all cart prices; a client never supplies one. A sku may leave the list, or change its currency, while
 * it is in carts: they then show it as unavailable.
 */
export interface PriceList {
  /** The price of one sku; undefined if it is not listed. */
  readonly priceOf: (sku: string) => Promise<ListedPrice | undefined>;
  /** The prices of all given skus that are listed, by sku, so that a cart needs one call for all of its lines. */
  readonly pricesOf: (skus: readonly string[]) => Promise<ReadonlyMap<string, ListedPrice>>;
  /** The price list that the shop shows. */
  readonly list: () => Promise<readonly ListedPrice[]>;
}

export const listPrices = defineRoute({
  method: 'GET',
  path: '/cart/prices',
  name: 'listPrices',
  summary: 'List the prices of the shop',
  tag,
  responses: {
    200: { description: 'All prices', body: z.strictObject({ items: z.array(listedPriceSchema) }) },
  },
  problems: [serviceUnavailable],
});

/** A price as the API returns it. */
export const toJson = ({ sku, name, unitPrice }: ListedPrice): z.output<typeof listedPriceSchema> => ({
  sku,
  name,
  unit_price: formatMoney(unitPrice),
});

type Row = readonly [sku: string, name: string, amount: string];

const usd: readonly Row[] = [
  ['SNACK-PRETZEL-200', 'Sea salt pretzels, 200 g', '3.49'],
  ['SNACK-POPCORN-120', 'Kettle popcorn, 120 g', '2.99'],
  ['SNACK-ALMOND-150', 'Smoked almonds, 150 g', '5.79'],
  ['SNACK-CASHEW-150', 'Honey cashews, 150 g', '6.29'],
  ['SNACK-CRISPS-175', 'Vinegar crisps, 175 g', '3.19'],
  ['SNACK-OATBAR-6', 'Oat and date bars, box of 6', '7.50'],
  ['SNACK-SEAWEED-30', 'Roasted seaweed, 30 g', '2.25'],
  ['SNACK-FUDGE-250', 'Butter fudge, 250 g', '8.95'],
  ['ICE-VANILLA-500', 'Vanilla bean ice cream, 500 ml', '6.99'],
  ['ICE-CHOC-500', 'Dark chocolate ice cream, 500 ml', '7.49'],
  ['ICE-PISTACHIO-500', 'Pistachio ice cream, 500 ml', '8.49'],
  ['ICE-LEMON-500', 'Lemon sorbet, 500 ml', '5.99'],
  ['ICE-MANGO-POP-4', 'Mango ice pops, 4 pieces', '4.80'],
  ['ICE-SANDWICH-6', 'Ice cream sandwiches, 6 pieces', '9.25'],
  ['ICE-CONE-12', 'Waffle cones, 12 pieces', '4.15'],
  ['ART-PENCIL-HB-12', 'Graphite pencils HB, 12 pieces', '9.90'],
  ['ART-PENCIL-COL-24', 'Colored pencils, 24 pieces', '21.50'],
  ['ART-SKETCH-A4', 'Sketchbook A4, 80 sheets', '12.75'],
  ['ART-SKETCH-A5', 'Sketchbook A5, 80 sheets', '8.75'],
  ['ART-WATERCOL-18', 'Watercolor pans, 18 colors', '34.00'],
  ['ART-BRUSH-ROUND-6', 'Round brushes, set of 6', '18.40'],
  ['ART-BRUSH-FLAT-4', 'Flat brushes, set of 4', '15.60'],
  ['ART-INK-BLACK-30', 'India ink, 30 ml', '6.45'],
  ['ART-CHARCOAL-10', 'Willow charcoal, 10 sticks', '5.35'],
  ['ART-ERASER-KNEAD', 'Kneaded eraser', '1.95'],
  ['ART-EASEL-TABLE', 'Table easel, beech', '49.00'],
  ['ART-CANVAS-40X50', 'Stretched canvas, 40 x 50 cm', '11.20'],
];

const eur: readonly Row[] = [
  ['EU-NOUGAT-200', 'Soft nougat from Montélimar, 200 g', '7.90'],
  ['EU-SPECULOOS-400', 'Speculoos, 400 g', '4.60'],
  ['EU-GOUACHE-10', 'Gouache tubes, 10 colors', '27.50'],
  ['EU-PASTEL-48', 'Soft pastels, 48 half sticks', '39.95'],
];

const inCurrency = (currency: string, rows: readonly Row[]): readonly ListedPrice[] =>
  rows.map(([sku, name, amount]) => ({ sku, name, unitPrice: parseMoney({ amount, currency }) }));

/** The products of a small local shop: snacks, ice cream and art supplies. */
export const shopPrices: readonly ListedPrice[] = [...inCurrency('USD', usd), ...inCurrency('EUR', eur)];

/** A price list that never changes. */
export const createFixedPriceList = (prices: readonly ListedPrice[] = shopPrices): PriceList => {
  const bySku = new Map(prices.map((price) => [price.sku, price]));
  return { priceOf: async (sku) => bySku.get(sku), pricesOf: async () => bySku, list: async () => prices };
};
