import { migrate } from '@lab/shared/database';
import { eachDatabase } from '@lab/testing';
import type { Kysely } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type CatalogTables,
  catalogMigrations,
  loadSample,
  pageStatement,
  type Sort,
  sampleCategories,
  sorts,
} from '../src/index.ts';
import { dropSortIndexes } from '../src/page-statements.ts';
import { explain, planFaults, rangeTerms } from './query-plan.ts';

const PRODUCTS = 20_000;
const levels = [undefined, 'snacks', 'snacks.nuts', 'snacks.nuts.walnuts'];
const sortNames: readonly Sort[] = ['newest', 'price_asc', 'price_desc', 'name_asc'];

eachDatabase((engine) => {
  let db: Kysely<CatalogTables>;
  beforeAll(async () => {
    ({ db } = await engine.openForSuite<CatalogTables>());
    await migrate(db, [catalogMigrations]);
    await loadSample(db, PRODUCTS);
  }, 60_000);

  /** The position of the row in the middle, so that the plan must skip half of the table. */
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
      'a page of category %s is a range of an index, both the first one and a deep one',
      async (level) => {
        for (const after of [undefined, await middleOf(sort)]) {
          const query = { sort, currency: 'USD', category: level, count: 21, after };
          const plan = await explain(db, pageStatement(db, query).compile());
          expect(planFaults(plan, rangeTerms(query)), plan.join('\n')).toEqual([]);
        }
      },
    );

    it('starts at the position and not at the lowest price if there is also a price range', async () => {
      const after = await middleOf(sort);
      const query = { sort, currency: 'USD', count: 21, after, minPriceMinor: 0, maxPriceMinor: 99_999 };
      const plan = await explain(db, pageStatement(db, query).compile());
      expect(planFaults(plan, rangeTerms(query)), plan.join('\n')).toEqual([]);
    });

    it.each([undefined, 'snacks'])('filters along its index, in category %s', async (category) => {
      const filter = { minPriceMinor: 5_000, maxPriceMinor: 99_999, inStock: false };
      const query = { sort, currency: 'USD', category, count: 21, ...filter };
      const plan = await explain(db, pageStatement(db, query).compile());
      expect(planFaults(plan, rangeTerms(query)), plan.join('\n')).toEqual([]);
    });
  });

  describe('a planted bug is found', () => {
    it('an IN list of categories, which reads or sorts the products of several categories', async () => {
      const ofAisle = sampleCategories.map(({ id }) => id).filter((id) => id.startsWith('snacks.nuts'));
      const listed = db
        .selectFrom('category_listings')
        .selectAll()
        .where('currency', '=', 'USD')
        .where('listed_in', 'in', ofAisle)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(21);
      const plan = await explain(db, listed.compile());
      const terms = rangeTerms({ sort: 'newest', currency: 'USD', category: 'snacks.nuts', count: 21 });
      expect(planFaults(plan, terms), plan.join('\n')).not.toEqual([]);
    });

    it('an order without an index', async () => {
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
