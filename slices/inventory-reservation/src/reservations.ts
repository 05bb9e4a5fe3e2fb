/**
 * Problem: two buyers see the last item, and both get it; or a buyer gets half of a cart; or goods stay blocked for a
 * buyer who never pays.
 * Guarantees: a reservation holds all of its lines or none, never more than there is, until it is confirmed, released or
 * its time is over. It ends once. From the moment it is overdue it blocks nobody, whether it has been swept or not.
 * How: conditional changes of one row for each sku, always in the same order: rows of reservations by id, then rows of
 * stock by sku. Transactions that lock in one order cannot deadlock.
 * Does NOT guarantee: that the clocks of several processes agree. A reservation expires by the clock of whoever looks.
 */
import { type Executor, prepareInsert } from '@lab/shared/database';
import type { Transaction } from 'kysely';
import type { InventoryTables, Line } from './inventory-tables.ts';
import { expireOverdue } from './overdue.ts';
import { InsufficientStockError, shortagesOf } from './shortages.ts';
import {
  type AvailabilityListener,
  type Crossing,
  changeStock,
  crossingsOf,
  inLockOrder,
  writeLedger,
} from './stock/stock-rows.ts';
import type { Strategy } from './strategies/strategy.ts';

type Trx = Transaction<InventoryTables>;

const insertReservation = prepareInsert<InventoryTables, 'reservations'>('reservations');
const insertLines = prepareInsert<InventoryTables, 'reservation_lines'>('reservation_lines');

export interface Reservation {
  readonly id: string;
  readonly status: InventoryTables['reservations']['status'];
  readonly lines: readonly Line[];
  readonly expiresAt: Date;
}

/** What became of a reservation. `isRepeat` if it had ended in the same way before. */
export type Ending =
  | { readonly ok: true; readonly reservation: Reservation; readonly isRepeat: boolean }
  | { readonly ok: false; readonly reason: 'not_found' | 'confirmed' | 'released' | 'expired' };

interface EndOptions {
  /** Also end what is overdue but still held, for goods that are paid: nobody else has them. */
  readonly evenIfOverdue?: boolean;
}

export interface ReservationDeps {
  readonly strategy: Strategy;
  readonly now: () => Date;
  readonly newId: () => string;
  /** Called in the transaction when a sku has run out or is available again. */
  readonly onAvailability?: AvailabilityListener | undefined;
}

