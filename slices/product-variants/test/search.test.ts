import { type ProductRow, sorts } from '@lab/catalog-pagination';
import { currencyCodes, formatMinorUnits } from '@lab/shared/money';
import { createSeededRandom, eachDatabase, startApp } from '@lab/testing';
import type { Kysely } from 'kysely';
import { expect, it } from 'vitest';
import { z } from 'zod';
import type { VariantTables } from '../src/index.ts';
import { searchPage } from '../src/search/attribute-query.ts';
import { countFacets } from '../src/search/facets.ts';
import { createCatalogs } from './random-catalogs.ts';
import { facetOf, idsOf, rightRules, type Wanted } from './search-oracle.ts';
import { openVariantsApp } from './variants-app.ts';

// The full proof, with FULL_PROOF=1, takes a minute or two.
const CATALOGS = process.env.FULL_PROOF === '1' ? 100 : 20;
const QUERIES = 3;
const SEED = 20_261_128;

/** Only gathering; walking and then gathering; only walking. */
const waysToRead = [[], [1, 2], [1, 2, 400]];

const answer = z.object({
  items: z.array(z.looseObject({ id: z.string() })),
  next_cursor: z.string().nullable(),
  facets: z.record(z.string(), z.array(z.object({ value: z.string(), count: z.number() }))).optional(),
  facets_complete: z.boolean().optional(),
});

/** All pages of a search, read in pages of three. */
const readAll = async (db: Kysely<VariantTables>, wanted: Wanted, walks: readonly number[]) => {
  const ids: string[] = [];
  let last: ProductRow | undefined;
  for (;;) {
    const after = last && sorts[wanted.sort].map(({ column }) => last?.[column] ?? null);
    const rows = await searchPage(db, { ...wanted, count: 3, after }, walks);
    ids.push(...rows.map(({ id }) => id));
    last = rows.at(-1);
    if (rows.length < 3) return ids;
  }
};

const queryOf = (wanted: Wanted, facets: readonly string[]): string => {
  const query = new URLSearchParams({ limit: '4', sort: wanted.sort, currency: wanted.currency });
  const major = (minor: number) => formatMinorUnits(minor, wanted.currency).amount;
  if (wanted.category !== undefined) query.set('category', wanted.category);
  if (wanted.minPriceMinor !== undefined) query.set('min_price', major(wanted.minPriceMinor));
  if (wanted.maxPriceMinor !== undefined) query.set('max_price', major(wanted.maxPriceMinor));
  if (wanted.inStock !== undefined) query.set('in_stock', String(wanted.inStock));
  for (const { name, values } of wanted.attributes) query.set(`attr.${name}`, values.join(','));
  query.set('facets', facets.join(','));
  return `${query}`;
};

const malformed = [
  'attr.color=',
  'attr.color=a,,b',
  'attr.=a',
  'attr.9=a',
  'attr.color=a&attr.color=b',
  'color=a',
  `attr.color=${'a,'.repeat(10)}b`,
  'attr.a=1&attr.b=1&attr.c=1&attr.d=1&attr.e=1&attr.f=1',
  'facets=',
  'facets=a,b,c,d,e,f',
  'facets=__proto__',
];

eachDatabase((engine) => {
  it(`finds and counts in ${CATALOGS} random catalogs what a plain filter over all products does`, async () => {
    const deps = await openVariantsApp(engine);
    const { request } = await startApp(deps.app);
    const catalogs = createCatalogs(deps, createSeededRandom(SEED));
    const told = { match: 0, facets: 0, found: 0 };

    for (const currency of currencyCodes.slice(0, CATALOGS)) {
      const products = await catalogs.fill(currency);
      for (let number = 0; number < QUERIES; number += 1) {
        const wanted = catalogs.query(currency);
        const expected = idsOf(products, wanted);
        const name = JSON.stringify(wanted);
        if (wanted.attributes.length > 0) {
          const walks = waysToRead[number % waysToRead.length] ?? [];
          expect(await readAll(deps.db, wanted, walks), name).toEqual(expected);
        }
        const names = catalogs.facets();
        const counted = await countFacets(deps.db, names, wanted);
        const facets = Object.fromEntries(names.map((each) => [each, facetOf(products, each, wanted)]));
        expect(counted, name).toEqual({ facets, isComplete: true });

        // That the catalogs tell the rules from the mistakes.
        const mistaken = { ...rightRules, match: 'any variants', facets: 'all filters' } as const;
        told.found += expected.length;
        told.match += Number(idsOf(products, wanted, mistaken).length !== expected.length);
        const wrong = names.map((each) => facetOf(products, each, wanted, mistaken));
        told.facets += Number(JSON.stringify(wrong) !== JSON.stringify(Object.values(facets)));
        if (number > 0) continue;

        let path: string | null = `/products?${queryOf(wanted, names)}`;
        const shown: string[] = [];
        while (path !== null) {
          const { body, headers } = await request('GET', path);
          const page = answer.parse(body);
          expect(page).toMatchObject({ facets, facets_complete: true });
          shown.push(...page.items.map(({ id }) => id));
          path = /<([^>]+)>/.exec(headers.get('link') ?? '')?.[1] ?? null;
        }
        expect(shown, name).toEqual(expected);
      }
    }
    for (const seen of Object.values(told)) expect(seen).toBeGreaterThan(0);
  }, 900_000);

  it('says when more products match than are counted, and never counts too many', async () => {
    const deps = await openVariantsApp(engine);
    const random = createSeededRandom(SEED);
    const products = await createCatalogs(deps, random).fill('USD');
    const all: Wanted = { sort: 'newest', currency: 'USD', attributes: [] };
    const filtered = { ...all, attributes: [{ name: 'color', values: ['a', 'b'] }] };
    for (const wanted of [all, filtered]) {
      const matching = idsOf(products, wanted).length;
      expect(await countFacets(deps.db, ['size'], wanted, matching)).toMatchObject({ isComplete: true });
      const { facets, isComplete } = await countFacets(deps.db, ['size'], wanted, matching - 2);
      expect(isComplete).toBe(false);
      const exact = new Map(facetOf(products, 'size', wanted).map(({ value, count }) => [value, count]));
      for (const { value, count } of facets.size ?? [])
        expect(count).toBeLessThanOrEqual(exact.get(value) ?? 0);
    }
  });

  it('refuses malformed filters and facets', async () => {
    const { app } = await openVariantsApp(engine);
    const { request } = await startApp(app);
    for (const query of malformed) {
      const { status, body } = await request('GET', `/products?${query}`);
      expect([status, body], query).toMatchObject([400, { code: 'invalid_request' }]);
    }
  });
});
