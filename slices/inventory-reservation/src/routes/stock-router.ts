import { type IdempotencyTables, type OnceDeps, oncePerKey } from '@lab/gift-grant';
import type { Executor } from '@lab/shared/database';
import {
  type Callers,
  type ContractRouter,
  createRouter,
  ProblemError,
  route,
  unknownSku,
} from '@lab/shared/http';
import { type Cursors, pageReply, readPage } from '@lab/shared/pagination';
import type { Transaction } from 'kysely';
import type { InventoryTables } from '../inventory-tables.ts';
import { checkStock } from '../stock/stock-check.ts';
import type { StockRow } from '../stock/stock-rows.ts';
import {
  bySku,
  createStockStore,
  newestFirst,
  type StockDeps,
  type StockEdit,
} from '../stock/stock-store.ts';
import {
  adjustStock,
  listStock,
  readLedger,
  readStock,
  setStock,
  stockBelowReserved,
  stockOutOfRange,
  verifyStock,
} from './stock-contracts.ts';

export type StockingTables = InventoryTables & IdempotencyTables;

export type InventoryDatabase = Executor<StockingTables>;

export interface StockRouterDeps extends StockDeps {
  readonly db: InventoryDatabase;
  readonly idempotency: OnceDeps['idempotency'];
  readonly callers: Callers;
  readonly cursorsOf: (list: string) => Cursors;
}

const toJson = ({ sku, on_hand, reserved, version }: StockRow) => ({
  sku,
  on_hand,
  reserved,
  available: on_hand - reserved,
  version,
});

/** The stock after an edit. Throws the problem of a refused one, so that its key stays free. */
const editedStock = (edit: StockEdit) => {
  if (edit.ok) return { status: 200 as const, body: toJson(edit.stock) };
  switch (edit.reason) {
    case 'unknown_sku':
      throw new ProblemError(unknownSku);
    case 'out_of_range':
      throw new ProblemError(stockOutOfRange);
    case 'below_reserved':
      throw new ProblemError(stockBelowReserved, { members: { reserved: edit.reserved } });
  }
};

const lists = (deps: StockRouterDeps) => {
  const { db, cursorsOf } = deps;
  const stock = createStockStore(db, deps);
  const known = async (sku: string): Promise<StockRow> => {
    const row = await stock.find(sku);
    if (row === undefined) throw new ProblemError(unknownSku);
    return row;
  };

  return [
    route(listStock).handle(async (req) => {
      const { low } = req.query;
      const page = await readPage(req.query, {
        cursors: cursorsOf('stock'),
        keyset: bySku,
        binding: { low },
        fetch: (count, after) => stock.page(low, { count, after }),
        toItem: toJson,
      });
      return pageReply(req, page);
    }),
    route(readStock).handle(async ({ params }) => ({ status: 200, body: toJson(await known(params.sku)) })),
    route(readLedger).handle(async (req) => {
      const { sku } = await known(req.params.sku);
      const page = await readPage(req.query, {
        cursors: cursorsOf('stock-ledger'),
        keyset: newestFirst,
        binding: { sku },
        fetch: (count, after) => stock.ledgerPage(sku, { count, after }),
        toItem: ({ at, ...entry }) => ({ ...entry, at: new Date(at).toISOString() }),
      });
      return pageReply(req, page);
    }),
  ];
};

/** The stock of each SKU, its ledger, and its changes by staff. */
export const createStockRouter = (deps: StockRouterDeps): ContractRouter => {
  const { db, callers } = deps;
  const storeOn = (trx: Transaction<IdempotencyTables>) =>
    createStockStore(trx.withTables<InventoryTables>(), deps);

  const verify = route(verifyStock).handle(async () => {
    const { skus, faults } = await checkStock(db);
    return { status: 200, body: { ok: faults.length === 0, skus, faults: [...faults] } };
  });

  const set = route(setStock).handle(
    oncePerKey(setStock, deps, async (trx, { params, body }) =>
      editedStock(await storeOn(trx).set(params.sku, body.on_hand)),
    ),
  );

  const adjust = route(adjustStock).handle(
    oncePerKey(adjustStock, deps, async (trx, { params, body }) =>
      editedStock(await storeOn(trx).adjust(params.sku, body.delta, body.reason)),
    ),
  );

  // Before /stock/:sku, which would take "verify" for a SKU.
  return createRouter([verify, ...lists(deps), set, adjust], { callers });
};
