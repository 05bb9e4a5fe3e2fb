import type { Transaction } from 'kysely';
import type { InventoryTables, Line } from './inventory-tables.ts';
import { readAvailable } from './stock/stock-rows.ts';
import type { Shortage } from './strategies/strategy.ts';

/** At least one line is short. The transaction must roll back. */
export class InsufficientStockError extends Error {
  override readonly name = 'InsufficientStockError';
  readonly shortages: readonly Shortage[];

  constructor(shortages: readonly Shortage[]) {
    super('there is not enough stock');
    this.shortages = shortages;
  }
}

/** These skus have no stock row. The transaction must roll back. */
export class UnknownSkuError extends Error {
  override readonly name = 'UnknownSkuError';
  readonly skus: readonly string[];

  constructor(skus: readonly string[]) {
    super('there is no such sku');
    this.skus = skus;
  }
}

/**
 * All lines that are short, after one of them was refused. The lines before it have been taken. `coming` is what overdue
 * reservations still give back. Throws an UnknownSkuError if a sku has no row.
 */
export const shortagesOf = async (
  trx: Transaction<InventoryTables>,
  {
    wanted,
    refused,
    coming,
  }: {
    readonly wanted: readonly Line[];
    readonly refused: string;
    readonly coming: ReadonlyMap<string, number>;
  },
): Promise<Shortage[]> => {
  const skus = wanted.map(({ sku }) => sku);
  const available = await readAvailable(trx, skus);
  const unknown = skus.filter((sku) => !available.has(sku));
  if (unknown.length > 0) throw new UnknownSkuError(unknown);
  return wanted
    .filter(({ sku }) => sku >= refused)
    .flatMap(({ sku, quantity }) => {
      const left = (available.get(sku) ?? 0) + (coming.get(sku) ?? 0);
      // Others may have given goods back since the refusal.
      if (sku === refused) return [{ sku, wanted: quantity, available: Math.min(left, quantity - 1) }];
      return left < quantity ? [{ sku, wanted: quantity, available: left }] : [];
    });
};
