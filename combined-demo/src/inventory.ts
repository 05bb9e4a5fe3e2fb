import type { CatalogCaches } from '@lab/cache-metrics';
import {
  type AvailabilityListener,
  availableAt,
  createStockStore,
  type InventoryTables,
  type Reservations,
  startInventory,
} from '@lab/inventory-reservation';
import { refreshInStock, type Stock, type VariantTables } from '@lab/product-variants';
import { afterCommit } from '@lab/shared/database';
import { requireCaller } from '@lab/shared/http';

interface VariantStockDeps {
  readonly reservations: Reservations;
  readonly now: () => Date;
  readonly newId: () => string;
}

const availableNow =
  (now: () => Date): Stock['availableOf'] =>
  (db, skus) =>
    availableAt(db.withTables<InventoryTables>(), skus, now());

/** The stock of the variants, as inventory keeps it. What is held stays held when staff set the stock of a variant. */
export const createVariantStock = (deps: VariantStockDeps): Stock => {
  const editInOrder = async <Line extends { readonly sku: string }>(
    trx: Parameters<Stock['set']>[0],
    lines: readonly Line[],
    edit: (store: ReturnType<typeof createStockStore>, line: Line) => Promise<unknown>,
  ): Promise<void> => {
    const store = createStockStore(trx.withTables<InventoryTables>(), deps);
    for (const line of lines.toSorted((a, b) => (a.sku < b.sku ? -1 : 1))) await edit(store, line);
  };
  return {
    set: (trx, lines) =>
      editInOrder(trx, lines, (store, { sku, available }) => store.setAvailable(sku, available)),
    remove: (trx, skus) =>
      editInOrder(
        trx,
        skus.map((sku) => ({ sku })),
        (store, { sku }) => store.retire(sku),
      ),
    availableOf: availableNow(deps.now),
  };
};

type Started = Omit<Parameters<typeof startInventory>[1], 'onAvailability'> & {
  readonly caches: Pick<CatalogCaches, 'invalidate'>;
};

/**
 * Inventory with the catalog as its listener: a product is `in_stock` from the commit that made it so, and cached pages
 * are forgotten right after it. The routes of reservations are for staff: shoppers reserve by checking out.
 */
export const startDemoInventory = (
  server: Parameters<typeof startInventory>[0],
  { caches, ...deps }: Started,
) => {
  const { now } = deps;
  const onAvailability: AvailabilityListener = async (trx, crossings) => {
    const skus = crossings.map(({ sku }) => sku);
    const shown = { availableOf: availableNow(now) };
    const changed = await refreshInStock(trx.withTables<VariantTables>(), shown, skus);
    if (changed.length > 0) await afterCommit(trx, () => caches.invalidate.products(changed));
  };
  const { stockRouter, reservationRouter, ...inventory } = startInventory(server, {
    ...deps,
    onAvailability,
  });
  const staff = { caller: 'operator', permission: 'stock:write' } as const;
  return {
    ...inventory,
    variantStock: createVariantStock({ ...deps, reservations: inventory.reservations }),
    routers: [
      stockRouter,
      requireCaller(reservationRouter, deps.callers, {
        reserveStock: staff,
        readReservation: staff,
        confirmReservation: staff,
        releaseReservation: staff,
      }),
    ],
  };
};
