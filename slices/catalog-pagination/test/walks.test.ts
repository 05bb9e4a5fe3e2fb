import { createCursors, type Keyset, keysetAfter, keysetOrder, readPage } from '@lab/shared/pagination';
import { createSeededRandom, eachDatabase } from '@lab/testing';
import { describe, expect, it } from 'vitest';
import { type PageQuery, type ProductRow, type Sort, sorts } from '../src/index.ts';
import { fillShop } from './churning-shop.ts';
import { openShop } from './sample-shop.ts';

const WALKS = process.env.FULL_PROOF === '1' ? 2_000 : 500;
const AT_ONCE = 8;
const sortNames: readonly Sort[] = ['newest', 'price_asc', 'price_desc', 'name_asc'];
const categories = [undefined, undefined, 'snacks.nuts', 'snacks.nuts.almonds', 'snacks'];

const cursors = createCursors({ secret: 'a secret of this test', list: 'products' });

interface Walk {
  readonly keyset: Keyset;
  readonly fetch: (query: Pick<PageQuery, 'count' | 'after'>) => Promise<readonly ProductRow[]>;
  readonly afterPage: () => Promise<void>;
  readonly random: () => number;
}

/** The ids that a walk shows in pages of random sizes. */
const walk = async ({ keyset, fetch, afterPage, random }: Walk): Promise<string[]> => {
  const most = random() < 0.3 ? 8 : 60;
  const seen: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const request = { limit: 1 + Math.floor(random() * most), cursor };
    const page = await readPage(request, {
      cursors,
      keyset,
      binding: {},
      fetch: (count, after) => fetch({ count, after }),
      toItem: (row: ProductRow) => row.id,
    });
    seen.push(...page.items);
    if (page.next_cursor === null) return seen;
    cursor = page.next_cursor;
    await afterPage();
  }
};

/** The lasting products that a walk did not show exactly once. */
const faultsOf = (lasting: readonly ProductRow[], seen: readonly string[]): string[] =>
  lasting.flatMap(({ id }) => {
    const times = seen.filter((other) => other === id).length;
    return times === 1 ? [] : [`${id} came ${times} times`];
  });

const isIn = (category: string | undefined) => (row: ProductRow) =>
  category === undefined || `${row.category_id}.`.startsWith(`${category}.`);

eachDatabase((engine) => {
  describe('while other connections add, remove, move and reprice products', () => {
    it(`${WALKS} walks show each lasting product exactly once`, { timeout: 60_000 }, async () => {
      const random = createSeededRandom(20_261_121);
      const { db, url, products } = await openShop(engine);
      const shop = await fillShop(db, url, random);
      const faults: string[] = [];
      let walked = 0;
      const keepWalking = async (): Promise<void> => {
        while (walked < WALKS) {
          walked += 1;
          const sort = sortNames[walked % sortNames.length] ?? 'newest';
          const category = categories[Math.floor(random() * categories.length)];
          const fetch = (query: Pick<PageQuery, 'count' | 'after'>) =>
            products.page({ sort, category, currency: 'USD', ...query });
          const seen = await walk({ keyset: sorts[sort], fetch, afterPage: shop.change, random });
          const wrong = faultsOf(shop.lasting.filter(isIn(category)), seen);
          faults.push(...wrong.map((fault) => `${sort} ${category}: ${fault}`));
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, keepWalking));
      await shop.close();
      expect(faults).toEqual([]);
      expect(shop.changes()).toBeGreaterThan(WALKS);
    });

    it.each(['created_at', 'price_minor', 'name'])(
      '(detector) a walk by %s alone loses some',
      async (column) => {
        const random = createSeededRandom(20_261_122);
        const { db, url } = await openShop(engine);
        const shop = await fillShop(db, url, random);
        const keyset: Keyset = [{ column, direction: 'asc' }];
        const fetch = ({ count, after }: Pick<PageQuery, 'count' | 'after'>) => {
          const query = db.selectFrom('products').selectAll().orderBy(keysetOrder(keyset)).limit(count);
          return (after ? query.where(keysetAfter(keyset, after)) : query).execute();
        };
        const faults: string[] = [];
        for (let walked = 0; walked < 10; walked += 1) {
          const seen = await walk({ keyset, fetch, afterPage: shop.change, random });
          faults.push(...faultsOf(shop.lasting, seen));
        }
        await shop.close();
        expect(faults).not.toEqual([]);
      },
    );
  });
});
