import type { Request } from 'express';
import { type ZodType, z } from 'zod';
import type { Binding, Cursors, Position } from './cursor.ts';
import type { Keyset } from './keyset.ts';
import type { ListQuery } from './list-query.ts';

/** A page as it is sent. */
export interface Page<Item> {
  readonly items: Item[];
  /** Null on the last page. */
  readonly next_cursor: string | null;
}

const positionOf = (keyset: Keyset, row: object): Position =>
  keyset.map(({ column }) => {
    const value: unknown = Reflect.get(row, column);
    if (value === null || typeof value === 'string' || typeof value === 'number') return value;
    throw new TypeError(`the rows of the page have no column ${column}`);
  });

const orderOf = (keyset: Keyset): string =>
  keyset.map(({ column, direction, nulls = '' }) => `${column} ${direction} ${nulls}`).join();

export interface PageRequest<Row, Item> {
  readonly cursors: Cursors;
  readonly keyset: Keyset;
  /** Sort, filters and caller that the cursor must match. The keyset is added automatically. */
  readonly binding: Binding;
  /**
   * Reads at most `count` rows after the position, or from the beginning, in the order of the keyset. Rows must include
   * the columns of the keyset.
   */
  readonly fetch: (count: number, after: Position | undefined) => Promise<readonly Row[]>;
  readonly toItem: (row: Row) => Item;
}

/**
 * Reads one page. It fetches one row more than it returns, to know whether there is a next page without counting all
 * rows. Throws what `Cursors.open` throws.
 */
export const readPage = async <Row extends object, Item>(
  { limit, cursor }: ListQuery,
  { cursors, keyset, binding, fetch, toItem }: PageRequest<Row, Item>,
): Promise<Page<Item>> => {
  const bound = { ...binding, 'order by': orderOf(keyset) };
  const after = cursor === undefined ? undefined : cursors.open(cursor, bound);
  const rows = await fetch(limit + 1, after);
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  const next = last && cursors.seal(positionOf(keyset, last), bound);
  return { items: shown.map(toItem), next_cursor: next ?? null };
};

/** What Express knows about the requested URL. */
type RequestedUrl = Pick<Request, 'baseUrl' | 'path' | 'originalUrl'>;

/** The link to the next page, relative to the server (RFC 8288): the URL of this page with the next cursor. */
const nextLink = ({ baseUrl, path, originalUrl }: RequestedUrl, cursor: string): string => {
  const start = originalUrl.indexOf('?');
  const query = new URLSearchParams(start === -1 ? '' : originalUrl.slice(start));
  query.set('cursor', cursor);
  // Node accepts characters in a path that would end the link.
  const target = `${baseUrl}${path}`.replaceAll(/[<>"]/g, encodeURIComponent);
  return `<${target}?${query}>; rel="next"`;
};

/** The reply of a list: the page, and the `Link` header if there is a next page. */
export const pageReply = <Item>(request: RequestedUrl, page: Page<Item>) => ({
  status: 200 as const,
  ...(page.next_cursor !== null && { headers: { Link: nextLink(request, page.next_cursor) } }),
  body: page,
});

/** The response 200 of a list's contract. */
export const pageResponse = <Item extends ZodType>(item: Item, description: string) => ({
  description,
  body: z.strictObject({
    items: z.array(item),
    next_cursor: z.string().nullable().meta({ description: 'Null on the last page', example: null }),
  }),
  headers: { Link: 'URL of the next page, `<...>; rel="next"`. Absent on the last page' },
});
