/**
 * The promises of every list, each as a function that checks it over HTTP: limits, last pages, links, cursors that work
 * only for their own list, query and caller, and paging that returns each remaining row exactly once while others are
 * added and removed.
 */

import { choose, createSeededRandom, wholeBelow } from '../determinism/seeded-random.ts';
import type { FilledList, ListAnswer } from './filled-list.ts';
import { refusesForgedCursors } from './forged-cursors.ts';

/** Rejects with an error that names the request and the broken promise. */
export type ListCheck = (list: FilledList) => Promise<void>;

const MOST_PAGES = 1000;

const mustShow = (answer: ListAnswer, count: number): void => {
  const shown = answer.page().ids.length;
  if (shown !== count) throw new Error(`${answer.asked}: shows ${shown} items instead of ${count}`);
};

/** Throws if paging has dropped or repeated rows. */
const mustBeEachOnce = (walk: string, seen: readonly string[], lasting: readonly string[]): void => {
  const once = new Set(seen);
  const dropped = lasting.filter((id) => !once.has(id));
  const repeated = seen.filter((id, index) => seen.indexOf(id) !== index);
  if (dropped.length + repeated.length === 0) return;
  throw new Error(`${walk}: dropped [${dropped.join(' ')}], repeated [${repeated.join(' ')}]`);
};

const limits: ListCheck = async ({ queries, ids, askFor }) => {
  for (const query of queries) {
    mustShow(await askFor(query), Math.min(20, ids.length));
    for (const limit of [1, 40, 100]) mustShow(await askFor(query, { limit }), Math.min(limit, ids.length));
    const wrong = ['0', '101', '-1', '1.5', '1e1', '', 'ten', '020', '99999999999999999999'];
    for (const limit of wrong) (await askFor(query, { limit })).mustBe('400 invalid_request');
  }
};

const parameters: ListCheck = async ({ queries, askFor }) => {
  for (const query of queries) {
    (await askFor(query, { surprise: 1 })).mustBe('400 invalid_request');
    const { cursor } = (await askFor(query, { limit: 5 })).page();
    const once = new URLSearchParams(query);
    once.set('limit', '5');
    once.set('cursor', cursor ?? '');
    (await askFor(`${once}`)).mustBe('200');
    for (const [name, value] of once) {
      (await askFor(`${once}`, { [name]: value })).mustBe('400 invalid_request');
    }
  }
};

/** `Link` and `next_cursor` must agree: the requested URL with that cursor, or neither. */
const mustLink = (answer: ListAnswer): void => {
  const { cursor, next } = answer.page();
  const wanted = new URL(answer.asked, 'http://list');
  wanted.searchParams.set('cursor', cursor ?? '');
  const given = next === null ? null : new URL(next, wanted);
  wanted.searchParams.sort();
  given?.searchParams.sort();
  if (given?.href === (cursor === null ? undefined : wanted.href)) return;
  throw new Error(`${answer.asked}: the header Link is ${next}, next_cursor is ${cursor}`);
};

/** Follows the links from the first page to the last. */
const followLinks = async ({ ask, askFor }: FilledList, query: string, limit: number) => {
  const seen: string[] = [];
  let answer = await askFor(query, { limit });
  for (let pages = 1; pages <= MOST_PAGES; pages += 1) {
    mustLink(answer);
    const { ids, next } = answer.page();
    seen.push(...ids);
    if (next === null) return { seen, pages };
    answer = await ask(next);
  }
  throw new Error(`?${query} by ${limit}: no end after ${MOST_PAGES} pages`);
};

const ends: ListCheck = async (list) => {
  for (const query of list.queries) {
    for (const limit of [20, 40, 10, 7]) {
      const walk = `?${query} by ${limit}`;
      const { seen, pages } = await followLinks(list, query, limit);
      mustBeEachOnce(walk, seen, list.ids);
      const wanted = Math.ceil(list.ids.length / limit);
      if (pages !== wanted) throw new Error(`${walk}: ${pages} pages instead of ${wanted}`);
    }
  }
};

const boundCursors: ListCheck = async ({ queries, otherHeaders, askFor }) => {
  for (const query of queries) {
    const cursor = (await askFor(query, { limit: 5 })).page().cursor ?? '';
    mustShow(await askFor(query, { limit: 7, cursor }), 7);
    for (const other of queries.filter((each) => each !== query)) {
      (await askFor(other, { cursor })).mustBe('400 cursor_mismatch');
    }
    if (otherHeaders) (await askFor(query, { cursor }, otherHeaders)).mustBe('400 cursor_mismatch');
  }
};

const forgedCursors: ListCheck = async ({ queries: [query = ''], askFor }) => {
  const { cursor } = (await askFor(query, { limit: 5 })).page();
  await refusesForgedCursors(cursor ?? '', (forged) => askFor(query, { cursor: forged }));
};

/**
 * Reads the list in pages of random sizes. Between two pages, rows that are not in `list.ids` are added and removed.
 */
const walkAmidChange = async (list: FilledList, query: string, random: () => number, transient: string[]) => {
  const seen: string[] = [];
  let cursor: string | null | undefined;
  for (let pages = 0; cursor !== null; pages += 1) {
    if (pages === MOST_PAGES) throw new Error(`?${query}: no end after ${pages} pages`);
    const limit = 1 + wholeBelow(random, choose(random, [4, 30, 100]));
    const answer = await list.askFor(query, { limit, ...(cursor !== undefined && { cursor }) });
    const page = answer.page();
    if (page.ids.length > limit) throw new Error(`${answer.asked}: shows ${page.ids.length} items`);
    seen.push(...page.ids);
    cursor = page.cursor;
    transient.push(await list.insert(wholeBelow(random, 1000)));
    const [gone] = transient.splice(wholeBelow(random, transient.length), transient.length > 8 ? 1 : 0);
    if (gone !== undefined) await list.remove(gone);
  }
  return seen;
};

const changingRows: ListCheck = async (list) => {
  for (const query of list.queries) {
    const random = createSeededRandom(20_261_121);
    const transient: string[] = [];
    for (let walks = 0; walks < (list.walks ?? 10); walks += 1) {
      const seen = await walkAmidChange(list, query, random, transient);
      mustBeEachOnce(`?${query}, amid changes`, seen, list.ids);
    }
  }
};

/** The promises by name, worded as test names. */
export const listChecks = {
  'accepts a limit of 1 to 100, by default 20': limits,
  'refuses unknown and repeated parameters': parameters,
  'links each page to the next, and ends correctly even at a multiple of the limit': ends,
  'refuses cursors of another sort, filter or caller': boundCursors,
  'refuses altered cursors': forgedCursors,
  'returns each remaining row exactly once while others are added and removed': changingRows,
} as const satisfies Readonly<Record<string, ListCheck>>;
