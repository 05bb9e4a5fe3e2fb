/** The tables of this slice. `stock` has one row for each sku, so that there is always a row to update. */
export type InventoryTables = {
  stock: {
    sku: string;
    on_hand: number;
    /** Part of `on_hand` that reservations hold. */
    reserved: number;
    /** Grows with each change. */
    version: number;
  };
  /** Append-only: each change of `on_hand`. */
  stock_ledger: {
    id: string;
    sku: string;
    delta: number;
    reason: string;
    /** The reservation that took the goods, if one did. */
    reference: string | null;
    at: number;
  };
  reservations: {
    id: string;
    status: 'held' | 'confirmed' | 'released' | 'expired';
    expires_at: number;
    created_at: number;
    ended_at: number | null;
  };
  reservation_lines: {
    reservation_id: string;
    sku: string;
    quantity: number;
  };
};

export interface Line {
  readonly sku: string;
  readonly quantity: number;
}
