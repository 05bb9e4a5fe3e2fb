import { type Executor, runSetup } from '@lab/shared/database';
import type { PromoTables } from './promo-tables.ts';

const YEAR_MS = 365 * 86_400_000;

const noRules = {
  basis_points: null,
  amount_minor: null,
  currency: null,
  minimum_minor: null,
  starts_at: null,
  ends_at: null,
  max_redemptions: null,
  max_per_user: null,
  redeemed: 0,
};

const sampleCodes = (nowMs: number): PromoTables['promo_codes'][] => [
  { ...noRules, code: 'WELCOME10', kind: 'percent', basis_points: 1000, max_per_user: 1 },
  { ...noRules, code: 'SAVE5', kind: 'amount', amount_minor: 500, currency: 'USD', minimum_minor: 3000 },
  { ...noRules, code: 'FIRST50', kind: 'percent', basis_points: 2000, max_redemptions: 50 },
  {
    ...noRules,
    code: 'SPRING',
    kind: 'percent',
    basis_points: 1500,
    starts_at: Date.UTC(2026, 2, 1),
    ends_at: Date.UTC(2026, 5, 1),
  },
  { ...noRules, code: 'NEXTYEAR', kind: 'percent', basis_points: 2500, starts_at: nowMs + YEAR_MS },
];

/** Adds the sample codes that are missing. Existing ones keep their rules and their use. */
export const seedPromoCodes = (
  db: Executor<PromoTables>,
  { now }: { readonly now: () => Date },
): Promise<void> =>
  runSetup(db, async (trx) => {
    const codes = sampleCodes(now().getTime());
    await trx
      .insertInto('promo_codes')
      .values(codes)
      .onConflict((conflict) => conflict.column('code').doNothing())
      .execute();
  });
