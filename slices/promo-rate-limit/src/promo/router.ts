import { type Callers, type ContractRouter, createRouter, ProblemError, route } from '@lab/shared/http';
import { formatMoney, parseMoney } from '@lab/shared/money';
import { Counter, type Registry } from 'prom-client';
import {
  applyPromo,
  giveBackPromo,
  listPromos,
  type PromoJson,
  promoProblems,
  type RedemptionJson,
  redemptionInOrder,
  redemptionNotFound,
} from './promo-contract.ts';
import type { PromoStore, PromoUse } from './promo-store.ts';
import type { Redemption } from './promo-tables.ts';

const toJson = ({ id, code, discount, total }: Redemption): RedemptionJson => {
  const { currency } = total;
  return {
    redemption_id: id,
    code,
    discount: formatMoney(discount),
    total_before: formatMoney(total),
    total_after: formatMoney({ amount: total.amount.minus(discount.amount), currency }),
  };
};

const promoToJson = ({ promo, redeemed }: PromoUse): PromoJson => ({
  code: promo.code,
  discount:
    promo.value.kind === 'percent'
      ? { percent: String(promo.value.basisPoints / 100) }
      : { amount: formatMoney(promo.value.amount) },
  minimum: promo.minimum && formatMoney(promo.minimum),
  starts_at: promo.startsAt?.toISOString() ?? null,
  ends_at: promo.endsAt?.toISOString() ?? null,
  limit: promo.limit,
  limit_per_user: promo.limitPerUser,
  redeemed,
});

/** `promo_applications_total{outcome}`: redeemed, repeated, or why a code was refused. */
const countApplications = (registry: Registry): ((outcome: string) => void) => {
  const applications = new Counter({
    name: 'promo_applications_total',
    help: 'Promo codes that were redeemed, found redeemed for the same cart, or refused, by the reason',
    labelNames: ['outcome'],
    registers: [registry],
  });
  for (const outcome of ['redeemed', 'repeated', ...Object.keys(promoProblems)])
    applications.inc({ outcome }, 0);
  return (outcome) => applications.inc({ outcome });
};

export interface PromoDeps {
  readonly promos: PromoStore;
  readonly callers: Callers;
  readonly registry: Registry;
}

/** The routes of the promo codes, without a limit on attempts: put `limitRate` around them. */
export const createPromoRouter = ({ promos, callers, registry }: PromoDeps): ContractRouter => {
  const count = countApplications(registry);

  const apply = route(applyPromo).handle(async ({ body, caller }) => {
    const { code, cart_id: cartId, cart_total } = body;
    const outcome = await promos.redeem({
      code,
      cartId,
      userId: caller.userId,
      total: parseMoney(cart_total),
    });
    if (outcome.state === 'refused') {
      count(outcome.reason);
      throw new ProblemError(promoProblems[outcome.reason]);
    }
    count(outcome.state);
    return { status: 200, body: toJson(outcome.redemption) };
  });

  const giveBack = route(giveBackPromo).handle(async ({ params, caller }) => {
    const outcome = await promos.giveBack({ id: params.id, userId: caller.userId });
    if (outcome === 'unknown_redemption') throw new ProblemError(redemptionNotFound);
    if (outcome === 'in_order') throw new ProblemError(redemptionInOrder);
    return { status: 204 };
  });

  const list = route(listPromos).handle(async () => {
    const codes = await promos.list();
    return { status: 200, body: { items: codes.map(promoToJson) } };
  });

  return createRouter([apply, giveBack, list], { callers });
};
