import {
  type ProductStore,
  productNotFound,
  productSchema,
  productToJson,
  readProduct,
} from '@lab/catalog-pagination';
import {
  defineProblem,
  defineRoute,
  ProblemError,
  route,
  serviceUnavailable,
  storableText,
} from '@lab/shared/http';
import { moneySchema, parseMinorUnits, parseMoney, toMinorUnits } from '@lab/shared/money';
import { z } from 'zod';
import type { Invalidate } from './catalog-caches.ts';
import { tag } from './tag.ts';

const otherCurrency = defineProblem({
  code: 'price_in_other_currency',
  status: 422,
  title: 'The product is sold in another currency',
  explanation:
    'A product never changes its currency. Send the price in the one that `GET /products/:id` shows.',
});

/** The largest price that a cart can hold, in major units. */
const MOST_MAJOR_UNITS = 999_999_999_999;

const faultOf = (money: z.output<typeof moneySchema>): string | undefined => {
  try {
    const { amount, currency } = parseMoney(money);
    if (amount.isNegative() && !amount.isZero()) return 'must not be negative';
    if (amount.greaterThan(MOST_MAJOR_UNITS)) return `must be at most ${MOST_MAJOR_UNITS}`;
    toMinorUnits({ amount, currency });
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
};

const price = moneySchema.superRefine((money, context) => {
  const message = faultOf(money);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

const change = z
  .strictObject({ name: storableText(1, 200).optional(), price: price.optional() })
  .refine(
    ({ name, price: changed }) => name !== undefined || changed !== undefined,
    'must have a name or a price',
  )
  .meta({
    id: 'cache-metrics.ProductChange',
    example: { price: { amount: '49.90', currency: 'USD' } },
  });

const changeProduct = defineRoute({
  method: 'PUT',
  path: '/products/:id',
  name: 'changeProduct',
  summary: 'Change the name or the price of a product',
  description:
    'Once this is answered, nobody is shown the old product, within the bound that the README states.',
  tag,
  caller: 'operator',
  permission: 'catalog:write',
  params: readProduct.params,
  body: change,
  responses: { 200: { description: 'The changed product', body: productSchema } },
  problems: [productNotFound, otherCurrency, serviceUnavailable],
});

/** What the route needs to write. */
export interface ProductChangeDeps {
  readonly products: Pick<ProductStore, 'find' | 'change'>;
  readonly invalidate: Invalidate;
}

export const changeProductRoute = ({ products, invalidate }: ProductChangeDeps) =>
  route(changeProduct).handle(async ({ params: { id }, body }) => {
    // No lock: a product never changes its currency.
    const known = body.price && (await products.find(id));
    if (known && known.currency !== body.price?.currency) throw new ProblemError(otherCurrency);
    try {
      const row = await products.change(id, {
        ...(body.name !== undefined && { name: body.name }),
        ...(body.price && { price_minor: parseMinorUnits(body.price) }),
      });
      if (row === undefined) throw new ProblemError(productNotFound);
      return { status: 200, body: productToJson(row) };
    } finally {
      // After the commit; and after an error as well, because a lost connection does not tell whether it committed.
      await invalidate.products([id]);
    }
  });
