import { type Executor, forUpdate, transact } from '@lab/shared/database';
import { type Keyset, keysetAfter, keysetOrder, type Position } from '@lab/shared/pagination';
import { sql, type Transaction } from 'kysely';
import type { InventoryTables, Line } from '../inventory-tables.ts';
import type { Reservations } from '../reservations.ts';
import { type AvailabilityListener, crossingsOf, type StockRow, writeLedger } from './stock-rows.ts';

type Trx = Transaction<InventoryTables>;

/** The most of one sku that there can be. */
export const MOST_ON_HAND = 1_000_000_000;

export interface StockDeps {
  readonly reservations: Reservations;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly onAvailability?: AvailabilityListener | undefined;
}

/** What became of a change of `on_hand`. */
export type StockEdit =
  | { readonly ok: true; readonly stock: StockRow }
  | { readonly ok: false; readonly reason: 'unknown_sku' | 'out_of_range' }
  | { readonly ok: false; readonly reason: 'below_reserved'; readonly reserved: number };

export const bySku = [{ column: 'sku', direction: 'asc' }] as const satisfies Keyset;
export const newestFirst = [
  { column: 'at', direction: 'desc' },
  { column: 'id', direction: 'desc' },
] as const satisfies Keyset;

interface PageOf {
  readonly count: number;
  readonly after?: Position | undefined;
}

/** The rows of stock as they are at `now`: overdue reservations hold nothing, even before they are swept. */
const currentStock = (db: Executor<InventoryTables>, now: Date) =>
  db
    .with('overdue', (on) =>
      on
        .selectFrom('reservations as r')
        .innerJoin('reservation_lines as l', 'l.reservation_id', 'r.id')
        .select(['l.sku', sql<number>`sum(l.quantity)`.as('quantity')])
        .where('r.status', '=', sql.lit('held'))
        .where('r.expires_at', '<=', now.getTime())
        .groupBy('l.sku'),
    )
    .selectFrom('stock')
    .leftJoin('overdue', 'overdue.sku', 'stock.sku')
    .select([
      'stock.sku',
      'stock.on_hand',
      sql<number>`cast(stock.reserved - coalesce(overdue.quantity, 0) as bigint)`.as('reserved'),
      'stock.version',
    ]);

/** How much of each sku can be reserved at `now`. Skus without a row are absent. */
export const availableAt = async (
  db: Executor<InventoryTables>,
  skus: readonly string[],
  now: Date,
): Promise<Map<string, number>> => {
  if (skus.length === 0) return new Map();
  const rows = await currentStock(db, now).where('stock.sku', 'in', skus).execute();
  return new Map(rows.map(({ sku, on_hand, reserved }) => [sku, on_hand - reserved]));
};

/** The stock rows: what there is, and every change of it. */
export const createStockStore = (db: Executor<InventoryTables>, deps: StockDeps) => {
  const { reservations, now, newId, onAvailability } = deps;

  /** Locks the row, works out the new amount, and writes it with its entry in the ledger. */
  const edit = async (
    trx: Trx,
    sku: string,
    { reason, next }: { readonly reason: string; readonly next: (row: StockRow) => number },
  ): Promise<StockEdit> => {
    await reservations.expire(trx, { skus: [sku] });
    const row = await trx
      .selectFrom('stock')
      .selectAll()
      .where('sku', '=', sku)
      .$call(forUpdate(trx))
      .executeTakeFirst();
    if (row === undefined) return { ok: false, reason: 'unknown_sku' };
    const onHand = next(row);
    if (onHand > MOST_ON_HAND) return { ok: false, reason: 'out_of_range' };
    if (onHand < row.reserved) return { ok: false, reason: 'below_reserved', reserved: row.reserved };
    const delta = onHand - row.on_hand;
    if (delta === 0) return { ok: true, stock: row };
    const stock = { ...row, on_hand: onHand, version: row.version + 1 };
    await trx.updateTable('stock').set(stock).where('sku', '=', sku).execute();
    await writeLedger(trx, [{ sku, delta, reason }], { now, newId });
    const crossings = crossingsOf(stock, delta);
    if (crossings.length > 0) await onAvailability?.(trx, crossings);
    return { ok: true, stock };
  };

  const editOrCreate = (sku: string, next: (row: StockRow) => number): Promise<StockEdit> =>
    transact(db, async (trx) => {
      await trx
        .insertInto('stock')
        .values({ sku, on_hand: 0, reserved: 0, version: 0 })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return edit(trx, sku, { reason: 'set', next });
    });

  return {
    find: (sku: string): Promise<StockRow | undefined> =>
      currentStock(db, now()).where('stock.sku', '=', sku).executeTakeFirst(),

    /** A page of the stock by sku; with `low` only rows of which at most that much is available. */
    page: (low: number | undefined, { count, after }: PageOf): Promise<StockRow[]> => {
      let page = db
        .selectFrom(currentStock(db, now()).as('current'))
        .selectAll()
        .orderBy(keysetOrder(bySku))
        .limit(count);
      if (low !== undefined) page = page.where(sql<number>`on_hand - reserved`, '<=', low);
      if (after !== undefined) page = page.where(keysetAfter(bySku, after));
      return page.execute();
    },

    ledgerPage: (sku: string, { count, after }: PageOf): Promise<InventoryTables['stock_ledger'][]> => {
      let page = db
        .selectFrom('stock_ledger')
        .selectAll()
        .where('sku', '=', sku)
        .orderBy(keysetOrder(newestFirst))
        .limit(count);
      if (after !== undefined) page = page.where(keysetAfter(newestFirst, after));
      return page.execute();
    },

    /** Makes sure that each sku has a row. A new row starts with this quantity; existing rows do not change. */
    create: (lines: readonly Line[]): Promise<void> =>
      transact(db, async (trx) => {
        if (lines.length === 0) return;
        const created = await trx
          .insertInto('stock')
          .values(lines.map(({ sku, quantity }) => ({ sku, on_hand: quantity, reserved: 0, version: 1 })))
          .onConflict((conflict) => conflict.doNothing())
          .returning(['sku', 'on_hand'])
          .execute();
        const initial = created
          .filter(({ on_hand }) => on_hand > 0)
          .map(({ sku, on_hand }) => ({ sku, delta: on_hand, reason: 'initial' }));
        await writeLedger(trx, initial, { now, newId });
      }),

    /** Sets what there is of a sku, and creates its row if it has none. */
    set: (sku: string, onHand: number): Promise<StockEdit> => editOrCreate(sku, () => onHand),

    /** Sets how much of a sku can be reserved, besides what is held. Creates its row if it has none. */
    setAvailable: (sku: string, available: number): Promise<StockEdit> =>
      editOrCreate(sku, ({ reserved }) => reserved + available),

    adjust: (sku: string, delta: number, reason: string): Promise<StockEdit> =>
      transact(db, (trx) => edit(trx, sku, { reason, next: (row) => row.on_hand + delta })),

    /** Takes a sku off sale: what nobody holds leaves the stock. The row stays, for those who hold some of it. */
    retire: (sku: string): Promise<StockEdit> =>
      transact(db, (trx) => edit(trx, sku, { reason: 'retired', next: ({ reserved }) => reserved })),
  };
};

export type StockStore = ReturnType<typeof createStockStore>;
