import { createCategoryTree } from '@lab/product-variants';
import type { Story } from '@lab/testing/story';
import type { AttributeFilter } from '../src/search/attribute-query.ts';
import { searchPage } from '../src/search/attribute-query.ts';
import { countFacets } from '../src/search/facets.ts';
import { countNaively, moveNaively, pageNaively } from './naive-search.ts';
import { colors, openShop, SHIRTS, type Shop, shirt, shirts, sizes } from './shop.ts';

type Filters = Readonly<Record<string, string>>;

const base = { sort: 'newest', currency: 'USD' } as const;
const asFilters = (filters: Filters): readonly AttributeFilter[] =>
  Object.entries(filters).map(([name, value]) => ({ name, values: [value] }));

const pageOf = ({ db }: Shop, filters: Filters, count: number) =>
  searchPage(db, { ...base, attributes: asFilters(filters), count });

/** Every color in every size. */
const choices = colors.flatMap((color) => sizes.map((size) => ({ color, size })));

/** How many products a shopper gets for each other color, by asking for it. */
const truth = (color: string, size: string): number =>
  shirts.filter(({ variants }) => variants.some((each) => each.color === color && each.size === size)).length;

/** Counts the colors whose count, where a color and a size are chosen, is not what choosing that color gives. */
const countWrongFacets = async (count: (chosen: Filters) => Promise<ReadonlyMap<string, number>>) => {
  let wrong = 0;
  for (const { color, size } of choices) {
    const counted = await count({ color, size });
    wrong += colors.filter((other) => (counted.get(other) ?? 0) !== truth(other, size)).length;
  }
  return wrong;
};

const naiveFacet =
  ({ db }: Shop) =>
  async (chosen: Filters) =>
    new Map((await countNaively(db, 'color', chosen)).map(({ value, count }) => [value, Number(count)]));

const ourFacet =
  ({ db }: Shop) =>
  async (chosen: Filters) => {
    const { facets } = await countFacets(db, ['color'], { currency: 'USD', attributes: asFilters(chosen) });
    return new Map(facets.color?.map(({ value, count }) => [value, count]));
  };

/** Products that are shown for a color and a size, and of which no variant is both. */
const countFalseMatches = async (page: (chosen: Filters) => Promise<readonly unknown[]>) => {
  let wrong = 0;
  for (const { color, size } of choices) wrong += (await page({ color, size })).length - truth(color, size);
  return wrong;
};

const PAGE = 10;

/** Pages through the red shirts while one that was shown is deleted after each page. Counts those never shown. */
const countSkipped = async (
  next: (
    shop: Shop,
    shown: number,
    last: Awaited<ReturnType<typeof pageOf>>[number] | undefined,
  ) => Promise<readonly { readonly id: string }[]>,
): Promise<number> => {
  const shop = await openShop();
  for (const each of shirts) await shop.add(each);
  const all = await pageOf(shop, { color: 'red' }, SHIRTS);
  const shown: string[] = [];
  for (;;) {
    const last = all.find(({ id }) => id === shown.at(-1));
    const ids = (await next(shop, shown.length, last)).map(({ id }) => id);
    shown.push(...ids);
    if (ids.length < PAGE) break;
    for (const id of ids.slice(0, 2)) await shop.remove(id);
  }
  await shop.close();
  return all.filter(({ id }) => !shown.includes(id)).length;
};

const skippedByOffset = () => countSkipped(({ db }, shown) => pageNaively(db, { color: 'red' }, shown, PAGE));

const skippedByKeyset = () =>
  countSkipped(({ db }, _shown, last) =>
    searchPage(db, {
      ...base,
      attributes: asFilters({ color: 'red' }),
      count: PAGE,
      after: last && [last.created_at, last.id],
    }),
  );

const PAIRS = 20;

/** Moves A below B and B below A at once. Counts the pairs that end in a cycle. */
const countCycles = async (
  move: (shop: Shop, id: string, parent: string) => Promise<unknown>,
): Promise<number> => {
  const shop = await openShop();
  const names = Array.from({ length: PAIRS }, (_, index) => [`a${index}`, `b${index}`] as const);
  const tree = createCategoryTree(shop.db);
  let cycles = 0;
  for (const name of names.flat()) await tree.add({ id: name, name, parent: null });
  for (const [a, b] of names) {
    await Promise.allSettled([move(shop, a, b), move(shop, b, a)]);
    const ofPair = shop.db.selectFrom('categories').select('id').where('id', 'in', [a, b]);
    const moved = await ofPair.where('parent_id', 'is not', null).execute();
    if (moved.length === 2) cycles += 1;
  }
  await shop.close();
  return cycles;
};

const tell = async (shop: Shop): Promise<Story> => {
  const chosen = { color: 'red', size: 'S' };
  const show = (counted: ReadonlyMap<string, number>): string =>
    colors.flatMap((color) => (counted.get(color) ? [`${color} ${counted.get(color)}`] : [])).join(', ');
  const facets = choices.length * colors.length;
  return {
    victim: {
      given: `${SHIRTS} shirts, filtered by red and S: which other colors are there in S?`,
      naive: show(await naiveFacet(shop)(chosen)),
      ours: show(await ourFacet(shop)(chosen)),
    },
    counts: [
      {
        what: `counts of a color that choosing it does not give, of ${facets}`,
        naive: await countWrongFacets(naiveFacet(shop)),
        ours: await countWrongFacets(ourFacet(shop)),
      },
      {
        what: `shirts shown for a color and a size that they do not have together, in ${choices.length} searches`,
        naive: await countFalseMatches((chosen) => pageNaively(shop.db, chosen, 0, SHIRTS)),
        ours: await countFalseMatches((chosen) => pageOf(shop, chosen, SHIRTS)),
      },
      {
        what: 'red shirts never shown while others are deleted (OFFSET)',
        naive: await skippedByOffset(),
        ours: await skippedByKeyset(),
      },
      {
        what: `cycles after two moves at once that each alone are fine, of ${PAIRS} pairs`,
        naive: await countCycles(({ db }, id, parent) => moveNaively(db, id, parent)),
        ours: await countCycles(({ db }, id, parent) => createCategoryTree(db).change(id, { parent })),
      },
    ],
  };
};

export const breakNaive = async (): Promise<Story> => {
  const shop = await openShop();
  try {
    for (let number = 0; number < SHIRTS; number += 1) await shop.add(shirt(number));
    return await tell(shop);
  } finally {
    await shop.close();
  }
};
