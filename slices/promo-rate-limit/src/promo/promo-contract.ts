import {
  defineProblem,
  defineRoute,
  serviceUnavailable,
  storableText,
  type Tag,
  unknownPromo,
} from '@lab/shared/http';
import { moneySchema, parseMoney, toMinorUnits } from '@lab/shared/money';
import { z } from 'zod';
import type { PromoRefusal } from './promo-store.ts';

export const tag: Tag = {
  name: 'promo-rate-limit',
  description:
    'Redeems promo codes within their limits, whoever sends requests at the same time. A token bucket for each shopper keeps codes from being guessed.',
};

const refusal = (status: number, code: PromoRefusal, title: string, explanation: string) =>
  defineProblem({ code, status, title, explanation });

/** The problem that a refused code is answered with, by the reason. */
export const promoProblems = {
  unknown_promo: unknownPromo,
  promo_not_started: refusal(
    422,
    'promo_not_started',
    'The promo code is not valid yet',
    'The code starts at a later time. Nothing was redeemed.',
  ),
  promo_expired: refusal(
    422,
    'promo_expired',
    'The promo code has expired',
    'The code is no longer valid. Nothing was redeemed.',
  ),
  currency_mismatch: refusal(
    422,
    'currency_mismatch',
    'The promo code is for another currency',
    'The code takes off an amount, or has a minimum, in another currency than the cart; amounts are not converted.',
  ),
  minimum_not_met: refusal(
    422,
    'minimum_not_met',
    'The total is below the minimum of the promo code',
    'The code applies from a minimum total on. Add to the cart and apply the code again.',
  ),
  promo_already_used: refusal(
    409,
    'promo_already_used',
    'You have used this promo code',
    'The code can be used a limited number of times by each shopper, and you have used it that often.',
  ),
  promo_exhausted: refusal(
    409,
    'promo_exhausted',
    'The promo code is used up',
    'The code could be redeemed a limited number of times, and others were faster. Somebody may still give one back.',
  ),
} satisfies Record<PromoRefusal, unknown>;

export const redemptionNotFound = defineProblem({
  code: 'redemption_not_found',
  status: 404,
  title: 'You have no redemption with this id',
  explanation: 'Use the `redemption_id` that `POST /promo/apply` answered.',
});

export const redemptionInOrder = defineProblem({
  code: 'redemption_in_order',
  status: 409,
  title: 'The redemption belongs to an order',
  explanation: 'An order has taken the discount. The redemption is given back when the order is cancelled.',
});

const MOST_MAJOR_UNITS = '999999999999';

/** Why money is no total of a cart; undefined if it is one. */
const totalFault = (json: z.output<typeof moneySchema>): string | undefined => {
  try {
    const money = parseMoney(json);
    if (money.amount.isNegative() && !money.amount.isZero()) return 'must be 0 or more';
    if (money.amount.greaterThan(MOST_MAJOR_UNITS)) return 'must be at most 999,999,999,999';
    toMinorUnits(money);
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return 'must be in a supported currency, in whole minor units';
    throw error;
  }
};

const totalSchema = moneySchema
  .superRefine((json, context) => {
    const message = totalFault(json);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  })
  .meta({
    id: 'promo-rate-limit.CartTotal',
    description:
      'The total of the cart before the discount: 0 or more, in whole minor units of a known currency',
    example: { amount: '59.90', currency: 'USD' },
  });

const code = storableText(1, 64).meta({ description: 'Exactly as it was published', example: 'WELCOME10' });
const redemptionId = z.uuid().meta({ example: '019a0000-0000-7000-8000-000000000001' });

const redemptionSchema = z
  .strictObject({
    redemption_id: redemptionId,
    code,
    discount: moneySchema,
    total_before: moneySchema,
    total_after: moneySchema.meta({ description: 'total_before - discount' }),
  })
  .meta({
    id: 'promo-rate-limit.Redemption',
    example: {
      redemption_id: '019a0000-0000-7000-8000-000000000001',
      code: 'WELCOME10',
      discount: { amount: '5.99', currency: 'USD' },
      total_before: { amount: '59.90', currency: 'USD' },
      total_after: { amount: '53.91', currency: 'USD' },
    },
  });

export const applyPromo = defineRoute({
  method: 'POST',
  path: '/promo/apply',
  name: 'applyPromo',
  summary: 'Redeem a promo code for a cart',
  description:
    'The same code for the same cart is redeemed once: a repeat gets the first answer, whatever its total, and consumes nothing. For a changed cart, give the redemption back and apply the code again.',
  tag,
  caller: 'shopper',
  body: z
    .strictObject({
      code,
      cart_id: storableText(1, 64).meta({
        description: 'Your name for the cart. It only has to be unique among your own.',
      }),
      cart_total: totalSchema,
    })
    .meta({
      id: 'promo-rate-limit.Application',
      example: {
        code: 'WELCOME10',
        cart_id: 'cart-1',
        cart_total: { amount: '59.90', currency: 'USD' },
      },
    }),
  responses: {
    200: {
      description: 'The redemption of this request or of an earlier one for the same cart',
      body: redemptionSchema,
    },
  },
  problems: [...Object.values(promoProblems), serviceUnavailable],
});

export const giveBackPromo = defineRoute({
  method: 'DELETE',
  path: '/promo/redemptions/:id',
  name: 'giveBackPromo',
  summary: 'Give a redemption back',
  description: 'The code can then be redeemed again, by you or by others. Repeating it changes nothing.',
  tag,
  caller: 'shopper',
  params: z.strictObject({ id: redemptionId }),
  responses: { 204: { description: 'It is given back, by this request or by an earlier one' } },
  problems: [redemptionNotFound, redemptionInOrder, serviceUnavailable],
});

const date = z.iso.datetime({ precision: 3 });

const listedPromo = z
  .strictObject({
    code,
    discount: z.union([
      z.strictObject({ percent: z.string().meta({ description: 'Percent of the total', example: '10' }) }),
      z.strictObject({ amount: moneySchema }),
    ]),
    minimum: moneySchema.nullable().meta({ description: 'The smallest total that the code applies to' }),
    starts_at: date.nullable(),
    ends_at: date.nullable(),
    limit: z.int().nullable().meta({ description: 'Most redemptions of all shoppers together' }),
    limit_per_user: z.int().nullable(),
    redeemed: z.int().meta({ description: 'Redemptions that have not been given back' }),
  })
  .meta({ id: 'promo-rate-limit.Promo' });

export const listPromos = defineRoute({
  method: 'GET',
  path: '/promo/codes',
  name: 'listPromos',
  summary: 'All promo codes with their rules and their use',
  tag,
  caller: 'operator',
  permission: 'orders:manage',
  responses: {
    200: {
      description: 'The codes, by name',
      body: z.strictObject({ items: z.array(listedPromo) }).meta({
        id: 'promo-rate-limit.Promos',
        example: {
          items: [
            {
              code: 'SAVE5',
              discount: { amount: { amount: '5.00', currency: 'USD' } },
              minimum: { amount: '30.00', currency: 'USD' },
              starts_at: null,
              ends_at: null,
              limit: null,
              limit_per_user: null,
              redeemed: 3,
            },
          ],
        },
      }),
    },
  },
  problems: [serviceUnavailable],
});

export type RedemptionJson = z.output<typeof redemptionSchema>;
export type PromoJson = z.output<typeof listedPromo>;
