import { createHmac, timingSafeEqual } from 'node:crypto';
import Sqlite from 'better-sqlite3';
import { z } from 'zod';

/** The query of `GET /products` in both stacks. Each stack validates it in its own way. */
export interface ProductQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly sort: keyof typeof orders;
  readonly category?: string | undefined;
  readonly currency: string;
}

export const orders = {
  newest: { column: 'created_at', direction: 'desc', after: '<' },
  price_asc: { column: 'price_minor', direction: 'asc', after: '>' },
  price_desc: { column: 'price_minor', direction: 'desc', after: '<' },
  name_asc: { column: 'name', direction: 'asc', after: '>' },
} as const;

const rowSchema = z.object({
  id: z.string(),
  sku: z.string(),
  name: z.string(),
  category_id: z.string(),
  currency: z.string(),
  price_minor: z.number(),
  in_stock: z.number(),
  created_at: z.number(),
});
type Row = z.output<typeof rowSchema>;

const positionSchema = z.tuple([z.union([z.string(), z.number()]), z.string()]);

const toProduct = (row: Row) => ({
  id: row.id,
  sku: row.sku,
  name: row.name,
  category: row.category_id,
  price: { amount: (row.price_minor / 100).toFixed(2), currency: row.currency },
  in_stock: row.in_stock === 1,
  created_at: new Date(row.created_at).toISOString(),
});

const bindingOf = ({ sort, category, currency }: ProductQuery): string =>
  JSON.stringify([sort, category, currency]);

/** Cursors signed with HMAC-SHA256, valid only for the sort and filters that they were issued for. */
const createCursors = (secret: string) => {
  const sign = (text: string, query: ProductQuery): string =>
    createHmac('sha256', secret).update(bindingOf(query)).update(text).digest('base64url');
  return {
    seal: (position: unknown, query: ProductQuery): string => {
      const text = Buffer.from(JSON.stringify(position)).toString('base64url');
      return `${text}.${sign(text, query)}`;
    },
    /** Undefined if the cursor was not issued for this query. */
    open: (cursor: string, query: ProductQuery) => {
      const [text = '', signature = ''] = cursor.split('.');
      const [given, expected] = [Buffer.from(signature), Buffer.from(sign(text, query))];
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      return positionSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    },
  };
};

const sqlOf = ({ sort, category, cursor }: ProductQuery): string => {
  const { column, direction, after } = orders[sort];
  return `select id, sku, name, category_id, currency, price_minor, in_stock, created_at
    from ${category === undefined ? 'products' : 'category_listings'}
    where currency = ?
    ${category === undefined ? '' : 'and listed_in = ?'}
    ${cursor === undefined ? '' : `and (${column}, id) ${after} (?, ?)`}
    order by ${column} ${direction}, id ${direction}
    limit ?`;
};

/** A page with the link to the next one; undefined if the cursor is not valid for this query. */
export type ReadPage = (query: ProductQuery, url: string) => ReturnType<typeof pageOf> | undefined;

const pageOf = (rows: readonly Row[], next: string | null, url: string) => {
  const link = new URL(url, 'http://localhost');
  if (next !== null) link.searchParams.set('cursor', next);
  return {
    body: { items: rows.map(toProduct), next_cursor: next },
    ...(next !== null && { link: `<${link.pathname}${link.search}>; rel="next"` }),
  };
};

/**
 * Reads pages of the lab's catalog by keyset, as a team would write it with better-sqlite3: one prepared statement for
 * each shape of query, one extra row, a signed cursor.
 */
export const openCatalog = (url: string, secret: string): ReadPage => {
  const database = new Sqlite(url.replace('sqlite:', ''), { readonly: true });
  const statements = new Map<string, Sqlite.Statement<unknown[], Row>>();
  const cursors = createCursors(secret);
  const prepare = (sql: string) => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = database.prepare<unknown[], Row>(sql);
    statements.set(sql, statement);
    return statement;
  };
  return (query, path) => {
    const { limit, cursor, sort, category, currency } = query;
    const after = cursor === undefined ? [] : cursors.open(cursor, query);
    if (after === undefined) return undefined;
    const listedIn = category === undefined ? [] : [category];
    const rows = prepare(sqlOf(query)).all(currency, ...listedIn, ...after, limit + 1);
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    const next = last ? cursors.seal([last[orders[sort].column], last.id], query) : null;
    return pageOf(shown, next, path);
  };
};
