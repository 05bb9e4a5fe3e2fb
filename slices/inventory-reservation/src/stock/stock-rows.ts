import type { Executor } from '@lab/shared/database';
import { sql, type Transaction } from 'kysely';
import type { InventoryTables, Line } from '../inventory-tables.ts';

export type StockRow = InventoryTables['stock'];

/** How much of each sku is neither sold nor reserved. Skus without a row are absent. */
export const readAvailable = async (
  db: Executor<InventoryTables>,
  skus: readonly string[],
): Promise<Map<string, number>> => {
  const rows = await db
    .selectFrom('stock')
    .select(['sku', 'on_hand', 'reserved'])
    .where('sku', 'in', skus)
    .execute();
  return new Map(rows.map(({ sku, on_hand, reserved }) => [sku, on_hand - reserved]));
};

/** The lines, one for each sku, in the one order in which rows of stock are locked. */
export const inLockOrder = (lines: readonly Line[]): readonly Line[] => {
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  return [...quantities]
    .map(([sku, quantity]) => ({ sku, quantity }))
    .toSorted((a, b) => (a.sku < b.sku ? -1 : 1));
};

/** Changes a row by these amounts. Resolves with the row afterwards; rejects if there is none. */
export const changeStock = (
  trx: Transaction<InventoryTables>,
  sku: string,
  { onHand = 0, reserved }: { readonly onHand?: number; readonly reserved: number },
): Promise<StockRow> =>
  trx
    .updateTable('stock')
    .set({
      on_hand: sql`on_hand + ${onHand}`,
      reserved: sql`reserved + ${reserved}`,
      version: sql`version + 1`,
    })
    .where('sku', '=', sku)
    .returningAll()
    .executeTakeFirstOrThrow();

/** A sku that ran out, or that is available again. */
export interface Crossing {
  readonly sku: string;
  readonly isAvailable: boolean;
}

export type AvailabilityListener = (
  trx: Transaction<InventoryTables>,
  crossings: readonly Crossing[],
) => Promise<void>;

/** The crossing that made a row what it is, if its available amount grew by `growth`. */
export const crossingsOf = ({ sku, on_hand, reserved }: StockRow, growth: number): readonly Crossing[] => {
  const after = on_hand - reserved;
  const isAvailable = after > 0;
  return isAvailable === after - growth > 0 ? [] : [{ sku, isAvailable }];
};

export interface LedgerEntry {
  readonly sku: string;
  readonly delta: number;
  readonly reason: string;
  readonly reference?: string | undefined;
}

export const writeLedger = async (
  trx: Transaction<InventoryTables>,
  entries: readonly LedgerEntry[],
  { now, newId }: { readonly now: () => Date; readonly newId: () => string },
): Promise<void> => {
  if (entries.length === 0) return;
  const at = now().getTime();
  const rows = entries.map(({ reference = null, ...entry }) => ({ ...entry, id: newId(), reference, at }));
  await trx.insertInto('stock_ledger').values(rows).execute();
};
