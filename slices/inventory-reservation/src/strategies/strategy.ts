import type { Executor } from '@lab/shared/database';
import type { Transaction } from 'kysely';
import type { InventoryTables, Line } from '../inventory-tables.ts';
import type { StockRow } from '../stock/stock-rows.ts';

/** A line that cannot be reserved. */
export interface Shortage {
  readonly sku: string;
  readonly wanted: number;
  readonly available: number;
}

/** How goods are taken from one row of stock that many want at once. */
export interface Strategy {
  /**
   * Looks at the lines before any row is locked. Resolves with the lines that are certainly too short; empty if the
   * database has to decide.
   */
  readonly admit?: (db: Executor<InventoryTables>, lines: readonly Line[]) => Promise<readonly Shortage[]>;
  /**
   * Adds the quantity to `reserved` if that much is available. Resolves with the changed row, or with undefined if there
   * is too little or no such row. Called for one line after another, in the order of skus.
   */
  readonly take: (trx: Transaction<InventoryTables>, line: Line) => Promise<StockRow | undefined>;
}

/** Too many writers changed the same row at once, and this one gave up. Nothing was reserved; try again. */
export class StockContentionError extends Error {
  override readonly name = 'StockContentionError';
}
