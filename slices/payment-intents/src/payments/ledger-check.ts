import type { Executor } from '@lab/shared/database';
import { formatMinorUnits } from '@lab/shared/money';
import { sql } from 'kysely';
import type { PaymentTables } from '../payment-tables.ts';

export interface LedgerCheck {
  readonly ok: boolean;
  readonly entries: number;
  /** Sum of all entries by currency, in major units. Each must be zero. */
  readonly sum: Record<string, string>;
  /** At most 100. */
  readonly unmatched: readonly { readonly id: string; readonly what: string }[];
}

/**
 * Pairs that do not balance, payments whose amounts are not those of the ledger, and money that was to go back and did
 * not. One statement, one moment.
 */
const faultsIn = async (db: Executor<PaymentTables>) => {
  const { rows } = await sql<{ id: string; what: string }>`
    with booked as (
      select payment_id,
        sum(case when kind = 'capture' and account = 'provider' then amount else 0 end) as captured,
        sum(case when kind = 'refund' and account = 'provider' then -amount else 0 end) as refunded
      from payment_ledger group by payment_id
    ),
    refunds as (
      select payment_id,
        sum(case when status = 'succeeded' then amount else 0 end) as done,
        sum(case when status <> 'failed' then amount else 0 end) as counted
      from payment_refunds group by payment_id
    )
    select transfer as id, 'the two entries do not add up to zero' as what from payment_ledger
      group by transfer having count(*) <> 2 or sum(amount) <> 0
    union all
    select p.id, 'the ledger has another amount' as what
    from payments p
    left join booked b on b.payment_id = p.id
    left join refunds r on r.payment_id = p.id
    where p.captured <> coalesce(b.captured, 0)
      or p.refunded <> coalesce(r.counted, 0)
      or coalesce(r.done, 0) <> coalesce(b.refunded, 0)
      or p.captured <> (case when p.status = 'succeeded' then p.amount else 0 end)
    union all
    select distinct f.payment_id, 'a refund has failed, and none has begun since' as what
    from payment_refunds f
    where f.status = 'failed' and not exists (
      select 1 from payment_refunds r
      where r.payment_id = f.payment_id and r.status <> 'failed' and r.created_at >= f.updated_at)
    order by id limit 100`.execute(db);
  return rows;
};

/** Adds the ledger up again, and compares it with the payments and with what the reconciler last found at the provider. */
export const checkLedger = async (db: Executor<PaymentTables>): Promise<LedgerCheck> => {
  const sums = await db
    .selectFrom('payment_ledger')
    .select(({ fn }) => ['currency', fn.countAll<number>().as('entries'), fn.sum<number>('amount').as('sum')])
    .groupBy('currency')
    .orderBy('currency')
    .execute();
  const faults = await faultsIn(db);
  const disagreements = await db
    .selectFrom('payment_disagreements')
    .select(['provider_ref as id', 'what'])
    .orderBy('provider_ref')
    .limit(100)
    .execute();
  const unmatched = [...faults, ...disagreements].slice(0, 100);
  return {
    ok: unmatched.length === 0 && sums.every(({ sum }) => Number(sum) === 0),
    entries: sums.reduce((total, { entries }) => total + Number(entries), 0),
    sum: Object.fromEntries(
      sums.map(({ currency, sum }) => [currency, formatMinorUnits(Number(sum), currency).amount]),
    ),
    unmatched,
  };
};
