import type { Executor } from '@lab/shared/database';
import { sql } from 'kysely';
import type { InventoryTables } from '../inventory-tables.ts';

/** A row of stock that does not agree with the ledger or with the reservations. */
interface StockFault {
  readonly sku: string;
  readonly on_hand: number;
  /** Sum of the ledger. */
  readonly ledger: number;
  readonly reserved: number;
  /** Sum of the reservations that are held. */
  readonly held: number;
}

export interface StockCheck {
  readonly skus: number;
  /** At most 100 of them. */
  readonly faults: readonly StockFault[];
}

/** Counts everything again, in one statement and therefore at one moment, whatever others write meanwhile. */
export const checkStock = async (db: Executor<InventoryTables>): Promise<StockCheck> => {
  const { rows } = await sql<StockFault & { skus: number }>`
    with ledger as (select sku, sum(delta) as total from stock_ledger group by sku),
    holding as (
      select l.sku, sum(l.quantity) as total
      from reservations r join reservation_lines l on l.reservation_id = r.id
      where r.status = 'held' group by l.sku
    ),
    known as (
      select sku from stock union select sku from ledger union select sku from holding
    ),
    counted as (
      select known.sku, coalesce(s.on_hand, 0) as on_hand, coalesce(s.reserved, 0) as reserved,
        coalesce(ledger.total, 0) as ledger, coalesce(holding.total, 0) as held
      from known
      left join stock s on s.sku = known.sku
      left join ledger on ledger.sku = known.sku
      left join holding on holding.sku = known.sku
    )
    select totals.skus, counted.sku, counted.on_hand, counted.reserved,
      cast(counted.ledger as bigint) as ledger, cast(counted.held as bigint) as held
    from (select count(*) as skus from stock) totals
    left join counted
      on counted.on_hand <> counted.ledger or counted.reserved <> counted.held
      or counted.reserved < 0 or counted.reserved > counted.on_hand
    order by counted.sku limit 100`.execute(db);
  const faults = rows.flatMap(({ skus: _skus, ...fault }) => (fault.sku === null ? [] : [fault]));
  return { skus: rows[0]?.skus ?? 0, faults };
};
