/**
 * What every list promises, as tests over HTTP on both engines: limits, ends, links, cursors that are nobody else's,
 * and walks in which each lasting row comes exactly once while others come and go.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { App } from '../http/app.ts';
import { type DatabaseEngine, eachDatabase } from './databases.ts';
import { checkForgedCursors } from './forged-cursors.ts';
import { choose, createSeededRandom, wholeBelow } from './seeded-random.ts';
import { startApp } from './start-app.ts';
import type { TestResponse } from './test-client.ts';

/** A list over an empty table of its own. */
export interface OpenList {
  readonly app: App;
  /**
   * Adds a row that every one of the queries lists, and resolves with the `id` of its item. Rows should share sort
   * keys often; `index` counts from 0.
   */
  readonly insert: (index: number) => Promise<string>;
  readonly remove: (id: string) => Promise<void>;
}

export interface ListConformance {
  readonly path: string;
  /** Sorts and filters, as query strings, `''` for none: of each two one must refuse the other's cursors. */
  readonly queries: readonly string[];
  readonly open: (engine: DatabaseEngine) => Promise<OpenList>;
  /** Headers of a caller to whom all rows are shown. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Headers of another caller, where a cursor is bound to its caller. */
  readonly otherHeaders?: Readonly<Record<string, string>>;
  /** Walks per query and engine (default 10). */
  readonly walks?: number;
}

const pageSchema = z.object({
  items: z.array(z.looseObject({ id: z.string() })),
  next_cursor: z.string().nullable(),
});
const problemCode = z.object({ code: z.string() });

const pageOf = ({ status, body }: TestResponse) => {
  expect(status).toBe(200);
  return pageSchema.parse(body);
};

const idsOf = (response: TestResponse): string[] => pageOf(response).items.map(({ id }) => id);

const codeOf = ({ status, body }: TestResponse): string =>
  `${status} ${problemCode.safeParse(body).data?.code}`;

const linkOf = ({ headers }: TestResponse): string | undefined =>
  /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];

/** A list with rows in it, and a way to ask for its pages. */
const fill = async (list: ListConformance, engine: DatabaseEngine, rows: number) => {
  const { app, insert, remove } = await list.open(engine);
  const server = await startApp(app);
  const ids: string[] = [];
  for (let index = 0; index < rows; index += 1) ids.push(await insert(index));
  const { headers = {} } = list;
  const ask = (path: string, as = headers) => server.request('GET', path, { headers: as });
  const page = (query: string, parameters: Record<string, string | number>, as = headers) => {
    const own = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    return ask(`${list.path}?${[...(query ? [query] : []), ...own].join('&')}`, as);
  };
  return { ids, insert, remove, ask, page };
};

type Filled = Awaited<ReturnType<typeof fill>>;

/** One walk in pages of random sizes; between two pages rows that are not `lasting` are added and removed. */
const walk = async (list: Filled, query: string, random: () => number, transient: string[]) => {
  const seen: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const limit = 1 + wholeBelow(random, choose(random, [4, 30, 100]));
    const response = await list.page(query, { limit, ...(cursor !== undefined && { cursor }) });
    const page = pageOf(response);
    expect(page.items.length).toBeLessThanOrEqual(limit);
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.next_cursor;
    transient.push(await list.insert(wholeBelow(random, 1000)));
    const [gone] = transient.splice(wholeBelow(random, transient.length), transient.length > 8 ? 1 : 0);
    if (gone !== undefined) await list.remove(gone);
  }
  return seen;
};

const endsAndLinks = (list: ListConformance, filled: () => Filled): void => {
  it('takes a limit of 1 to 100, and 20 unless told', async () => {
    const { page } = filled();
    expect(idsOf(await page('', {}))).toHaveLength(20);
    for (const limit of [1, 40, 100]) {
      expect(idsOf(await page('', { limit }))).toHaveLength(Math.min(limit, 40));
    }
    const wrong = ['0', '101', '-1', '1.5', '1e1', '', 'ten', '020', '99999999999999999999'];
    for (const limit of wrong) expect(codeOf(await page('', { limit }))).toBe('400 invalid_request');
    expect(codeOf(await page('limit=1', { limit: 1 }))).toBe('400 invalid_request');
  });

  it.each(list.queries)('ends at a multiple of the limit as anywhere else: ?%s', async (query) => {
    const { ids, page, ask } = filled();
    for (const limit of [20, 40, 10, 7]) {
      const seen: string[] = [];
      let pages = 0;
      let next: string | undefined;
      do {
        const response = next === undefined ? await page(query, { limit }) : await ask(next);
        seen.push(...idsOf(response));
        pages += 1;
        next = linkOf(response);
        const cursor = next && new URLSearchParams(next.slice(next.indexOf('?'))).get('cursor');
        expect(pageOf(response).next_cursor).toBe(cursor ?? null);
        expect(response.headers.has('link')).toBe(next !== undefined);
      } while (next !== undefined);
      expect(seen.toSorted()).toEqual(ids.toSorted());
      expect(pages).toBe(Math.ceil(ids.length / limit));
    }
  });
};

const boundCursors = (list: ListConformance, filled: () => Filled): void => {
  it('continues no walk of another sort, filter or caller', async () => {
    const { page } = filled();
    for (const query of list.queries) {
      const { next_cursor } = pageOf(await page(query, { limit: 5 }));
      const cursor = next_cursor ?? '';
      expect(codeOf(await page(query, { limit: 7, cursor }))).toBe('200 undefined');
      for (const other of list.queries.filter((each) => each !== query)) {
        expect(codeOf(await page(other, { cursor })), `${query} -> ${other}`).toBe('400 cursor_mismatch');
      }
      if (!list.otherHeaders) continue;
      const stolen = await page(query, { cursor }, list.otherHeaders);
      expect(codeOf(stolen)).toBe('400 cursor_mismatch');
    }
  });

  it('takes no cursor of which any one byte was changed', async () => {
    const { page } = filled();
    const query = list.queries[0] ?? '';
    const { next_cursor: cursor } = pageOf(await page(query, { limit: 5 }));
    await checkForgedCursors(cursor ?? '', async (forged) => codeOf(await page(query, { cursor: forged })));
  });
};

/** Registers the tests of one list. */
export const listConformance = (list: ListConformance): void => {
  describe(`the list ${list.path}`, () => {
    eachDatabase((engine) => {
      let opened: Filled | undefined;
      const filled = (): Filled => {
        if (opened === undefined) throw new Error('the list is not open');
        return opened;
      };
      beforeEach(async () => {
        opened = await fill(list, engine, 40);
      });
      endsAndLinks(list, filled);
      boundCursors(list, filled);

      it.each(list.queries)('shows each lasting row once, whatever comes and goes: ?%s', async (query) => {
        const random = createSeededRandom(20_261_121);
        const lasting = new Set(filled().ids);
        const transient: string[] = [];
        for (let walks = 0; walks < (list.walks ?? 10); walks += 1) {
          const seen = await walk(filled(), query, random, transient);
          expect(seen.filter((id) => lasting.has(id)).toSorted()).toEqual([...lasting].toSorted());
          expect(new Set(seen).size).toBe(seen.length);
        }
      });
    });
  });
};
