import { migrate } from '@lab/shared/database';
import { eachDatabase } from '@lab/shared/testing';
import type { Kysely } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type CatalogTables,
  catalogMigrations,
  loadSample,
  pageStatement,
  type Sort,
  sorts,
} from '../src/index.ts';
import { dropSortIndexes } from '../src/keyset-pages.ts';
import { sampleCategories } from '../src/sample-catalogue.ts';
import { explain, planFaults, rangeTerms } from './query-plan.ts';

const PRODUCTS = 20_000;
const levels = [undefined, 'snacks', 'snacks.nuts', 'snacks.nuts.walnuts'];
const sortNames: readonly Sort[] = ['newest', 'price_asc', 'price_desc', 'name_asc'];

const below = (category: string | undefined) =>
  category === undefined
    ? undefined
    : sampleCategories.map(({ id }) => id).filter((id) => id === category || id.startsWith(`${category}.`));

eachDatabase((engine) => {
  let db: Kysely<CatalogTables>;
  beforeAll(async () => {
    ({ db } = await engine.openForSuite<CatalogTables>());
    await migrate(db, [catalogMigrations]);
    await loadSample(db, PRODUCTS);
  }, 60_000);

  /** The row in the middle, so that the plan has half of the table to skip. */
  const middleOf = async (sort: Sort) => {
    const [key] = sorts[sort];
    const query = db.selectFrom('products').select(['id', key.column]).where('currency', '=', 'USD');
    const [row] = await query
      .orderBy(key.column)
      .offset(PRODUCTS / 2)
      .limit(1)
      .execute();
    const value: unknown = row && Reflect.get(row, key.column);
    return [typeof value === 'number' ? value : String(value), row?.id ?? ''];
  };

  describe.each(sortNames)('sorted by %s', (sort) => {
    it.each(levels)(
      'a page of category %s is a range of an index, at the beginning and deep',
      async (level) => {
        for (const after of [undefined, await middleOf(sort)]) {
          const query = { sort, currency: 'USD', categories: below(level), count: 21, after };
          const plan = await explain(db, pageStatement(db, query).compile());
          expect(planFaults(plan, rangeTerms(query)), plan.join('\n')).toEqual([]);
        }
      },
    );

    it('begins at the position, not at the lowest price, where a price range is given too', async () => {
      const after = await middleOf(sort);
      const query = { sort, currency: 'USD', count: 21, after, minPriceMinor: 0, maxPriceMinor: 99_999 };
      const plan = await explain(db, pageStatement(db, query).compile());
      expect(planFaults(plan, rangeTerms(query)), plan.join('\n')).toEqual([]);
    });
  });

  describe('a planted bug is found', () => {
    it('an IN list, which reads the products of all categories or sorts those of some', async () => {
      const query = {
        sort: 'newest',
        currency: 'USD',
        categories: below('snacks') ?? [],
        count: 21,
      } as const;
      const listed = db
        .selectFrom('products')
        .selectAll()
        .where('currency', '=', 'USD')
        .where('category_id', 'in', query.categories)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(query.count);
      const plan = await explain(db, listed.compile());
      expect(planFaults(plan, rangeTerms(query)), plan.join('\n')).not.toEqual([]);
    });

    it('an order that no index has', async () => {
      const query = db.selectFrom('products').selectAll().orderBy('in_stock').limit(21).compile();
      expect(planFaults(await explain(db, query))).not.toEqual([]);
    });

    it('a missing index', async () => {
      await expect(
        db.transaction().execute(async (trx) => {
          await dropSortIndexes(trx);
          const plan = await explain(
            trx,
            pageStatement(trx, { sort: 'newest', currency: 'USD', count: 21 }).compile(),
          );
          throw new Error(`rolled back, faults: ${planFaults(plan).length > 0}`);
        }),
      ).rejects.toThrow('faults: true');
    });
  });
});
