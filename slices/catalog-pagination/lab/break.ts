import { createCursors } from '@lab/shared/pagination';
import type { Story } from '@lab/testing/story';
import { readDeepPages } from './deep-pages.ts';
import { readCursor } from './naive-pages.ts';
import { byKeyset, byOffset, byTime, PAGE, walk } from './walks.ts';

const cursors = createCursors({ secret: 'a secret of this break', list: 'products' });
const binding = { sort: 'price_asc', currency: 'USD' };
const position = [1995, '016ff366-d3c0-7cfb-88fb-7ff37cfb614b'];

/** How many of these attempts to use a cursor succeed. */
const taken = (attempts: readonly (() => unknown)[]): number =>
  attempts.filter((attempt) => {
    try {
      attempt();
      return true;
    } catch {
      return false;
    }
  }).length;

/** A client writes a hundred other prices into its cursor and keeps the rest. */
const alteredCursors = () => {
  const prices = Array.from({ length: 100 }, (_, index) => JSON.stringify([index, position[1]]));
  const sealed = cursors.seal(position, binding);
  const written = JSON.stringify(position);
  const head = sealed.slice(0, -Buffer.from(written).toString('base64url').length);
  const encode = (text: string) => Buffer.from(text).toString('base64url');
  return {
    naive: taken(prices.map((price) => () => readCursor(encode(price)))),
    ours: taken(prices.map((price) => () => cursors.open(head + encode(price), binding))),
  };
};

/** A client uses its cursor with another sort, currency or category. */
const strayCursors = () => {
  const others = [
    { ...binding, sort: 'price_desc' },
    { ...binding, sort: 'newest' },
    { ...binding, currency: 'EUR' },
    { ...binding, category: 'snacks' },
    { ...binding, in_stock: true },
  ];
  const naive = Buffer.from(JSON.stringify(position)).toString('base64url');
  const sealed = cursors.seal(position, binding);
  return {
    total: others.length,
    naive: taken(others.map(() => () => readCursor(naive))),
    ours: taken(others.map((other) => () => cursors.open(sealed, other))),
  };
};

export const breakNaive = async (): Promise<Story> => {
  const offset = await walk(byOffset, { changes: true });
  const keyset = await walk(byKeyset, { changes: true });
  const ties = await walk(byTime, { changes: false });
  const tieless = await walk(byKeyset, { changes: false });
  const deep = await readDeepPages();
  const stray = strayCursors();

  const [missed] = offset.never;
  const place = keyset.shown.findIndex(({ id }) => id === missed?.id);
  const walked = offset.there.length.toLocaleString('en-US');
  return {
    victim: {
      given: `${missed?.sku}, "${missed?.name}", in the shop the whole time while others come and go`,
      naive: 'on no page: the products before it moved up, so OFFSET skipped it',
      ours: `on page ${Math.ceil((place + 1) / PAGE)}`,
    },
    counts: [
      {
        what: `shown twice, of ${walked} products, while others come and go (OFFSET)`,
        naive: offset.twice,
        ours: keyset.twice,
      },
      {
        what: `never shown, of ${walked} products, while others come and go (OFFSET)`,
        naive: offset.never.length,
        ours: keyset.never.length,
      },
      {
        what: `never shown, of ${walked} products, although nothing changes (no tie-breaker)`,
        naive: ties.never.length,
        ours: tieless.never.length,
      },
      { what: 'altered cursors accepted, of 100', ...alteredCursors() },
      {
        what: `cursors accepted for another sort or filter, of ${stray.total}`,
        naive: stray.naive,
        ours: stray.ours,
      },
      {
        what: `rows read for a page of ${deep.count} after 40,000 products, worst of 4 sorts`,
        ...deep.all,
        atMost: deep.count,
      },
      {
        what: `rows read for a page of ${deep.count} after 10,000 in a department, worst of 4 sorts`,
        ...deep.department,
        atMost: deep.count,
      },
    ],
  };
};
