import { expect, it } from 'vitest';
import { z } from 'zod';
import { createCursors, type Keyset, listQuery, pageReply, readPage } from '../src/pagination/index.ts';

const cursors = createCursors({ secret: 'a secret of this test', list: 'numbers' });
const keyset: Keyset = [{ column: 'id', direction: 'asc' }];

const pageOfNumbers = (
  total: number,
  query: { limit: number; cursor?: string },
  binding = {},
  order = keyset,
) =>
  readPage(query, {
    cursors,
    keyset: order,
    binding,
    fetch: async (count, after) => {
      const first = Number(after?.[0] ?? 0) + 1;
      return Array.from({ length: total }, (_, index) => ({ id: index + 1 })).slice(
        first - 1,
        first - 1 + count,
      );
    },
    toItem: ({ id }) => id,
  });

it.each([
  [0, 5, 1],
  [5, 5, 1],
  [6, 5, 2],
  [10, 5, 2],
  [11, 5, 3],
])('ends a walk of %i rows in pages of %i after %i pages', async (total, limit, pages) => {
  const seen: number[] = [];
  let count = 0;
  for (let cursor: string | null = ''; cursor !== null; count += 1) {
    const page: { items: number[]; next_cursor: string | null } = await pageOfNumbers(total, {
      limit,
      ...(cursor !== '' && { cursor }),
    });
    seen.push(...page.items);
    cursor = page.next_cursor;
  }
  expect([seen.length, new Set(seen).size, count]).toEqual([total, total, pages]);
});

it('binds a cursor to the order itself, so that a changed one is not continued', async () => {
  const { next_cursor: cursor } = await pageOfNumbers(9, { limit: 3 });
  const descending: Keyset = [{ column: 'id', direction: 'desc' }];
  await expect(pageOfNumbers(9, { limit: 3, cursor: cursor ?? '' }, {}, descending)).rejects.toMatchObject({
    type: { code: 'cursor_mismatch' },
  });
});

it('links to the next page with the parameters of this one, and not at all from the last', () => {
  const url = { baseUrl: '/shop', path: '/things', originalUrl: '/shop/things?sort=a&cursor=old&q=%3E%20é' };
  const { headers } = pageReply(url, { items: [1], next_cursor: 'new-1' });
  expect(headers).toEqual({ Link: '</shop/things?sort=a&cursor=new-1&q=%3E+%C3%A9>; rel="next"' });
  const first = { baseUrl: '', path: '/things', originalUrl: '/things' };
  expect(pageReply(first, { items: [1], next_cursor: 'new-1' })).toMatchObject({
    headers: { Link: '</things?cursor=new-1>; rel="next"' },
  });
  expect(pageReply(first, { items: [1], next_cursor: null })).not.toHaveProperty('headers');
});

it('lets no character of the path end the link', () => {
  const url = { baseUrl: '/a>;rel="evil"', path: '/things', originalUrl: '/a>;rel="evil"/things' };
  expect(pageReply(url, { items: [1], next_cursor: 'n' })).toMatchObject({
    headers: { Link: '</a%3E;rel=%22evil%22/things?cursor=n>; rel="next"' },
  });
});

it('takes a limit of 1 to 100 and 20 unless told', () => {
  const { limit } = z.strictObject(listQuery).parse({});
  expect(limit).toBe(20);
  const accepts = (text: string) => listQuery.limit.safeParse(text).success;
  expect(['1', '9', '10', '99', '100'].every(accepts)).toBe(true);
  expect(['', '0', '00', '01', '101', '-1', '1.0', '1e1', ' 1', '٣', '1000'].some(accepts)).toBe(false);
});
