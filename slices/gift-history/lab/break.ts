import { eachRowRead, openReadCounter, type Story } from '@lab/testing/story';
import { giftPage } from '../src/gift-list.ts';
import { type History, openHistory } from './history.ts';
import { naivePage, PAGE, writeCursor } from './naive-history.ts';
import { grantSome, removeSome, walk } from './walks.ts';

const GIFTS = 20_000;
const DEPTH = 9_000;
const ATTEMPTS = 20;

/** Reads a page deep in the whole history, and one deep in a user's history: the rows read by the worse of the two. */
const readDeepPages = async ({ db, path, refill }: History) => {
  await refill(GIFTS);
  const counter = openReadCounter(path);
  const reads = { naive: 0, ours: 0 };
  for (const filter of [{}, { userId: '1' }]) {
    const deep = naivePage(db, { ...filter, cursor: writeCursor(DEPTH) });
    const before = naivePage(db, { ...filter, cursor: writeCursor(DEPTH - 1) });
    const { created_at, id } = await before.executeTakeFirstOrThrow();
    const ours = giftPage(db, filter, { count: PAGE, after: [created_at, id] });
    reads.naive = Math.max(reads.naive, counter.rowsReadBy(deep.where(eachRowRead).compile()));
    reads.ours = Math.max(reads.ours, counter.rowsReadBy(ours.where(eachRowRead).compile()));
  }
  counter.close();
  return reads;
};

/** Changes one character of a cursor, at twenty positions, and counts the altered cursors that get a page. */
const alterCursors = async ({ db, get, ours }: History) => {
  const { next } = await ours({ userId: '1' });
  const issued = next ?? '';
  const taken = { naive: 0, ours: 0 };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const place = Math.floor((attempt * issued.length) / ATTEMPTS);
    const other = issued[place] === 'A' ? 'B' : 'A';
    const altered = issued.slice(0, place) + other + issued.slice(place + 1);
    const invented = await naivePage(db, { userId: '1', cursor: writeCursor(attempt) }).execute();
    if (invented.length > 0) taken.naive += 1;
    if ((await get({ user_id: '1', cursor: altered })).ok) taken.ours += 1;
  }
  return taken;
};

/** Uses the cursor of user 1's list for other lists, and counts those that answer with a page. */
const strayCursors = async ({ db, get, naive, ours }: History) => {
  const others = [{ userId: '2' }, {}, { userId: '1', from: '2026-01-01T00:00:00Z' }];
  const theirs = (await naive({ userId: '1' })).next ?? '';
  const issued = (await ours({ userId: '1' })).next ?? '';
  const taken = { naive: 0, ours: 0 };
  for (const { userId, from } of others) {
    const query = { ...(userId && { userId }), ...(from && { from }), cursor: theirs };
    if ((await naivePage(db, query).execute()).length > 0) taken.naive += 1;
    if ((await get({ user_id: userId, from, cursor: issued })).ok) taken.ours += 1;
  }
  return { ...taken, total: others.length };
};

/** Lists gifts from a tenth of a microsecond after a gift on: that gift itself is too early. */
const askBetweenMilliseconds = async ({ db, naive, ours, refill }: History) => {
  await refill(ATTEMPTS);
  const gifts = await db.selectFrom('gifts').selectAll().execute();
  const early = { naive: 0, ours: 0 };
  for (const { id, created_at } of gifts) {
    const from = new Date(created_at).toISOString().replace('Z', '0001Z');
    if ((await naive({ from })).ids.includes(id)) early.naive += 1;
    if ((await ours({ from })).ids.includes(id)) early.ours += 1;
  }
  return early;
};

const tell = async (history: History): Promise<Story> => {
  const { naive, ours } = history;
  const granting = {
    naive: await walk(history, naive, grantSome),
    ours: await walk(history, ours, grantSome),
  };
  const removing = {
    naive: await walk(history, naive, removeSome),
    ours: await walk(history, ours, removeSome),
  };
  const [repeated] = granting.naive.twice;
  const { total, ...stray } = await strayCursors(history);
  return {
    victim: {
      given: `gift ${Number(repeated?.slice(-12))} of 300; three gifts are granted between two pages`,
      naive: `on page ${granting.naive.pagesOf(repeated).join(' and again on page ')}`,
      ours: `on page ${granting.ours.pagesOf(repeated).join(' and again on page ')}`,
    },
    counts: [
      {
        what: 'shown twice, of 300 gifts, while others are granted',
        naive: granting.naive.twice.length,
        ours: granting.ours.twice.length,
      },
      {
        what: 'never shown, of 300 gifts, while others are removed',
        naive: removing.naive.never,
        ours: removing.ours.never,
      },
      { what: `altered cursors that got a page, of ${ATTEMPTS}`, ...(await alterCursors(history)) },
      { what: `other lists that accepted the cursor of user 1's list, of ${total}`, ...stray },
      {
        what: `gifts listed although they are older than "from", of ${ATTEMPTS}`,
        ...(await askBetweenMilliseconds(history)),
      },
      {
        what: `rows read for a page of ${PAGE} at depth 9,000, with or without a user`,
        ...(await readDeepPages(history)),
        atMost: PAGE,
      },
    ],
  };
};

export const breakNaive = async (): Promise<Story> => {
  const history = await openHistory();
  try {
    return await tell(history);
  } finally {
    await history.close();
  }
};
