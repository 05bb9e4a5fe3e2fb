import type { History, ReadPage } from './history.ts';
import { PAGE } from './naive-history.ts';

const GIFTS = 300;
const CHANGES = 3;

type Change = (history: History, shown: readonly string[]) => Promise<void>;

export const grantSome: Change = (history) => history.grant(CHANGES);

/** Removes gifts that were already shown, which must not affect the rest of the walk. */
export const removeSome: Change = async ({ db }, shown) => {
  await db.deleteFrom('gifts').where('id', 'in', shown.slice(-CHANGES)).execute();
};

/** Reads a history of 300 gifts to the end, with a change after each page. */
export const walk = async (history: History, readPage: ReadPage, change: Change) => {
  await history.refill(GIFTS);
  const there = await history.db.selectFrom('gifts').select('id').orderBy('id', 'desc').execute();
  const shown: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const { ids, next } = await readPage(cursor === undefined ? {} : { cursor });
    shown.push(...ids);
    if (next === null) break;
    cursor = next;
    await change(history, shown);
  }
  const known = new Set(shown);
  return {
    total: there.length,
    shown,
    twice: shown.filter((id, index) => shown.indexOf(id) < index),
    never: there.filter(({ id }) => !known.has(id)).length,
    /** The numbers of the pages that showed a gift, starting at 1. */
    pagesOf: (id: string | undefined): readonly number[] =>
      shown.flatMap((other, index) => (other === id ? [1 + Math.floor(index / PAGE)] : [])),
  };
};
