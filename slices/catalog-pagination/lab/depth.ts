/** Measures a page of 20 at increasing depth, by keyset and by OFFSET, and draws the results in depth-<engine>.svg. */
import { writeFileSync } from 'node:fs';
import { engineOf } from '@lab/shared/database';
import type { Position } from '@lab/shared/pagination';
import type { Kysely } from 'kysely';
import { type CatalogTables, createProductStore } from '../src/index.ts';
import { depthChart } from './depth-chart.ts';
import { p50InTurns } from './timing.ts';

const DEPTHS = [0, 100_000, 300_000, 600_000, 900_000];
const COUNT = 21;

const byOffset = (db: Kysely<CatalogTables>, depth: number) => {
  const query = db.selectFrom('products').selectAll().where('currency', '=', 'USD');
  return query.orderBy('price_minor').orderBy('id').limit(COUNT).offset(depth).execute();
};

const positionAt = async (db: Kysely<CatalogTables>, depth: number): Promise<Position | undefined> => {
  const [before] = depth === 0 ? [] : await byOffset(db, depth - 1);
  return before && [before.price_minor, before.id];
};

export const measureDepths = async (db: Kysely<CatalogTables>, title: string): Promise<void> => {
  const products = createProductStore(db);
  const positions = await Promise.all(DEPTHS.map((depth) => positionAt(db, depth)));
  const byKeyset = (after: Position | undefined) => () =>
    products.page({ sort: 'price_asc', currency: 'USD', count: COUNT, after });
  const keyset = await p50InTurns(400, positions.map(byKeyset));
  const offset = await p50InTurns(
    11,
    DEPTHS.map((depth) => () => byOffset(db, depth)),
  );

  console.log('    depth  keyset p50 ms  OFFSET p50 ms');
  DEPTHS.forEach((depth, index) => {
    const cells = [keyset[index]?.toFixed(3).padStart(15), offset[index]?.toFixed(1).padStart(15)];
    console.log(String(depth).padStart(9) + cells.join(''));
  });
  const ratio = (p50: readonly number[]): string => ((p50.at(-1) ?? 0) / (p50[0] ?? 1)).toFixed(2);
  console.log(`deepest to first: keyset ${ratio(keyset)}, OFFSET ${ratio(offset)}`);

  const charted = DEPTHS.flatMap((depth, index) => [
    { depth, way: 'keyset' as const, p50Ms: keyset[index] ?? 0 },
    { depth, way: 'OFFSET' as const, p50Ms: offset[index] ?? 0 },
  ]);
  const file = new URL(`../depth-${engineOf(db)}.svg`, import.meta.url);
  writeFileSync(file, await depthChart(`A page of 20, ${title}`, charted));
};