/** Reservations of stock. The functions that write join the transaction that they are given. */
export const createReservations = ({ strategy, now, newId, onAvailability }: ReservationDeps) => {
  const find = async (db: Executor<InventoryTables>, id: string): Promise<Reservation | undefined> => {
    const row = await db.selectFrom('reservations').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) return undefined;
    const lines = await db
      .selectFrom('reservation_lines')
      .select(['sku', 'quantity'])
      .where('reservation_id', '=', id)
      .execute();
    const isOverdue = row.status === 'held' && row.expires_at <= now().getTime();
    const expiresAt = new Date(row.expires_at);
    return { id, status: isOverdue ? 'expired' : row.status, lines: inLockOrder(lines), expiresAt };
  };

  /** Gives back what overdue reservations held, and takes what is wanted, in one pass over the rows. */
  const settle = async (trx: Trx, freed: readonly Line[], wanted: readonly Line[]): Promise<void> => {
    const freedBySku = new Map(inLockOrder(freed).map(({ sku, quantity }) => [sku, quantity]));
    const wantedBySku = new Map(wanted.map(({ sku, quantity }) => [sku, quantity]));
    const crossings: Crossing[] = [];
    for (const { sku } of inLockOrder([...freed, ...wanted])) {
      const back = freedBySku.get(sku) ?? 0;
      const quantity = wantedBySku.get(sku) ?? 0;
      let row = back > 0 ? await changeStock(trx, sku, { reserved: -back }) : undefined;
      freedBySku.delete(sku);
      if (quantity > 0) {
        row = await strategy.take(trx, { sku, quantity });
        if (row === undefined)
          throw new InsufficientStockError(
            await shortagesOf(trx, { wanted, refused: sku, coming: freedBySku }),
          );
      }
      if (row !== undefined) crossings.push(...crossingsOf(row, back - quantity));
    }
    if (crossings.length > 0) await onAvailability?.(trx, crossings);
  };

  const insert = async (trx: Trx, { id, lines, expiresAt }: Reservation, at: Date): Promise<void> => {
    const times = { created_at: at.getTime(), expires_at: expiresAt.getTime(), ended_at: null };
    await insertReservation(trx, [{ id, status: 'held', ...times }]);
    await insertLines(
      trx,
      lines.map(({ sku, quantity }) => ({ reservation_id: id, sku, quantity })),
    );
  };

  /** The transition out of `held`: one conditional update, so that a reservation ends once. */
  const leaveHeld = async (
    trx: Trx,
    id: string,
    status: 'confirmed' | 'released',
    { evenIfOverdue = false }: EndOptions,
  ): Promise<boolean> => {
    const nowMs = now().getTime();
    const { numUpdatedRows } = await trx
      .updateTable('reservations')
      .set({ status, ended_at: nowMs })
      .where('id', '=', id)
      .where('status', '=', 'held')
      .where('expires_at', '>', evenIfOverdue ? 0 : nowMs)
      .executeTakeFirstOrThrow();
    return numUpdatedRows > 0n;
  };

  const end = async (
    trx: Trx,
    id: string,
    status: 'confirmed' | 'released',
    options: EndOptions = {},
  ): Promise<Ending> => {
    const isEnded = await leaveHeld(trx, id, status, options);
    const reservation = await find(trx, id);
    if (reservation === undefined) return { ok: false, reason: 'not_found' };
    if (!isEnded) {
      if (reservation.status === status) return { ok: true, reservation, isRepeat: true };
      if (reservation.status === 'held') throw new Error('a held reservation could not be ended');
      return { ok: false, reason: reservation.status };
    }
    const { lines } = reservation;
    if (status === 'released') await settle(trx, lines, []);
    else {
      for (const { sku, quantity } of lines)
        await changeStock(trx, sku, { onHand: -quantity, reserved: -quantity });
      const sold = lines.map(({ sku, quantity }) => ({
        sku,
        delta: -quantity,
        reason: 'sold',
        reference: id,
      }));
      await writeLedger(trx, sold, { now, newId });
    }
    return { ok: true, reservation, isRepeat: false };
  };

  return {
    now,
    find,
    /**
     * Holds all lines for `ttlMs`; equal skus add up. Throws an InsufficientStockError or UnknownSkuError if it cannot,
     * and a StockContentionError if the strategy gave up. The transaction must roll back then.
     */
    reserve: async (trx: Trx, given: readonly Line[], ttlMs: number): Promise<Reservation> => {
      const lines = inLockOrder(given);
      const at = now();
      const overdue = await expireOverdue(trx, { now: at, skus: lines.map(({ sku }) => sku) });
      // What the gate knows is from before these were given back.
      const short = overdue.count === 0 ? ((await strategy.admit?.(trx, lines)) ?? []) : [];
      if (short.length > 0) throw new InsufficientStockError(short);
      const expiresAt = new Date(at.getTime() + ttlMs);
      const reservation: Reservation = { id: newId(), status: 'held', lines, expiresAt };
      await insert(trx, reservation, at);
      await settle(trx, overdue.lines, lines);
      return reservation;
    },
    /** The goods leave the stock. */
    confirm: (trx: Trx, id: string, options?: EndOptions): Promise<Ending> =>
      end(trx, id, 'confirmed', options),
    /** The goods are available again. */
    release: (trx: Trx, id: string, options?: EndOptions): Promise<Ending> =>
      end(trx, id, 'released', options),
    /** Gives back what up to `limit` overdue reservations hold, of these skus or of all. Resolves with their number. */
    expire: async (
      trx: Trx,
      options: { readonly limit?: number; readonly skus?: readonly string[] } = {},
    ): Promise<number> => {
      const { count, lines } = await expireOverdue(trx, { now: now(), ...options });
      await settle(trx, lines, []);
      return count;
    },
  };
};

export type Reservations = ReturnType<typeof createReservations>;
