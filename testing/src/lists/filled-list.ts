import type { App } from '@lab/shared/http';
import { z } from 'zod';
import { startApp } from '../http/start-app.ts';
import type { TestResponse } from '../http/test-client.ts';

/** A list over a new empty table. */
export interface OpenList {
  readonly app: App;
  /**
   * Adds a row that all of the queries list, and resolves with the `id` of its item. Many rows should share sort keys.
   * `index` counts from 0.
   */
  readonly insert: (index: number) => Promise<string>;
  readonly remove: (id: string) => Promise<void>;
}

/** How to query a list. */
export interface ListUnderTest {
  readonly path: string;
  /** Sorts and filters as query strings, `''` for none. Each query must refuse the cursors of the others. */
  readonly queries: readonly string[];
  /** Headers of a caller who may see all rows. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Headers of another caller, if cursors are bound to their caller. */
  readonly otherHeaders?: Readonly<Record<string, string>>;
  /** Passes through the list per query (default 10). */
  readonly walks?: number;
}

interface ShownPage {
  readonly ids: readonly string[];
  readonly cursor: string | null;
  /** The URL of the next page in `Link`; null if there is none. */
  readonly next: string | null;
}

/** A response of the list. Its methods throw errors that name the request. */
export interface ListAnswer {
  readonly asked: string;
  /** `200`, or the status and code of a problem: `400 invalid_cursor`. */
  readonly outcome: string;
  readonly page: () => ShownPage;
  readonly mustBe: (outcome: string) => void;
}

type Ask = (path: string, headers?: Readonly<Record<string, string>>) => Promise<ListAnswer>;

/** A list with rows in it, and functions to request its pages. */
export interface FilledList extends Omit<OpenList, 'app'>, Omit<ListUnderTest, 'headers'> {
  readonly ids: readonly string[];
  readonly ask: Ask;
  /** Requests the path with a query and further parameters. */
  readonly askFor: (
    query: string,
    parameters?: Readonly<Record<string, string | number>>,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<ListAnswer>;
}

/** What names an item: its `id`, or the `sku` of rows that have no other name. */
const itemId = z.union([
  z.looseObject({ id: z.union([z.string(), z.int()]) }).transform(({ id }) => String(id)),
  z.looseObject({ sku: z.string() }).transform(({ sku }) => sku),
]);

const pageSchema = z.object({
  items: z.array(itemId),
  next_cursor: z.string().nullable(),
});
const problemCode = z.object({ code: z.string() });

const nextOf = (asked: string, link: string | null): string | null => {
  if (link === null) return null;
  const [, next] = /^<([^>]+)>; rel="next"$/.exec(link) ?? [];
  if (next === undefined) throw new Error(`${asked}: the header Link has no next page: ${link}`);
  return next;
};

const answerOf = (asked: string, { status, headers, body }: TestResponse): ListAnswer => {
  const { code } = problemCode.safeParse(body).data ?? {};
  const outcome = code === undefined ? String(status) : `${status} ${code}`;
  const mustBe = (wanted: string): void => {
    if (outcome !== wanted) throw new Error(`${asked}: answered ${outcome} instead of ${wanted}`);
  };
  return {
    asked,
    outcome,
    mustBe,
    page: () => {
      mustBe('200');
      const { data } = pageSchema.safeParse(body);
      if (!data) throw new Error(`${asked}: the response is not a page of items with ids`);
      return { ids: data.items, cursor: data.next_cursor, next: nextOf(asked, headers.get('link')) };
    },
  };
};

/** Serves a list and fills it with rows. */
export const fillList = async (
  { headers: own = {}, ...list }: ListUnderTest,
  { app, insert, remove }: OpenList,
  rows = 40,
): Promise<FilledList> => {
  const server = await startApp(app);
  const ids: string[] = [];
  for (let index = 0; index < rows; index += 1) ids.push(await insert(index));
  const ask: Ask = async (path, headers = own) =>
    answerOf(path, await server.request('GET', path, { headers }));
  return {
    ...list,
    ids,
    insert,
    remove,
    ask,
    askFor: (query, parameters = {}, headers) => {
      const added = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
      return ask(`${list.path}?${[...(query ? [query] : []), ...added].join('&')}`, headers);
    },
  };
};
